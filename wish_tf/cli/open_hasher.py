"""A hasher that a command is given: an exported model, or a server's URL."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.cli.common import start_tensorflow
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.client import Client
    from wish_tf.saved_model import SavedHasher


def add_hasher_options(parser: argparse.ArgumentParser) -> None:
    """Adds MODEL and the option for a server that asks for a token."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="e.g. saved_models/NAME, or the URL of a server: "
        "http://localhost:8501/v1/models/NAME, grpc://localhost:8500/NAME",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="holds the bearer token that the server asks for",
    )


def open_hasher(
    model: str, token_file: str | None
) -> AbstractContextManager[SavedHasher | Client]:
    """Returns what hashes: a client for a URL, else an exported model."""
    if "://" not in model:
        if token_file is not None:
            raise InputError(f"expected --token-file with a URL; got {model!r}")
        start_tensorflow()
        from wish_tf.saved_model import SavedHasher

        return nullcontext(SavedHasher(model))
    from wish_tf.client import Client

    if model.startswith("grpc"):
        # The messages of gRPC come with TensorFlow's.
        start_tensorflow()
    token = None
    if token_file is not None:
        # What is not UTF-8 is no token, which the client says.
        token = Path(token_file).read_text("utf-8", errors="replace").strip()
    return Client(model, token=token)
