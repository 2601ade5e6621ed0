"""Loads a SavedModel as TF-Serving does: into a graph session."""

from __future__ import annotations

import os

import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

from wish_tf.errors import InputError, first_line

_TAG = "serve"


def load_saved_model(
    path: str | os.PathLike[str],
) -> tuple[tf.compat.v1.Session, MetaGraphDef]:
    """Returns a session with graph, variables and tables, and what it loaded.

    Raises:
        InputError: If the folder is not a SavedModel that can be loaded.
    """
    # Registers the ops that the stock server links in. Not above: what only writes
    # SavedModels starts without them.
    import tensorflow_text  # noqa: F401

    session = tf.compat.v1.Session(graph=tf.Graph())
    verbosity = tf.compat.v1.logging.get_verbosity()
    # The loader announces that it is deprecated. Its replacement restores Python
    # functions, which is not how a server runs a model.
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    try:
        with session.graph.as_default():
            loader = tf.compat.v1.saved_model.loader
            return session, loader.load(session, [_TAG], os.fspath(path))
    except (OSError, RuntimeError, ValueError, tf.errors.OpError) as error:
        session.close()
        raise InputError(
            f"expected a SavedModel in {path}; got what cannot be loaded: "
            f"{first_line(error).rstrip('.')}"
        ) from error
    finally:
        tf.compat.v1.logging.set_verbosity(verbosity)
