from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from wish_tf.export.model_card import CARD_FILE, make_model_card
from wish_tf.export.model_card_text import model_card_text
from wish_tf.export.versions import add_version
from wish_tf.export.warmup import WARMUP_FILE, write_warmup
from wish_tf.files import write_json
from wish_tf.models import HashingModel
from wish_tf.runs import RunFolder


def export_hasher(
    model: HashingModel, base_path: str | Path, run: RunFolder | None = None
) -> Path:
    """Writes a model as the next version of a SavedModel that TF-Serving loads.

    The version is written under a hidden name and renamed when it is complete,
    so a server that watches `base_path` never sees half of it. Signatures:

        hash, serving_default   text: string [n] -> the outputs of HashingModel
        topics                  k: int32 [n]
                                -> words string [n, bits, max k], weights float32

    Beside them, in `assets.extra`: TF-Serving's warm-up requests and a model card.

    Args:
        model: what to export.
        base_path: folder of the versions; made if missing.
        run: the finished run that the model comes from, whose facts the card is
            to tell. Without it the card says that they are not known.

    Returns:
        The folder of the new version, `base_path/<number>`.

    Raises:
        InputError: when `base_path` is a file, or the run is not finished.
    """
    card = make_model_card(model, run)

    def write(folder: Path) -> None:
        _save(model, folder)
        (folder / CARD_FILE).parent.mkdir()
        write_warmup(folder / WARMUP_FILE, model)
        write_json(folder / CARD_FILE, card)
        text = model_card_text(card)
        (folder / CARD_FILE).with_suffix(".md").write_text(text, encoding="utf-8")

    return add_version(base_path, write)


def _save(model: HashingModel, folder: Path) -> None:
    hash_texts = model.hash_texts.get_concrete_function()
    topics = tf.function(
        model.topics,
        input_signature=[tf.TensorSpec([None], tf.int32, name="k")],
    )
    # Not keras.export.ExportArchive: that one writes every weight twice.
    servable = tf.Module()
    servable.weights = [variable.value for variable in model.variables]
    servable.tables = model.vectorization.tables
    signatures = {"serving_default": hash_texts, "hash": hash_texts, "topics": topics}
    tf.saved_model.save(servable, str(folder), signatures=signatures)
