import warnings
from dataclasses import replace

import numpy as np
import pytest

from wish_tf import TextHasher
from wish_tf.corpora import load_corpus
from wish_tf.recipes import PRESETS, default, paper, reference


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
    assert PRESETS == {"default": default, "paper": paper, "reference": reference}


def test_paper_is_section_4_4_with_a_centred_selection():
    recipe = paper(8)
    assert (recipe.hidden_units, recipe.dropout) == ((1000, 1000), 0.2)
    assert (recipe.batch_size, recipe.learning_rate) == (100, 1e-3)
    assert (recipe.gradient, recipe.dropout_when_hashing) == (1.0, False)
    assert (recipe.kl_step, recipe.orthogonality, recipe.topic_dim) == (5e-6, 1.0, 100)
    assert recipe.centred and recipe.stochastic and recipe.annealing is None


def test_reference_differs_from_paper_as_the_public_code_does():
    assert reference(8) == replace(
        paper(8),
        gradient=0.5,
        dropout_when_hashing=True,
        uniform_topics=True,
        centred=False,
    )


def test_default_is_the_same_at_every_length():
    assert default(4) == default(32) and default(4).annealing is not None


@pytest.mark.parametrize("preset", [default, paper])
def test_codes_are_alive(preset, texts):
    recipe = preset(4)
    if preset is paper:
        recipe = replace(recipe, epochs=8)
    codes, warned = trained(texts, recipe)
    share = codes.mean(axis=0)
    assert (share > 0.02).all() and (share < 0.98).all()
    assert not [message for message in warned if "collapsed" in message]


@pytest.mark.parametrize(
    "recipe",
    [replace(paper(4), centred=False, learning_rate=3e-3), reference(4)],
    ids=["literal paper", "reference"],
)
def test_a_recipe_that_collapses_is_reported_at_once(recipe, texts):
    codes, warned = trained(texts, replace(recipe, epochs=8))
    assert len(np.unique(codes, axis=0)) == 1
    [message] = [message for message in warned if "collapsed" in message]
    assert "Use the default recipe, or centre the selection" in message
