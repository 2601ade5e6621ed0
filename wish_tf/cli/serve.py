"""wish-tf serve: TF-Serving's interfaces without TF-Serving."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import Subparsers, start_tensorflow
from wish_tf.cli.numbers import duration
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.server import ModelConfig, ServerOptions
    from wish_tf.server.batching_parameters import BatchingParameters

_DESCRIPTION = """\
Serves the newest version of a SavedModel, by REST (POST /v1/models/NAME:predict,
GET /v1/models/NAME) and by gRPC, as TensorFlow Serving does. A version that
appears in the model's folder is loaded while the old one serves, and takes over.
At / is a web page that shows the bits of a text, and with --index its neighbours.

The flags have TF-Serving's names; all of them may be written with - for _.
"""
_EPILOG = """\
TF-Serving has none of the limits but the time of a run. A request beyond one gets
status 400 (INVALID_ARGUMENT), or 504 (DEADLINE_EXCEEDED) if it takes too long.
Without --token_file anyone who can reach the ports can use the models: the server
listens on this machine only unless --host says otherwise.
"""


def _bool(text: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError(f"expected true or false; got {text}")
    return values[text.lower()]


# How the types of attributes are given on the command line.
_SETTINGS: dict[Any, dict[str, Any]] = {
    "bool": {"type": _bool, "nargs": "?", "const": True, "metavar": "true|false"},
    "int": {"type": int, "metavar": "N"},
    "float": {"type": duration, "metavar": "S"},
    "str": {},
    "Path | None": {"type": Path, "metavar": "FILE"},
}


def add_parser(subparsers: Subparsers) -> None:
    # Here, since they take TensorFlow's time: `serve` is one command of many.
    parser = subparsers.add_parser(
        "serve",
        help="answer TF-Serving's REST and gRPC requests",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    from wish_tf.server import Limits, ServerOptions

    models = parser.add_argument_group("models (one of MODEL and --model_config_file)")
    models.add_argument("model", metavar="MODEL", nargs="?", help="saved_models/NAME")
    _add(models, "model_base_path", metavar="DIR", help="another way to give MODEL")
    models.add_argument(
        "--name",
        "--model_name",
        "--model-name",
        help="model name in requests (default: wish)",
    )
    _add_fields(parser.add_argument_group("the server"), ServerOptions)
    _add_parts(parser.add_argument_group("access, batching, metrics and the page"))
    _add_fields(parser.add_argument_group("safe limits"), Limits)
    parser.set_defaults(run=run)


def _add(group: argparse._ArgumentGroup, name: str, **settings: Any) -> None:
    """Adds a flag in TF-Serving's spelling and in that of the other commands."""
    spellings = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
    group.add_argument(*spellings, dest=name, **settings)


def _add_fields(group: argparse._ArgumentGroup, options: type) -> None:
    """Adds a flag for each attribute that is a plain value, with what is said of it."""
    text = (inspect.getdoc(options) or "").partition("Attributes:\n")[2]
    said = dict(re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE))
    for name, default, settings in _plain_fields(options):
        what = " ".join(said.get(name, "").split()).rstrip(".").replace("%", "%%")
        if default is not None:
            what += f" (default: {str(default).lower()})"
        _add(group, name, default=default, help=what, **settings)


def _plain_fields(options: type) -> list[tuple[str, Any, dict[str, Any]]]:
    """Returns names, defaults and settings for argparse."""
    return [
        (field.name, field.default, _SETTINGS[field.type])
        for field in dataclasses.fields(options)
        if field.type in _SETTINGS
    ]


def _add_parts(group: argparse._ArgumentGroup) -> None:
    """Adds the flags of attributes that are objects of their own."""
    for name, what in (
        ("token_file", "what clients must send: Authorization: Bearer TOKEN"),
        ("ssl_certfile", "PEM certificate: TLS for REST and gRPC"),
        ("ssl_keyfile", "PEM key of the certificate"),
        ("batching_parameters_file", "text proto that says how requests are merged"),
        ("monitoring_config_file", "text proto that turns on Prometheus' metrics"),
    ):
        _add(group, name, metavar="FILE", help=what)
    _add(
        group,
        "enable_batching",
        default=True,
        help="merge requests that come together (default: true)",
        **_SETTINGS["bool"],
    )
    group.add_argument(
        "--index",
        dest="indexes",
        action="append",
        default=[],
        metavar="NAME.index",
        help="show the documents of this file, which wish-tf index made with the "
        "served model; may be given several times, for several models",
    )
    _add(
        group,
        "allowed_hosts",
        nargs="+",
        default=[],
        metavar="NAME",
        help="names under which a browser may ask for the page, besides localhost, "
        "--host and IP addresses; not needed with a token",
    )


def run(args: argparse.Namespace) -> None:
    """Serves until it is stopped."""
    start_tensorflow()
    try:
        from wish_tf.server import run_server
    except ModuleNotFoundError as error:
        raise InputError(
            f"expected {error.name} for the server; got none: "
            "pip install 'wish-tf[server]'"
        ) from None
    run_server(read_options(args))


def read_options(args: argparse.Namespace) -> ServerOptions:
    """The `wish_tf.server.ServerOptions` that the arguments stand for.

    Raises:
        InputError: If arguments do not go together or a file cannot be used.
    """
    from wish_tf.server import Limits, ServerOptions, TlsFiles
    from wish_tf.server.bearer_token import BearerToken
    from wish_tf.server.metrics import MonitoringConfig

    if (args.ssl_certfile is None) != (args.ssl_keyfile is None):
        given = "--ssl_certfile" if args.ssl_keyfile is None else "--ssl_keyfile"
        raise InputError(
            f"expected both --ssl_certfile and --ssl_keyfile; got only {given}"
        )

    def given_for(options: type) -> dict[str, Any]:
        return {name: getattr(args, name) for name, *_ in _plain_fields(options)}

    return ServerOptions(
        model=_model(args),
        indexes=tuple(map(Path, args.indexes)),
        allowed_hosts=tuple(args.allowed_hosts),
        limits=Limits(**given_for(Limits)),
        batching=_batching(args),
        monitoring=MonitoringConfig.from_file(args.monitoring_config_file)
        if args.monitoring_config_file
        else MonitoringConfig(),
        token=args.token_file and BearerToken.from_file(args.token_file),
        tls=args.ssl_certfile
        and TlsFiles(Path(args.ssl_certfile), Path(args.ssl_keyfile)),
        **given_for(ServerOptions),
    )


def _model(args: argparse.Namespace) -> ModelConfig | None:
    from wish_tf.server import ModelConfig

    paths = [path for path in (args.model, args.model_base_path) if path is not None]
    given = len(paths) + (args.model_config_file is not None)
    if given != 1:
        raise InputError(
            "expected one of MODEL, --model_base_path and --model_config_file; got "
            f"{given or 'none'}"
        )
    if not paths:
        if args.name is not None:
            raise InputError(
                "expected the names of the models in --model_config_file only; got "
                "--model_name too"
            )
        return None
    name = "wish" if args.name is None else args.name
    return ModelConfig(name, Path(paths[0]))


def _batching(args: argparse.Namespace) -> BatchingParameters | None:
    from wish_tf.server.batching_parameters import BatchingParameters
    from wish_tf.server.server_options import default_batching

    if not args.enable_batching:
        if args.batching_parameters_file:
            raise InputError(
                "expected --enable_batching with --batching_parameters_file; got "
                "--enable_batching=false"
            )
        return None
    if args.batching_parameters_file:
        return BatchingParameters.from_file(args.batching_parameters_file)
    return default_batching(args.max_batch_size)
