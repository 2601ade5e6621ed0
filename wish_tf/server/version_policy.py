"""Which of the versions in a model's folder are to be served."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from wish_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class VersionPolicy:
    """TF-Serving's `model_version_policy`.

    Without arguments: the newest version. Not more than one of the attributes
    may be given.

    Attributes:
        latest: How many of the newest versions.
        specific: The versions with these numbers.
        every: All versions.
    """

    latest: int | None = None
    specific: frozenset[int] = frozenset()
    every: bool = False

    def __post_init__(self) -> None:
        given = (self.latest is not None) + bool(self.specific) + self.every
        if given > 1:
            raise InputError(f"expected one version policy; got {given}")
        if self.latest is not None and self.latest < 1:
            raise InputError(
                f"expected at least one version in the policy `latest`; got "
                f"{self.latest}"
            )

    def choose(self, versions: Iterable[int]) -> set[int]:
        """The versions to serve of those there are.

        Args:
            versions: Numbers of the versions in the folder.

        Returns:
            A subset of them. A specific version that is not there is left out.
        """
        there = set(versions)
        if self.every:
            return there
        if self.specific:
            return there & self.specific
        count = 1 if self.latest is None else self.latest
        return set(sorted(there, reverse=True)[:count])
