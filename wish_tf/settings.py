"""Settings that are checked when they are made, and written and read by name."""

from __future__ import annotations

import dataclasses
import json
import math
import types
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from wish_tf.errors import InputError

Self = TypeVar("Self", bound="Settings")


@dataclass(frozen=True)
class Range:
    """The numbers that a setting may be.

    Attributes:
        least: the smallest.
        most: the largest.
    """

    least: float = -math.inf
    most: float = math.inf

    def __str__(self) -> str:
        if self.most == math.inf:
            return f"at least {self.least:g}"
        return f"from {self.least:g} to {self.most:g}"


Count: TypeAlias = Annotated[int, Range(1)]
Number: TypeAlias = Annotated[int, Range(0)]
Share: TypeAlias = Annotated[float, Range(0, 1)]
Weight: TypeAlias = Annotated[float, Range(0)]
# Greater than 0: what a logarithm is taken of, or is divided by.
Positive: TypeAlias = Annotated[float, Range(1e-12)]


class Settings:
    """What a frozen dataclass of settings inherits.

    A field is a number, a bool, a string, a tuple of these, further settings or, if
    its type says so, None. Its type is checked when an object is made; lists become
    tuples, so that what JSON gives is taken.

    Raises:
        InputError: when a value is of another type, or out of its range.
    """

    # Of a family of settings of which one is chosen: their classes by name. What is
    # written has the `name`, and what is read is of the class of that name.
    kinds: ClassVar[dict[str, type[Settings]] | None] = None
    name: ClassVar[str]

    def __post_init__(self) -> None:
        for field, kind in _kinds_of_fields(type(self)).items():
            where = f"{type(self).__name__}.{field}"
            object.__setattr__(self, field, _checked(kind, getattr(self, field), where))

    def to_json(self) -> dict[str, Any]:
        """Returns JSON values, from which `from_json` makes an equal object."""
        named = {} if self.kinds is None else {"name": self.name}
        return named | {
            field: _as_json(getattr(self, field))
            for field in _kinds_of_fields(type(self))
        }

    @classmethod
    def from_json(cls: type[Self], values: Mapping[str, Any]) -> Self:
        """Returns the settings that `to_json` wrote; what is missing has its default.

        Raises:
            InputError: when there is no setting of a name, or a value does not fit.
        """
        if not isinstance(values, Mapping):
            raise InputError(f"expected settings as an object; got {values!r}")
        values = dict(values)
        if cls.kinds is not None:
            name = values.pop("name", None)
            if name not in cls.kinds:
                raise InputError(
                    f"expected the name of a {cls.__name__.lower()}, one of "
                    f"{', '.join(cls.kinds)}; got {name!r}"
                )
            cls = cls.kinds[name]  # type: ignore[assignment]
        known = _kinds_of_fields(cls)
        for field in values:
            if field not in known:
                raise InputError(
                    f"expected a setting of {cls.__name__}: {', '.join(known)}; "
                    f"got {field!r}"
                )
        return cls(**values)

    def with_setting(self: Self, path: str, value: Any) -> Self:
        """Returns a copy with one setting changed.

        Args:
            path: names from the outside in, such as `"strategy.space.decoders"`.
            value: as JSON has it.

        Raises:
            InputError: when there is no such setting, or the value does not fit.
        """
        values = self.to_json()
        part, *inner = path.split(".")
        if part in values and inner:
            own = getattr(self, part)
            if own is None:  # Which settings these are, the class knows.
                for name in reversed(inner):
                    value = {name: value}
            elif isinstance(own, Settings):
                value = own.with_setting(".".join(inner), value).to_json()
            else:
                raise InputError(
                    f"expected {part} to have settings of its own; it is {own!r}, "
                    f"got {path!r}"
                )
        return self.from_json({**values, part: value})

    def assigned(self: Self, text: str) -> Self:
        """Returns a copy changed by `PATH=VALUE`, as on a command line.

        Args:
            text: the value is JSON, or else a string.

        Raises:
            InputError: as `with_setting`, or when there is no "=".
        """
        path, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"expected PATH=VALUE; got {text!r}")
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        return self.with_setting(path.strip(), parsed)


def _kinds_of_fields(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _as_json(value: Any) -> Any:
    if isinstance(value, Settings):
        return value.to_json()
    return list(value) if isinstance(value, tuple) else value


def _checked(kind: Any, value: Any, where: str) -> Any:
    """Returns a value as a field of a type holds it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        value, bounds = _checked(inner[0], value, where), inner[1]
        if not bounds.least <= value <= bounds.most:
            raise InputError(f"expected {where} {bounds}; got {value!r}")
        return value
    if origin in (Union, types.UnionType):
        if value is None and types.NoneType in inner:
            return None
        *others, last = [each for each in inner if each is not types.NoneType]
        for each in others:
            with suppress(InputError):
                return _checked(each, value, where)
        return _checked(last, value, where)
    if origin is Literal:
        if value in inner:
            return value
        raise InputError(f"expected {where} as one of {inner}; got {value!r}")
    if origin is tuple:
        of_any_length = inner[-1] is Ellipsis
        if isinstance(value, (list, tuple)) and (
            of_any_length or len(value) == len(inner)
        ):
            kinds = inner[:1] * len(value) if of_any_length else inner
            return tuple(
                _checked(each, item, f"{where}[{i}]")
                for i, (each, item) in enumerate(zip(kinds, value, strict=True))
            )
        wanted = "a list" if of_any_length else f"a list of {len(inner)}"
        raise InputError(f"expected {where} as {wanted}; got {value!r}")
    if issubclass(kind, Settings):
        return value if isinstance(value, kind) else kind.from_json(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    right = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
    if not right or (kind is float and not math.isfinite(value)):
        raise InputError(f"expected {where} as {kind.__name__}; got {value!r}")
    return value
