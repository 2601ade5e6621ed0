"""`TextHasher` is an estimator of scikit-learn, and forgets nothing in a file."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from tests.training.small_recipes import DRAWN, NESTED
from wish_tf import InputError, TextHasher

QUICK = DRAWN.assigned("fit.epochs=1").assigned("model.hidden_units=[8]")
TEXTS = ["cats and dogs", "a dog barks", "sparse matrix", "dense matrix rows"] * 8
LABELS = ["pets", "pets", "algebra", "algebra"] * 8
SETTINGS = dict(
    bits=3,
    recipe=QUICK,
    min_df=2,
    max_df=0.8,
    ngram_range=(1, 2),
    min_token_length=3,
    stop_words=["and"],
    seed=7,
)


def hasher(**changed) -> TextHasher:
    return TextHasher(**{**SETTINGS, **changed})


def test_what_is_given_is_what_is_kept():
    words = ["and"]
    made = TextHasher(bits=3, stop_words=words, ngram_range=[1, 2])
    assert made.get_params()["stop_words"] is words
    assert made.recipe is None and made.ngram_range == [1, 2]
    assert clone(hasher()).get_params() == hasher().get_params()
    assert hasher().set_params(bits=5, seed=1).get_params()["bits"] == 5
    assert "bits=3" in repr(hasher())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bits": 0}, "expected bits as an integer from 1 to 64; got 0"),
        ({"bits": 65}, "from 1 to 64; got 65"),
        ({"bits": "8"}, "from 1 to 64; got '8'"),
        ({"bits": 2.0}, "from 1 to 64; got 2.0"),
        ({"seed": -1}, "expected seed as an integer from 0 to"),
        ({"recipe": "default"}, "expected a Recipe; got 'default'"),
        ({"analyzer": "words"}, "analyzer"),
        ({"min_df": -1}, "min_df"),
    ],
)
def test_bad_settings_are_told_by_fit(changed, said):
    made = hasher(**changed)
    with pytest.raises(InputError, match=said):
        made.fit(TEXTS)


def test_in_pipelines_searches_and_columns():
    import pandas as pd

    pipeline = make_pipeline(hasher(bits=np.int64(2)), LogisticRegression())
    search = GridSearchCV(pipeline, {"texthasher__bits": np.arange(2, 4)}, cv=2)
    search.fit(TEXTS, LABELS)
    assert search.best_params_["texthasher__bits"] in (2, 3)
    assert search.predict(TEXTS[:3]).shape == (3,)

    index = range(40, 8, -1)
    frame = pd.DataFrame({"text": TEXTS, "size": range(32)}, index=index)
    columns = ColumnTransformer([("hash", hasher(), "text")], remainder="passthrough")
    columns.set_output(transform="pandas")
    found = columns.fit_transform(frame)
    assert list(found.columns) == [
        *(f"hash__{name}" for name in columns.named_transformers_["hash"].names_),
        "remainder__size",
    ]
    assert list(found.index) == list(index)


def test_what_is_not_fitted_says_so():
    made = hasher()
    for call in (
        lambda: made.transform(TEXTS),
        lambda: made.rows(TEXTS),
        lambda: made.vocabulary,
        lambda: made.get_feature_names_out(),
        lambda: made.save("x.keras"),
    ):
        with pytest.raises(NotFittedError, match="expected a fitted TextHasher"):
            call()


@pytest.fixture(scope="module")
def fitted() -> TextHasher:
    return hasher().fit(TEXTS)


def ways(fitted, tmp_path):
    fitted.save(tmp_path / "h.keras")
    loaded = TextHasher.load(tmp_path / "h.keras")
    yield loaded
    yield pickle.loads(pickle.dumps(loaded))
    yield pickle.loads(pickle.dumps(fitted))
    yield copy.deepcopy(fitted)


def test_a_copy_has_all_that_the_original_has(fitted, tmp_path):
    codes, rows = fitted.transform(TEXTS), fitted.rows(TEXTS)
    for other in ways(fitted, tmp_path):
        mine = {**other.get_params(), "ngram_range": tuple(other.ngram_range)}
        assert {**mine, "stop_words": list(other.stop_words)} == SETTINGS | {
            "analyzer": "word"
        }
        assert other.vocabulary == fitted.vocabulary
        assert (other.rows(TEXTS) != rows).nnz == 0
        np.testing.assert_array_equal(other.transform(TEXTS), codes)
    # And can be fitted again, to the same.
    np.testing.assert_array_equal(other.fit(TEXTS).transform(TEXTS), codes)


def test_new_words_forget_the_old_model(fitted):
    other = copy.deepcopy(fitted)
    other.fit_vocabulary(["new words here", "others"] * 9)
    assert "words" in other.vocabulary
    with pytest.raises(NotFittedError):
        other.transform(TEXTS)


def test_fits_in_two_threads_do_not_disturb_each_other():
    alone = [hasher(seed=seed).fit(TEXTS).model_.get_weights() for seed in (1, 2)]
    made = [hasher(seed=seed) for seed in (1, 2)]
    threads = [threading.Thread(target=each.fit, args=(TEXTS,)) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each, expected in zip(made, alone, strict=True):
        for weight, right in zip(each.model_.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(weight, right)


def test_an_older_hasher_has_its_codes_kept():
    settings = {"bits": 8, "ngram_range": (1, 1), "recipe": NESTED}
    old = hasher(**settings).fit(TEXTS)
    new = hasher(**settings, seed=1).fit([*TEXTS, *["a new matrix"] * 2], like=old)
    assert "new" in new.vocabulary and new.names_ == old.names_
    kept = (new.transform(TEXTS) == old.transform(TEXTS)).all(axis=1)
    assert kept.mean() > 0.9
    with pytest.raises(InputError, match="expected at most 8 bits, as the model has"):
        hasher(bits=9).fit(TEXTS, like=old)
