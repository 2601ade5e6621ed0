import json
from datetime import datetime, timedelta, timezone

import keras
import pytest
import tensorflow as tf

import wish_tf
from wish_tf import InputError, export_hasher
from wish_tf.files import write_json
from wish_tf.recipes import DEFAULT
from wish_tf.runs import RunFolder
from wish_tf.saved_model.model_card import make_model_card
from wish_tf.saved_model.model_card_text import model_card_text
from wish_tf.server.version_directory import CARD_FILE

RUN_FACTS = [
    "corpus",
    "recipe",
    "trained_with",
    "epoch",
    "labels_used_for",
    "precision_at_100",
    "codes",
]
CONFIG = {
    "corpus": "folder/news.jsonl",
    "bits": 11,
    "recipe": DEFAULT.to_json(),
    "seed": 3,
    "split": "random",
    "limit": None,
    "state": "finished",
}
CODES = {
    "bits": 11,
    "distinct_codes": 300,
    "dead_bits": 1,
    "code_entropy": 7.5,
    "bit_entropy": [1.0] * 10 + [0.0],
}
METRICS = {
    "epoch": 7,
    "epoch_by": "precision_at_100",
    "labels_used_for": ["measuring", "choosing the epoch"],
    "versions": {"wish_tf": "0.1", "tensorflow": "2.21.0", "keras": "3.15"},
    "validation": {
        **CODES,
        "precision_at_100": 0.51,
        "documents": {"database": 800, "queries": 101},
    },
    "test": {
        **CODES,
        "precision_at_100": 0.4912345,
        "documents": {"database": 800, "queries": 100},
    },
}


def run_folder(tmp_path, metrics=METRICS) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    write_json(run.config_path, CONFIG)
    write_json(run.metrics_path, metrics)
    return run


def test_a_run_gives_the_card_its_facts(small_model, tmp_path):
    card = make_model_card(small_model, run_folder(tmp_path))
    assert card["corpus"] == {
        "name": "news.jsonl",
        "documents": 1001,
        "limit": "none",
        "split": "random",
        "seed": 3,
        "documents_by_part": {"train": 800, "validation": 101, "test": 100},
    }
    assert card["recipe"] == {"name": "default", "settings": DEFAULT.to_json()}
    assert card["trained_with"] == METRICS["versions"]
    assert card["epoch"] == {"number": 7, "chosen_by": "precision_at_100"}
    assert card["labels_used_for"] == ["measuring", "choosing the epoch"]
    precision = card["precision_at_100"]
    assert (precision["validation"], precision["test"]) == (0.51, 0.4912345)
    assert "same distance" in precision["rule"]
    assert card["codes"]["in_use"] == 300 and card["codes"]["possible"] == 2048
    assert card["codes"]["dead_bits"] == 1
    assert card["codes"]["entropy_in_bits"] == 7.5


def test_the_model_gives_the_card_the_rest(small_model):
    card = make_model_card(small_model)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(card["date"])
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert card["bits"] == 11
    assert card["vocabulary"]["size"] == 4
    assert card["vocabulary"]["ngram_range"] == [1, 2]
    assert card["weights"]["numbers"] == sum(
        variable.numpy().size for variable in small_model.weights if variable.trainable
    )
    assert card["exported_with"] == {
        "wish_tf": wish_tf.__version__,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
    }
    assert card["topics"] == [topic.to_json() for topic in small_model.named]
    assert len(card["topics"]) == 4


def test_without_a_run_its_facts_are_not_known(small_model, tmp_path):
    path = export_hasher(small_model, tmp_path)
    card = json.loads((path / CARD_FILE).read_text("utf-8"))
    assert card["null_means"] == "not known"
    assert [name for name, value in card.items() if value is None] == RUN_FACTS
    text = (path / "assets.extra" / "model_card.md").read_text("utf-8")
    for name in ("trained with", "corpus", "recipe", "epoch", "labels were used for"):
        assert f"| {name} | not known |" in text
    assert text.count("\nNot known.\n") == 2


def test_a_run_that_keeps_less_is_not_made_up_for(small_model, tmp_path):
    kept = ("validation", "test")
    older = {name: METRICS[name] for name in kept}
    card = make_model_card(small_model, run_folder(tmp_path, older))
    assert card["trained_with"] is None and card["labels_used_for"] is None
    text = model_card_text(card)
    assert "| epoch | none: this recipe fits nothing by epochs |" in text


def test_the_text_tells_what_the_card_tells(small_model, tmp_path):
    card = make_model_card(small_model, run_folder(tmp_path))
    text = model_card_text(card)
    for line in (
        "# Text hasher of 11 bits",
        "| corpus | news.jsonl, 1001 documents (800 train, 101 validation, 100 test); "
        "random split, seed 3, limit none |",
        "| trained with | wish_tf 0.1, tensorflow 2.21.0, keras 3.15 |",
        "| epoch | 7, chosen by precision_at_100 |",
        "| labels were used for | measuring, choosing the epoch |",
        f"| SHA-256 of the weights | {card['weights']['sha256']} |",
        "- validation: 0.5100",
        "- test: 0.4912",
        card["precision_at_100"]["rule"],
        "- codes in use: 300 of 2048",
        "- bit 3, topic 3: red blue, red, blue, green",
    ):
        assert line in text.splitlines()
    start = (
        "\n| recipe | default: strategy.name nested_codes, strategy.space.decoders 4, "
    )
    assert start in text


def test_a_corpus_without_labels_has_no_precision_and_it_is_said_why(
    small_model, tmp_path
):
    none = {"precision_at_100": None, "no_precision_because": "there are no labels"}
    metrics = {
        **METRICS,
        "validation": {**METRICS["validation"], **none},
        "test": {**METRICS["test"], **none},
    }
    card = make_model_card(small_model, run_folder(tmp_path, metrics))
    assert card["precision_at_100"]["none_because"] == "there are no labels"
    assert "None, since there are no labels." in model_card_text(card).splitlines()


def test_an_unfinished_run_is_refused_and_nothing_exported(small_model, tmp_path):
    run = run_folder(tmp_path)
    run.set_state("interrupted")
    with pytest.raises(InputError, match="got one that is interrupted"):
        export_hasher(small_model, tmp_path / "m", run)
    run.set_state("finished")
    run.metrics_path.unlink()
    with pytest.raises(InputError, match="got no metrics.json$"):
        export_hasher(small_model, tmp_path / "m", run)
    assert not (tmp_path / "m").exists()
