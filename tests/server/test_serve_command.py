"""The arguments of `wish-tf serve`; the server itself is in test_run.py."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import pytest

from wish_tf.cli import serve
from wish_tf.errors import InputError
from wish_tf.server import Limits, ModelConfig, ServerOptions
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.server_options import default_batching

TF_SERVING_FLAGS = """
    --port --rest_api_port --rest_api_timeout_in_ms --rest_api_enable_cors_support
    --rest_api_num_threads --grpc_max_threads --model_name --model_base_path
    --model_config_file --model_config_file_poll_wait_seconds
    --file_system_poll_wait_seconds --enable_model_warmup --enable_batching
    --batching_parameters_file --monitoring_config_file
    --allow_version_labels_for_unavailable_models
""".split()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    serve.add_parser(parser.add_subparsers())
    return parser


def _options(*arguments: str) -> ServerOptions:
    return serve.read_options(_parser().parse_args(["serve", *arguments]))


def test_defaults():
    options = _options("saved_models/m")
    assert options == ServerOptions(
        ModelConfig("wish", Path("saved_models/m")), batching=default_batching(65_536)
    )
    ports = (options.host, options.port, options.rest_api_port)
    assert ports == ("127.0.0.1", 8500, 8501)


def test_both_spellings():
    assert _options("m", "--rest-api-port", "0").rest_api_port == 0
    assert _options("m", "--rest_api_port=0").rest_api_port == 0
    assert _options("m", "--name", "n").model.name == "n"
    assert _options("--model_name=n", "--model_base_path=/m").model == ModelConfig(
        "n", Path("/m")
    )


def test_switches_as_in_tf_serving():
    assert _options("m", "--rest_api_enable_cors_support").rest_api_enable_cors_support
    assert not _options("m", "--enable_model_warmup=false").enable_model_warmup
    assert _options("m", "--enable_batching=false").batching is None
    assert _options("m", "--enable_batching", "true").batching is not None


def test_the_page():
    assert _options("m").enable_page and _options("m").indexes == ()
    assert not _options("m", "--enable_page=false").enable_page
    given = _options("m", "--index", "a.index", "--index=b.index").indexes
    assert given == (Path("a.index"), Path("b.index"))


def test_limits():
    names = [field.name for field in dataclasses.fields(Limits)]
    given = {name: number for number, name in enumerate(names, start=10)}
    options = _options("m", *(f"--{name}={number}" for name, number in given.items()))
    assert options.limits == Limits(**given)
    assert options.batching.max_batch_size == options.limits.max_batch_size


def test_files(tmp_path: Path):
    batching = tmp_path / "batching"
    batching.write_text("max_batch_size { value: 9 }")
    monitoring = tmp_path / "monitoring"
    monitoring.write_text("prometheus_config { enable: true path: '/p' }")
    token = tmp_path / "token"
    token.write_text("s3cret")
    options = _options(
        "m",
        f"--batching_parameters_file={batching}",
        f"--monitoring_config_file={monitoring}",
        f"--token_file={token}",
    )
    assert options.batching == BatchingParameters(max_batch_size=9)
    assert (options.monitoring.enable, options.monitoring.path) == (True, "/p")
    assert options.token.accepts("Bearer s3cret")
    config = tmp_path / "models.config"
    options = _options("--model_config_file", str(config))
    assert (options.model, options.model_config_file) == (None, config)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected one of MODEL, .*; got none"),
        (["m", "--model_base_path", "n"], "got 2"),
        (["m", "--model_config_file", "f"], "got 2"),
        (["--model_config_file", "f", "--name", "n"], "got --model_name too"),
        (["m", "--ssl_certfile", "c"], "got only --ssl_certfile"),
        (["m", "--ssl_keyfile", "k"], "got only --ssl_keyfile"),
        (["m", "--token_file", "nope"], "expected a file with a token; got nope"),
        (
            ["m", "--enable_batching=false", "--batching_parameters_file", "f"],
            "got --enable_batching=false",
        ),
        (["m", "--enable_page=false", "--index", "i"], "expected --enable_page with"),
        (["m", "--port", "8501"], "expected two ports .* got 8501 for both"),
        (["m", "--port", "65536"], "expected a port from 0 to 65535; got 65536"),
        (["m", "--max_json_items", "0"], "at least 1 as max_json_items; got 0"),
        (["m", "--grpc_max_threads", "0"], "at least 1 as grpc_max_threads; got 0"),
        (["m", "--model_name", ""], "expected a name for the model"),
    ],
)
def test_bad_arguments(arguments: list[str], message: str):
    with pytest.raises(InputError, match=message):
        _options(*arguments)


def test_a_switch_is_true_or_false(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        _options("m", "--enable_batching=maybe")
    assert "expected true or false; got maybe" in capsys.readouterr().err


def test_help_names_tf_servings_flags(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        _options("--help")
    text = capsys.readouterr().out
    assert [flag for flag in TF_SERVING_FLAGS if flag not in text] == []


def test_options_need_one_source_of_models():
    with pytest.raises(InputError, match="got neither"):
        ServerOptions()
    with pytest.raises(InputError, match="got both"):
        ServerOptions(ModelConfig("m", Path("m")), Path("models.config"))
