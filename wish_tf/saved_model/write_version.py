from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from wish_tf.errors import InputError, first_line
from wish_tf.files import write_json
from wish_tf.models import HashingModel
from wish_tf.saved_model.code_search import CodeSearch
from wish_tf.saved_model.fingerprints import files_sha256
from wish_tf.saved_model.model_card_text import model_card_text
from wish_tf.saved_model.search_documents import SearchDocuments
from wish_tf.saved_model.search_function import search_function
from wish_tf.saved_model.warmup import write_warmup
from wish_tf.server.version_directory import CARD_FILE
from wish_tf.server.warm_up import WARM_UP_FILE


def write_version(
    folder: Path,
    model: HashingModel,
    card: dict[str, Any],
    documents: SearchDocuments | None = None,
) -> None:
    """Writes a SavedModel with its warm-up requests and its card.

    Args:
        folder: made here.
        model: what to write.
        card: of `make_model_card`, with the same documents.
        documents: with them there is the signature `search`.

    Raises:
        InputError: when the documents' codes are of another length than the model's.
        OSError: when it cannot be written.
    """
    if documents is not None and documents.codes.shape[1] != model.bits:
        raise InputError(
            f"expected documents with codes of {model.bits} bits, as the model "
            f"has; got {documents.codes.shape[1]}"
        )
    try:
        _save(model, folder, documents)
        (folder / CARD_FILE).parent.mkdir()
        write_warmup(folder / WARM_UP_FILE, model, search=documents is not None)
    except tf.errors.OpError as error:
        # How TensorFlow tells of a full disk.
        raise OSError(
            f"expected a SavedModel to be written; got {first_line(error)}"
        ) from error
    card = {**card, "files": files_sha256(folder)}
    write_json(folder / CARD_FILE, card)
    text = model_card_text(card)
    (folder / CARD_FILE).with_suffix(".md").write_text(text, encoding="utf-8")


def _save(model: HashingModel, folder: Path, documents: SearchDocuments | None) -> None:
    hash_texts = model.hash_texts.get_concrete_function()
    topics = tf.function(
        model.topics,
        input_signature=[tf.TensorSpec([None], tf.int32, name="k")],
    )
    signatures = {"serving_default": hash_texts, "hash": hash_texts, "topics": topics}
    # Not keras.export.ExportArchive: that one writes every weight twice.
    servable = tf.Module()
    servable.weights = [variable.value for variable in model.variables]
    servable.tables = model.vectorization.tables
    if documents is not None:
        servable.search = CodeSearch(
            documents.codes, documents.names, documents.largest_k
        )
        signatures["search"] = search_function(model, servable.search)
    tf.saved_model.save(servable, str(folder), signatures=signatures)
    _strip(folder)


def _strip(folder: Path) -> None:
    """Takes an operation out of a SavedModel that only its saving function has, and
    that TensorFlow before 2.10 does not know."""
    file = folder / "saved_model.pb"
    saved = SavedModel.FromString(file.read_bytes())
    for function in saved.meta_graphs[0].graph_def.library.function:
        for node in function.node_def:
            if node.op == "DisableCopyOnRead":
                node.CopyFrom(NodeDef(name=node.name, op="NoOp"))
    file.write_bytes(saved.SerializeToString(deterministic=True))
    # It would be that of another file.
    (folder / "fingerprint.pb").unlink()
