import warnings

import numpy as np
import pytest

from wish_tf import TextHasher
from wish_tf.corpora import load_corpus
from wish_tf.recipes import DEFAULT, PAPER, PRESETS, REFERENCE, NestedCodes


@pytest.fixture(scope="module")
def texts(docs_file) -> list[str]:
    return load_corpus(docs_file, limit=600).texts


def trained(texts, recipe) -> tuple[np.ndarray, list[str]]:
    """Returns the codes of the texts, and what was warned of."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        codes = TextHasher(4, recipe=recipe).fit(texts).transform(texts)
    return codes, [str(warning.message) for warning in seen]


def test_names():
    assert PRESETS == {"default": DEFAULT, "paper": PAPER, "reference": REFERENCE}
    assert DEFAULT.strategy == NestedCodes()
    assert DEFAULT.model is None and DEFAULT.fit is None


def test_paper_is_section_4_4_with_a_centred_selection():
    model, fit, way = PAPER.model, PAPER.fit, PAPER.strategy
    assert (model.hidden_units, model.dropout) == ((1000, 1000), 0.2)
    assert (model.dropout_when_hashing, model.word_dropout) == (False, 0.0)
    assert (fit.epochs, fit.batch_size, fit.learning_rate) == (100, 100, 1e-3)
    assert (way.gradient, way.gamma, way.stochastic, way.centred) == (
        1,
        0.5,
        True,
        True,
    )
    assert (way.kl_step, way.orthogonality, way.topic_dim) == (5e-6, 1.0, 100)


def test_reference_differs_from_paper_as_the_public_code_does():
    changed = PAPER.assigned("model.dropout_when_hashing=true")
    for setting in ("gradient=0.5", "public_start=true", "centred=false"):
        changed = changed.assigned(f"strategy.{setting}")
    assert changed == REFERENCE


@pytest.mark.parametrize(
    "recipe", [DEFAULT, PAPER.assigned("fit.epochs=8")], ids=["default", "paper"]
)
def test_codes_are_alive(recipe, texts):
    codes, warned = trained(texts, recipe)
    share = codes.mean(axis=0)
    assert (share > 0.02).all() and (share < 0.98).all()
    assert not [message for message in warned if "collapsed" in message]


def test_a_recipe_that_collapses_is_reported_at_once(texts):
    literal = PAPER.assigned("strategy.centred=false").assigned(
        "fit.learning_rate=3e-3"
    )
    codes, warned = trained(texts, literal.assigned("fit.epochs=8"))
    assert len(np.unique(codes, axis=0)) == 1
    [message] = [message for message in warned if "collapsed" in message]
    assert "Use the default recipe, or centre the selection" in message
