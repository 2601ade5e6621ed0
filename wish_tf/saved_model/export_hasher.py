from __future__ import annotations

from pathlib import Path

from wish_tf.corpora import Corpus
from wish_tf.models import HashingModel
from wish_tf.runs import RunFolder
from wish_tf.saved_model.model_card import make_model_card
from wish_tf.saved_model.search_documents import SearchDocuments
from wish_tf.saved_model.versions import add_version
from wish_tf.saved_model.write_version import write_version


def export_hasher(
    model: HashingModel,
    base_path: str | Path,
    run: RunFolder | None = None,
    documents: Corpus | None = None,
) -> Path:
    """Writes a model as the next version of a SavedModel that TF-Serving loads.

    The version is written under a hidden name and renamed when it is complete,
    so a server that watches `base_path` never sees half of it. Signatures:

        hash, serving_default   text: string [n] -> the outputs of HashingModel
        topics                  k: int32 [n]
                                -> words string [n, bits, max k], weights float32
        search                  text: string [n], k: int32 [n] -> ids string
                                [n, max k], distances int32, out_of_vocabulary bool
                                [n] (only with documents; see CodeSearch)

    Beside them, in `assets.extra`: TF-Serving's warm-up requests and a model card.

    Args:
        model: what to export.
        base_path: folder of the versions; made if missing.
        run: the finished run that the model comes from, whose facts the card is
            to tell. Without it the card says that they are not known.
        documents: what `search` finds. Their codes and ids go into the export, not
            their texts.

    Returns:
        The folder of the new version, `base_path/<number>`.

    Raises:
        InputError: when `base_path` is a file, the run is not finished, or no
            document has a word that the model knows.
    """
    hashed = None if documents is None else SearchDocuments.hashed(model, documents)
    card = make_model_card(model, run, hashed)
    return add_version(
        base_path, lambda folder: write_version(folder, model, card, hashed)
    )
