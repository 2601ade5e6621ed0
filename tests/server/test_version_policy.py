from __future__ import annotations

import pytest

from wish_tf.errors import InputError
from wish_tf.server import VersionPolicy

VERSIONS = [2, 11, 3, 1]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (VersionPolicy(), {11}),
        (VersionPolicy(latest=2), {11, 3}),
        (VersionPolicy(latest=9), {1, 2, 3, 11}),
        (VersionPolicy(specific=frozenset({2, 7})), {2}),
        (VersionPolicy(every=True), {1, 2, 3, 11}),
    ],
)
def test_the_policy_chooses_versions(policy: VersionPolicy, expected: set[int]):
    assert policy.choose(VERSIONS) == expected
    assert policy.choose([]) == set()


def test_bad_policies():
    with pytest.raises(InputError, match="expected one version policy; got 2"):
        VersionPolicy(latest=1, every=True)
    with pytest.raises(InputError, match="at least one version .* got 0"):
        VersionPolicy(latest=0)
