from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from sklearn.preprocessing import normalize

from tests.training.planted import planted_rows, purity
from tests.training.small_recipes import DRAWN, NESTED
from wish_tf import InputError
from wish_tf.recipes import Recipe, WarmStart
from wish_tf.training import TrainingData, train
from wish_tf.training.strategy import OldModel
from wish_tf.training.warm_start import free_codes

WARM = Recipe(WarmStart())


@pytest.fixture(scope="module")
def old():
    rows, groups = planted_rows(300)
    model = train(TrainingData(rows, 16), NESTED)
    assert purity(model.encode(rows)[:, :8], groups) > 0.98
    return model, rows, groups


def widened(rows, columns, width):
    """Rows whose words stand in other columns of a larger vocabulary."""
    rows = rows.tocoo()
    parts = (rows.data, (rows.row, columns[rows.col]))
    return scipy.sparse.csr_matrix(parts, (rows.shape[0], width))


@pytest.mark.parametrize("bits", [8, 16])
def test_equal_rows_keep_their_codes_in_another_vocabulary(old, bits):
    model, rows, _ = old
    columns = np.random.default_rng(0).permutation(130)[:100]
    new = widened(rows, columns, 130)
    data = TrainingData(new, bits, seed=9, old=OldModel(model, (), columns))
    found = train(data, WARM)
    assert (found.bits, found.named_bits) == (bits, 8)
    np.testing.assert_array_equal(found.encode(new), model.encode(rows)[:, :bits])


def test_a_word_that_is_gone_is_forgotten(old):
    model, rows, groups = old
    kept = np.delete(np.arange(100), [0, 1])
    columns = np.full(100, -1)
    columns[kept] = np.arange(98)
    new = scipy.sparse.csr_matrix(rows[:, kept])
    found = train(TrainingData(new, 8, old=OldModel(model, (), columns)), WARM)
    same = (found.encode(new) == model.encode(rows)[:, :8]).all(axis=1)
    assert same[groups != 0].all() and purity(found.encode(new), groups) > 0.98


def test_a_new_word_gets_the_place_of_the_texts_that_hold_it(old):
    model, rows, groups = old
    # Each group has a word of its own that is new, in 20 of its texts.
    new = scipy.sparse.lil_matrix((300, 104), dtype=np.float32)
    new[:, :100] = rows
    held = [np.flatnonzero(groups == group)[:20] for group in range(4)]
    for group, texts in enumerate(held):
        new[texts, 100 + group] = 0.2
    data = TrainingData(new.tocsr(), 8, old=OldModel(model, (), np.arange(100)))
    found = train(data, WARM)
    directions = found.space.directions.numpy()
    for group, texts in enumerate(held):
        expected = (rows[texts] @ directions[:100]).mean(axis=0)
        np.testing.assert_allclose(directions[100 + group], expected, atol=1e-4)
    # So that a text of new words alone is where these texts are.
    alone = scipy.sparse.csr_matrix(np.eye(104, dtype=np.float32)[100:])
    codes = model.encode(rows)[:, :8]
    for group, code in enumerate(found.encode(alone)):
        agreeing = groups[(codes == code).all(axis=1)]
        assert len(agreeing) and (agreeing == group).all()


def test_what_does_not_fit_is_refused(old):
    model, rows, _ = old
    known = OldModel(model, (), np.arange(100))
    with pytest.raises(InputError, match="expected at most 16 bits, as the model has"):
        train(TrainingData(rows, 17, old=known), WARM)
    with pytest.raises(InputError, match="`like` of TextHasher.fit or --like; got no"):
        train(TrainingData(rows, 2), WARM)
    unknown = replace(known, columns=np.full(100, -1))
    with pytest.raises(InputError, match="words that the old model knows; got 300"):
        train(TrainingData(rows, 16, old=unknown), WARM)
    drawn = train(TrainingData(rows, 2), DRAWN.with_setting("fit.epochs", 1))
    with pytest.raises(InputError, match="of the recipe `default`, .* got a WISH"):
        train(TrainingData(rows, 2, old=replace(known, coder=drawn)), WARM)


def test_a_new_topic_gets_codes_of_its_own(old):
    model, rows, _ = old
    # Forty more texts, of words that the old model does not know and few that it does.
    random = np.random.default_rng(3)
    new = scipy.sparse.lil_matrix((340, 120), dtype=np.float32)
    new[:300, :100] = rows
    for text in range(300, 340):
        new[text, 100 + random.choice(20, 8, replace=False)] = 0.3
        new[text, random.choice(100, 4, replace=False)] = 0.2
    new = scipy.sparse.csr_matrix(normalize(new))
    data = TrainingData(new, 16, old=OldModel(model, (), np.arange(100)))
    found, before = train(data, WARM), model.encode(rows)
    codes = found.encode(new)
    assert (codes[:300] == before).all(axis=1).mean() > 0.98
    known = {tuple(code) for code in before}
    assert sum(tuple(code) in known for code in codes[300:]) < 4
    # Without such centres they have the codes of the old texts that are nearest.
    none = train(data, Recipe(WarmStart(new=1.0))).encode(new)
    assert sum(tuple(code) in known for code in none[300:]) > 36


def test_free_codes_are_the_nearest_ones():
    wanted = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 1]])
    found = free_codes(wanted, np.array([[1, 0, 0], [1, 0, 1]]), frozen=1)
    # Two codes that begin with 1 are free; then the one that is wanted is shared.
    assert found[:2].tolist() == [[1, 1, 0], [1, 1, 1]]
    assert found[2:].tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
