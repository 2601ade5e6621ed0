from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, VersionPolicy
from wish_tf.server.model_config import read_model_config_file

HEAD = 'name: "m" base_path: "/models/m" model_platform: "tensorflow"'


def _read(tmp_path: Path, text: str) -> list[ModelConfig]:
    file = tmp_path / "models.config"
    file.write_text(text)
    return read_model_config_file(file)


def test_all_that_can_be_said_of_a_model(tmp_path: Path):
    text = f"""
        # Two models.
        model_config_list {{
          config {{
            {HEAD}
            model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
            version_labels {{ key: "stable" value: 1 }}
            version_labels {{ key: "canary" value: 2 }}
          }}
          config {{ name: "n" base_path: "/n" model_platform: "tensorflow" }}
        }}
    """
    policy = VersionPolicy(specific=frozenset({1, 2}))
    labels = {"stable": 1, "canary": 2}
    assert _read(tmp_path, text) == [
        ModelConfig("m", Path("/models/m"), policy, labels),
        ModelConfig("n", Path("/n"), VersionPolicy(latest=1)),
    ]


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("latest { num_versions: 3 }", VersionPolicy(latest=3)),
        ("latest {}", VersionPolicy(latest=1)),
        ("all {}", VersionPolicy(every=True)),
    ],
)
def test_policies(tmp_path: Path, text: str, policy: VersionPolicy):
    entry = f"config {{ {HEAD} model_version_policy {{ {text} }} }}"
    (config,) = _read(tmp_path, f"model_config_list {{ {entry} }}")
    assert config.policy == policy


def test_the_old_way_to_give_the_platform(tmp_path: Path):
    entry = 'config { name: "m" base_path: "/m" model_type: TENSORFLOW }'
    (config,) = _read(tmp_path, f"model_config_list {{ {entry} }}")
    assert config.name == "m"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a model_config_list in .*; got an empty config"),
        ("custom_model_config {}", "got custom_model_config"),
        ("model_config_list { config { nam: 'm' } }", "got in line 1"),
        (
            f"model_config_list {{ config {{ {HEAD} }} config {{ {HEAD} }} }}",
            "expected each model once; got m twice",
        ),
        (
            'model_config_list { config { name: "m" base_path: "/m" } }',
            "expected model_platform: 'tensorflow' for model m; got ''",
        ),
        (
            'model_config_list { config { name: "m" base_path: "/m" '
            'model_platform: "onnx" } }',
            "got 'onnx'",
        ),
        (
            'model_config_list { config { name: "m" base_path: "m" '
            'model_platform: "tensorflow" } }',
            "expected an absolute base_path for model m; got 'm'",
        ),
        (
            'model_config_list { config { base_path: "/m" '
            'model_platform: "tensorflow" } }',
            "expected a name for the model; got an empty one",
        ),
        (
            f"model_config_list {{ config {{ {HEAD} "
            "model_version_policy { specific {} } } }",
            "expected at least one version in the policy `specific`; got none",
        ),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        _read(tmp_path, text)


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
