import random
import warnings
from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest

from tests.training.planted import planted_rows, purity
from tests.training.small_recipes import DRAWN, NESTED
from wish_tf import InputError
from wish_tf.callbacks import ProgressCallback
from wish_tf.recipes import Recipe, StraightThrough
from wish_tf.training import FitOptions, Strategy, TrainingData, strategy, train

ONE_EPOCH = DRAWN.with_setting("fit.epochs", 1)
RECIPES = pytest.mark.parametrize(
    "recipe", [NESTED, ONE_EPOCH], ids=["nested codes", "straight through"]
)


def same(one: keras.Model, other: keras.Model) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(("recipe", "least"), [(NESTED, 0.98), (DRAWN, 0.5)])
def test_planted_groups_get_codes_of_their_own(recipe, least):
    rows, groups = planted_rows(800)
    model = train(TrainingData(rows, 3, validation_rows=rows[:50]), recipe)
    codes = model.encode(rows)
    assert purity(codes, groups) > least
    assert (codes.mean(axis=0) > 0).all() and (codes.mean(axis=0) < 1).all()


def test_a_training_that_was_killed_ends_as_one_that_was_not(tmp_path):
    class DieIn(keras.callbacks.Callback):
        def __init__(self, epoch):
            super().__init__()
            self.epoch, self.seen = epoch, []

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(epoch)

        def on_train_batch_end(self, batch, logs=None):
            if self.seen[-1] == self.epoch and batch == 1:
                raise KeyboardInterrupt

    rows, _ = planted_rows(230)
    data = TrainingData(rows, 2, seed=5, validation_rows=rows[:40])
    recipe = DRAWN.with_setting("fit.epochs", 5)
    whole = train(data, recipe)
    options = FitOptions(checkpoint=tmp_path, checkpoint_minutes=0)
    for epoch in (0, 2, 4):
        with pytest.raises(KeyboardInterrupt):
            train(data, recipe, replace(options, callbacks=[DieIn(epoch)]))
    last = DieIn(-1)
    resumed = train(data, recipe, replace(options, callbacks=[last]))
    assert last.seen == [4]
    assert same(whole, resumed)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    rows, _ = planted_rows(100)
    options = FitOptions(checkpoint=tmp_path)
    train(TrainingData(rows, 2), ONE_EPOCH, options)
    changed = rows.copy()
    changed.data[0] += 0.1
    for data, asked in (
        (TrainingData(rows, 3), ONE_EPOCH),
        (TrainingData(rows, 2, seed=1), ONE_EPOCH),
        (TrainingData(changed, 2), ONE_EPOCH),
        (TrainingData(rows, 2), DRAWN),
        (TrainingData(rows, 2), NESTED),
    ):
        with pytest.raises(InputError, match="another one: the settings or the texts"):
            train(data, asked, options)


@RECIPES
def test_the_random_state_of_the_process_is_neither_read_nor_changed(recipe):
    rows, _ = planted_rows(120)
    keras.utils.set_random_seed(7)
    expected = random.random()
    keras.utils.set_random_seed(7)
    one = train(TrainingData(rows, 2, seed=3), recipe)
    assert random.random() == expected
    keras.utils.set_random_seed(8)
    assert same(one, train(TrainingData(rows, 2, seed=3), recipe))
    assert not same(one, train(TrainingData(rows, 2, seed=4), recipe))


def test_every_step_of_fit_is_told():
    rows, _ = planted_rows(120)
    seen = []
    options = FitOptions(callbacks=[ProgressCallback(seen.append)])
    recipe = DRAWN.with_setting("fit.epochs", 2)
    train(TrainingData(rows, 2, validation_rows=rows[:9]), recipe, options)
    steps = [(each.stage, each.step, each.of) for each in seen]
    assert steps == [("fit", i, 6) for i in range(1, 7)]
    assert [i for i, each in enumerate(seen) if "val_loss" in each.values] == [2, 5]


def test_a_third_way_is_one_class():
    @strategy("of this test")
    @dataclass(frozen=True)
    class Untrained(Strategy):
        def model(self, data, encoder, prepared):
            return StraightThrough(topic_dim=8).model(data, encoder, prepared)

    try:
        recipe = Recipe.from_json(
            {"strategy": {"name": "of this test"}, "fit": {"epochs": 1}}
        )
        rows, _ = planted_rows(60)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert train(TrainingData(rows, 2), recipe).bits == 2
    finally:
        del Strategy.kinds["of this test"]
