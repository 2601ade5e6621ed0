"""wish-tf serve: TF-Serving's REST interface without TF-Serving."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import start_tensorflow
from wish_tf.errors import InputError


def add_parser(subparsers) -> None:
    parser = subparsers.add_parser(
        "serve",
        help="answer TF-Serving's REST requests",
        description="Serves the newest version of a SavedModel: "
        "POST /v1/models/NAME:predict, GET /v1/models/NAME.",
    )
    parser.add_argument("model", metavar="MODEL", help="e.g. saved_models/NAME")
    parser.add_argument("--name", default="wish", help="model name (default: wish)")
    parser.add_argument(
        "--rest-api-port",
        type=int,
        default=8501,
        metavar="PORT",
        help="0: any free one",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    try:
        from wish_tf.server import run_server
    except ModuleNotFoundError as error:
        raise InputError(
            f"the server needs {error.name}: pip install 'wish-tf[server]'"
        ) from None
    run_server(
        args.model, name=args.name, host=args.host, rest_api_port=args.rest_api_port
    )
