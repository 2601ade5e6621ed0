"""What is known of an exported hasher, as JSON values."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from wish_tf._version import __version__
from wish_tf.files import check_parts
from wish_tf.models import HashingModel, NestedHash
from wish_tf.recipes import Recipe
from wish_tf.recipes.presets import name_of
from wish_tf.runs import RunFolder
from wish_tf.saved_model.fingerprints import vocabulary_sha256, weights_sha256
from wish_tf.saved_model.search_documents import SearchDocuments

TIE_RULE = (
    "The share of documents with a label of the query among its 100 nearest "
    "training documents by Hamming distance; where documents at the same distance "
    "do not all fit into the 100, each of them counts for the chance that it is "
    "drawn, so the order of the documents does not matter."
)


def make_model_card(
    model: HashingModel,
    run: RunFolder | None = None,
    documents: SearchDocuments | None = None,
) -> dict[str, Any]:
    """Returns the card of a hasher.

    Args:
        model: the hasher.
        run: the finished run that it comes from.
        documents: what its signature `search` finds, if it has one.

    Returns:
        JSON values. What is not known is None. `search` is there with documents only.

    Raises:
        InputError: when the run is not finished.
    """
    vectorization = model.vectorization
    return {
        "null_means": "not known",
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "bits": model.bits,
        "nested": isinstance(model.coder, NestedHash),
        **(_facts_of(run) if run else dict.fromkeys(_RUN_FACTS)),
        "vocabulary": {
            "size": len(vectorization.vocabulary),
            **vectorization.settings,
            "ngram_range": list(vectorization.settings["ngram_range"]),
            "sha256_with_idf_weights": vocabulary_sha256(
                vectorization.vocabulary, vectorization.idf_weights
            ),
        },
        "weights": {
            "numbers": model.count_params(),
            "sha256": weights_sha256(
                keras.ops.convert_to_numpy(variable) for variable in model.variables
            ),
        },
        **({"search": documents.facts()} if documents else {}),
        "topics": [topic.to_json() for topic in model.named],
        "buckets": [bucket.to_json() for bucket in model.buckets],
        "exported_with": {
            "wish_tf": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
    }


_RUN_FACTS = (
    "corpus",
    "recipe",
    "trained_with",
    "epoch",
    "labels_used_for",
    "precision_at_100",
    "codes",
)

# What is read of config.json.
_CONFIG = {
    "corpus": str,
    "recipe": dict,
    "limit": int | None,
    "split": str,
    "seed": int,
}


def _facts_of(run: RunFolder) -> dict[str, Any]:
    config, metrics = run.check_finished(), run.metrics()
    check_parts(config, _CONFIG, f"in {run.config_path}")
    validation, test = metrics["validation"], metrics["test"]
    facts = (
        _corpus(config, validation, test),
        {
            "name": name_of(Recipe.from_json(config["recipe"])),
            "settings": config["recipe"],
        },
        metrics.get("versions"),
        {"number": metrics.get("epoch"), "chosen_by": metrics.get("epoch_by")},
        metrics.get("labels_used_for"),
        _precision(validation, test),
        {
            "measured_on": "the training documents",
            "in_use": test["distinct_codes"],
            "possible": 2 ** test["bits"],
            "dead_bits": test["dead_bits"],
            "entropy_in_bits": test["code_entropy"],
            "entropy_of_each_bit": test["bit_entropy"],
        },
    )
    return dict(zip(_RUN_FACTS, facts, strict=True))


def _corpus(
    config: dict[str, Any], validation: dict[str, Any], test: dict[str, Any]
) -> dict[str, Any]:
    documents = {
        "train": test["documents"]["database"],
        "validation": validation["documents"]["queries"],
        "test": test["documents"]["queries"],
    }
    return {
        # Where the file lay is of no use to others.
        "name": Path(config["corpus"]).name,
        "documents": sum(documents.values()),
        "limit": config["limit"] or "none",
        "split": config["split"],
        "seed": config["seed"],
        "documents_by_part": documents,
    }


def _precision(validation: dict[str, Any], test: dict[str, Any]) -> dict[str, Any]:
    precision = {
        "validation": validation["precision_at_100"],
        "test": test["precision_at_100"],
        "rule": TIE_RULE,
    }
    if test["precision_at_100"] is None:
        precision["none_because"] = test.get("no_precision_because")
    return precision
