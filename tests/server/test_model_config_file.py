from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, VersionPolicy
from wish_tf.server.model_config_file import read_model_config_file

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
        ("model_config_list { config { nam: 'm' } }", "got a fault at line:column 1:"),
        (
            f"model_config_list {{ config {{ {HEAD} }} config {{ {HEAD} }} }}",
            "^Illegal to list model m multiple times in config list$",
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
            r"^Expected model m to have an absolute path or URI; got base_path\(\)=m$",
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


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_model_config_file(tmp_path / "nope")
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read: it is not UTF-8 text"):
        read_model_config_file(tmp_path / "bytes")
