from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.export.versions import version_numbers
from wish_tf.files import replacing
from wish_tf.models import HashingModel


def export_hasher(model: HashingModel, base_path: str | Path) -> Path:
    """Writes a model as the next version of a SavedModel that TF-Serving loads.

    The version is written under a hidden name and renamed when it is complete,
    so a server that watches `base_path` never sees half of it. Signatures:

        hash, serving_default   text: string [n] -> the outputs of HashingModel
        topics                  k: int32 [n], of which the first counts
                                -> words string [bits, k], weights float32

    Args:
        model: what to export.
        base_path: folder of the versions; made if missing.

    Returns:
        The folder of the new version, `base_path/<number>`.

    Raises:
        InputError: when `base_path` is a file.
    """
    base_path = Path(base_path)
    if base_path.exists() and not base_path.is_dir():
        raise InputError(
            f"expected a folder to export versions into, {base_path} is a file"
        )
    version = max(version_numbers(base_path), default=0) + 1
    hash_texts = model.hash_texts.get_concrete_function()
    topics = tf.function(
        lambda k: model.topics(k[0]),
        input_signature=[tf.TensorSpec([None], tf.int32, name="k")],
    )
    # Not keras.export.ExportArchive: that one writes every weight twice.
    servable = tf.Module()
    servable.weights = [variable.value for variable in model.variables]
    servable.tables = model.vectorization.tables
    signatures = {"serving_default": hash_texts, "hash": hash_texts, "topics": topics}
    with replacing(base_path / str(version)) as temporary:
        tf.saved_model.save(servable, str(temporary), signatures=signatures)
    return base_path / str(version)
