from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, VersionPolicy
from wish_tf.server.model_config import read_model_config_file

HEAD = 'name: "m" base_path: "/models/m" model_platform: "tensorflow"'


def _read(tmp_path: Path, *entries: str) -> list[ModelConfig]:
    file = tmp_path / "models.config"
    models = " ".join(f"config {{ {entry} }}" for entry in entries)
    file.write_text(f"# Models.\nmodel_config_list {{ {models} }}")
    return read_model_config_file(file)


@pytest.mark.parametrize(
    ("entry", "policy", "labels"),
    [
        (
            "model_version_policy { specific { versions: 1 versions: 2 } } "
            'version_labels { key: "a" value: 1 } version_labels { key: "b" value: 2 }',
            VersionPolicy(specific=frozenset({1, 2})),
            {"a": 1, "b": 2},
        ),
        ("", VersionPolicy(latest=1), {}),
        (
            "model_version_policy { latest { num_versions: 3 } }",
            VersionPolicy(latest=3),
            {},
        ),
        ("model_version_policy { latest {} }", VersionPolicy(latest=1), {}),
        ("model_version_policy { all {} }", VersionPolicy(every=True), {}),
    ],
)
def test_what_can_be_said_of_a_model(tmp_path: Path, entry: str, policy, labels):
    old = 'name: "n" base_path: "/n" model_type: TENSORFLOW'
    assert _read(tmp_path, f"{HEAD} {entry}", old) == [
        ModelConfig("m", Path("/models/m"), policy, labels),
        ModelConfig("n", Path("/n"), VersionPolicy(latest=1)),
    ]


@pytest.mark.parametrize(
    ("entries", "got"),
    [
        (["nam: 'm'"], "line 2"),
        ([HEAD, HEAD], "m twice"),
        (['name: "m" base_path: "/m"'], "''"),
        (['name: "m" base_path: "/m" model_platform: "onnx"'], "'onnx'"),
        (['name: "m" base_path: "m" model_platform: "tensorflow"'], "'m'"),
        (['base_path: "/m" model_platform: "tensorflow"'], "an empty one"),
        ([f"{HEAD} model_version_policy {{ specific {{}} }}"], "none"),
    ],
)
def test_bad_files(tmp_path: Path, entries: list[str], got: str):
    with pytest.raises(InputError, match=f"^expected .*; got .*{got}"):
        _read(tmp_path, *entries)


def test_files_of_another_kind(tmp_path: Path):
    for text in ("", "custom_model_config {}"):
        (tmp_path / "file").write_text(text)
        with pytest.raises(InputError, match="expected a model_config_list"):
            read_model_config_file(tmp_path / "file")


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
    assert policy.choose([2, 11, 3, 1]) == expected
    assert policy.choose([]) == set()


@pytest.mark.parametrize("given", [{"latest": 1, "every": True}, {"latest": 0}])
def test_bad_policies(given: dict):
    with pytest.raises(InputError, match="^expected .* got"):
        VersionPolicy(**given)
