"""wish-tf serve: TF-Serving's interfaces without TF-Serving."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import Subparsers, start_tensorflow
from wish_tf.cli.numbers import duration
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.server import ModelConfig, ServerOptions
    from wish_tf.server.batching import BatchingParameters

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


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "serve",
        help="answer TF-Serving's REST and gRPC requests",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_models(parser)
    _add_addresses(parser)
    _add_page(parser)
    _add_runs(parser)
    _add_limits(parser)
    parser.set_defaults(run=run)


def _add_models(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("models (one of MODEL and --model_config_file)")
    group.add_argument("model", metavar="MODEL", nargs="?", help="saved_models/NAME")
    _add(group, "model_base_path", metavar="DIR", help="another way to give MODEL")
    group.add_argument(
        "--name",
        "--model_name",
        "--model-name",
        help="model name in requests (default: wish)",
    )
    _add(
        group,
        "model_config_file",
        metavar="FILE",
        help="text proto that names several models, their versions and labels",
    )
    _add(
        group,
        "model_config_file_poll_wait_seconds",
        type=duration,
        default=0,
        metavar="S",
        help="read that file again every S seconds (default: 0, never)",
    )
    _add(
        group,
        "file_system_poll_wait_seconds",
        type=duration,
        default=1,
        metavar="S",
        help="look for new versions every S seconds (default: 1; 0: never)",
    )
    _add_bool(
        group,
        "allow_version_labels_for_unavailable_models",
        False,
        "let a new label point to a version that is not loaded",
    )
    _add_bool(
        group,
        "enable_model_warmup",
        True,
        "run assets.extra/tf_serving_warmup_requests of a new version",
    )


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("addresses and access")
    group.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    _add(
        group,
        "rest_api_port",
        type=int,
        default=8501,
        metavar="PORT",
        help="port for REST (default: 8501; 0: any free one)",
    )
    group.add_argument(
        "--port",
        type=int,
        default=8500,
        metavar="PORT",
        help="port for gRPC (default: 8500; 0: no gRPC)",
    )
    _add_bool(group, "rest_api_enable_cors_support", False, "send CORS headers by REST")
    _add(
        group,
        "token_file",
        metavar="FILE",
        help="file with a token that clients must send: Authorization: Bearer TOKEN",
    )
    _add(group, "ssl_certfile", metavar="FILE", help="PEM certificate: TLS for both")
    _add(group, "ssl_keyfile", metavar="FILE", help="PEM key of the certificate")


def _add_page(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the web page at /")
    group.add_argument(
        "--index",
        dest="indexes",
        action="append",
        default=[],
        metavar="NAME.index",
        help="show the documents of this file, which wish-tf index made with the "
        "served model; may be given several times, for several models",
    )
    _add_bool(group, "enable_page", True, "show the page")
    group.add_argument(
        "--allowed-hosts",
        "--allowed_hosts",
        nargs="+",
        default=[],
        metavar="NAME",
        help="names under which a browser may ask for the page, besides localhost, "
        "--host and IP addresses; not needed with a token",
    )


def _add_runs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("runs of the model and metrics")
    _add_bool(group, "enable_batching", True, "merge requests that come together")
    _add(
        group,
        "batching_parameters_file",
        metavar="FILE",
        help="text proto that says how they are merged",
    )
    _add(
        group,
        "rest_api_num_threads",
        type=int,
        default=64,
        metavar="N",
        help="REST requests that run a model at a time (default: 64)",
    )
    _add(
        group,
        "grpc_max_threads",
        type=int,
        default=64,
        metavar="N",
        help="gRPC calls answered at a time (default: 64)",
    )
    _add(
        group,
        "monitoring_config_file",
        metavar="FILE",
        help="text proto that turns on the metrics for Prometheus",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("safe limits")
    for name, default, what in (
        ("rest_api_timeout_in_ms", 30_000, "milliseconds a run may take, REST or gRPC"),
        (
            "receive_timeout_in_ms",
            60_000,
            "milliseconds a REST request may take to arrive, and its answer to leave",
        ),
        ("max_body_bytes", 64 * 2**20, "bytes of a request body or gRPC message"),
        ("max_inflated_bytes", 256 * 2**20, "bytes of a gzip body when inflated"),
        ("max_batch_size", 65_536, "rows of a request"),
        ("max_json_depth", 100, "lists and objects within each other"),
        ("max_json_items", 4 * 2**20, "commas and brackets of a JSON body"),
        ("max_answer_values", 16 * 2**20, "numbers and texts of an answer"),
    ):
        _add(
            group,
            name,
            type=int,
            default=default,
            metavar="N",
            help=f"{what} (default: {default})",
        )


def _add(group: argparse._ArgumentGroup, name: str, **settings: Any) -> None:
    """Adds a flag in TF-Serving's spelling and in that of the other commands."""
    spellings = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
    group.add_argument(*spellings, dest=name, **settings)


def _add_bool(
    group: argparse._ArgumentGroup, name: str, default: bool, what: str
) -> None:
    _add(
        group,
        name,
        type=_bool,
        nargs="?",
        const=True,
        default=default,
        metavar="true|false",
        help=f"{what} (default: {str(default).lower()})",
    )


def _bool(text: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError(f"expected true or false; got {text}")
    return values[text.lower()]


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
    same = (
        "model_config_file_poll_wait_seconds",
        "file_system_poll_wait_seconds",
        "allow_version_labels_for_unavailable_models",
        "enable_model_warmup",
        "host",
        "port",
        "rest_api_port",
        "rest_api_num_threads",
        "grpc_max_threads",
        "rest_api_enable_cors_support",
        "enable_page",
    )
    return ServerOptions(
        model=_model(args),
        model_config_file=args.model_config_file and Path(args.model_config_file),
        indexes=tuple(map(Path, args.indexes)),
        allowed_hosts=tuple(args.allowed_hosts),
        limits=Limits(
            max_body_bytes=args.max_body_bytes,
            max_inflated_bytes=args.max_inflated_bytes,
            max_batch_size=args.max_batch_size,
            max_json_depth=args.max_json_depth,
            max_json_items=args.max_json_items,
            max_answer_values=args.max_answer_values,
            timeout_in_ms=args.rest_api_timeout_in_ms,
            receive_timeout_in_ms=args.receive_timeout_in_ms,
        ),
        batching=_batching(args),
        monitoring=MonitoringConfig.from_file(args.monitoring_config_file)
        if args.monitoring_config_file
        else MonitoringConfig(),
        token=args.token_file and BearerToken.from_file(args.token_file),
        tls=args.ssl_certfile
        and TlsFiles(Path(args.ssl_certfile), Path(args.ssl_keyfile)),
        **{name: getattr(args, name) for name in same},
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
    from wish_tf.server.batching import BatchingParameters
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
