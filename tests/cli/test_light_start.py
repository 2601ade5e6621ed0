import subprocess
import sys

import pytest

from wish_tf import cli

COMMANDS = [
    module.__name__.removeprefix("wish_tf.cli.").replace("_", "-")
    for module in cli.COMMANDS
]


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    "code",
    [
        "import wish_tf",
        "import wish_tf.cli",
        "import wish_tf; wish_tf.HammingIndex(4)",
    ],
)
def test_tensorflow_is_not_started(code):
    assert run(f"{code}; import sys; print('tensorflow' in sys.modules)") == "False\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    from wish_tf.cli import main

    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert f"wish-tf {command}" in capsys.readouterr().out


def test_every_exported_name_is_there():
    import wish_tf

    for name in (*wish_tf.__all__, *wish_tf._SUBPACKAGES):
        assert getattr(wish_tf, name) is not None
    assert set(wish_tf.__all__) <= set(dir(wish_tf))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = wish_tf.nothing


def test_usage_errors_exit_with_2():
    from wish_tf.cli import main

    with pytest.raises(SystemExit) as exit_:
        main(["train"])
    assert exit_.value.code == 2
