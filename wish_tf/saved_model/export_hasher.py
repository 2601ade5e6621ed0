from __future__ import annotations

from pathlib import Path

from wish_tf.corpora import Corpus
from wish_tf.models import HashingModel
from wish_tf.runs import RunFolder
from wish_tf.saved_model.model_card import make_model_card
from wish_tf.saved_model.search_documents import LARGEST_K, SearchDocuments
from wish_tf.saved_model.versions import add_version
from wish_tf.saved_model.write_version import write_version


def export_hasher(
    model: HashingModel,
    base_path: str | Path,
    run: RunFolder | None = None,
    documents: Corpus | None = None,
    largest_k: int = LARGEST_K,
) -> Path:
    """Writes a model as the next version of a SavedModel that TF-Serving loads.

    The version is written under a hidden name and renamed when it is complete,
    so a server that watches `base_path` never sees half of it. Signatures:

        hash, serving_default   text: string [n] -> the outputs of HashingModel
        topics                  k: int32 [n] -> the outputs of HashingModel.topics
        search                  text: string [n], k: int32 [n] -> ids string
                                [n, largest k], distances int32, out_of_vocabulary
                                and bad_k bool [n] (only with documents)

    Beside them, in `assets.extra`: TF-Serving's warm-up requests and a model card.

    Args:
        model: what to export.
        base_path: folder of the versions; made if missing.
        run: the finished run that the model comes from, whose facts the card is
            to tell. Without it the card says that they are not known.
        documents: what `search` finds. Their codes and ids go into the export, not
            their texts.
        largest_k: how many of them a text can ask for, at most 1,000; every answer of
            `search` is as wide.

    Returns:
        The folder of the new version, `base_path/<number>`.

    Raises:
        InputError: when `base_path` is a file, the run is not finished, no document
            has a word that the model knows, or the largest k is out of range.
    """
    hashed = None
    if documents is not None:
        hashed = SearchDocuments.hashed(model, documents, largest_k)
    card = make_model_card(model, run, hashed)
    return add_version(
        base_path, lambda folder: write_version(folder, model, card, hashed)
    )
