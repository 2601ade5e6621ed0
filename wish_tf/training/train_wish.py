from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from wish_tf.callbacks import CollapseWarning, TrainingCheckpoint
from wish_tf.data import csr_dataset
from wish_tf.distribution import has_workers, is_chief, naming_lost_workers
from wish_tf.distribution.copy_from_chief import copy_from_chief
from wish_tf.errors import InputError
from wish_tf.models import WISH
from wish_tf.models.load_keras import load_keras
from wish_tf.optimizers import LazyAdam
from wish_tf.recipes import Recipe
from wish_tf.training.codebooks import Codebooks
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.fit_topics import fit_topics
from wish_tf.training.topic_space import TopicSpace
from wish_tf.types import Csr

WARM_UP = 20
VALIDATION_BATCH = 1000


def train_wish(
    rows: Csr,
    bits: int,
    recipe: Recipe,
    *,
    seed: int = 0,
    validation_rows: Csr | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: str | Path | None = None,
    checkpoint_minutes: float = 5.0,
    strategy: tf.distribute.Strategy | None = None,
    on_topics: Callable[[int], None] | None = None,
    verbose: int = 0,
) -> WISH:
    """Trains a model on tf-idf rows by a recipe.

    Args:
        rows: CSR float32 [n, vocabulary], no row of which is empty.
        bits: number of hash bits.
        recipe: how.
        seed: of the initial weights, the order of the rows and the noise.
        validation_rows: rows whose loss is reported each epoch, or None.
        callbacks: of `keras.Model.fit`; a `CollapseWarning` is always there. Those
            that have a method `on_annealing_step` are told of the decoders'
            annealing, which comes before (see `WishBoard`).
        checkpoint: a path ending in `.keras` where the state of `fit` is saved
            every `checkpoint_minutes` and on an interrupt, and from which
            training goes on if the file exists. Of several workers only the
            chief uses it.
        checkpoint_minutes: the least time between two saves.
        strategy: that `fit` runs under, or None. What comes before `fit` is
            done on one device of the chief.
        on_topics: called with the number of steps done while decoders are
            annealed.
        verbose: of `keras.Model.fit`.

    Raises:
        InputError: when the checkpoint belongs to another model, or this is
            called in the scope of a strategy.
        ConnectionError: when a worker is lost.
    """
    if tf.distribute.has_strategy():
        raise InputError(
            "expected training to start outside of a strategy's scope, with the "
            "strategy as an argument; got a call inside of a scope"
        )
    keras.utils.set_random_seed(seed)
    n, vocabulary_size = rows.shape
    texts = n + (0 if validation_rows is None else validation_rows.shape[0])
    wish = _model(vocabulary_size, bits, recipe)
    steps = math.ceil(n / recipe.batch_size)
    callbacks = [CollapseWarning(), *callbacks]
    chief = is_chief(strategy)
    saver = None
    with naming_lost_workers():
        with nullcontext() if strategy is None else strategy.scope():
            if strategy is None:
                trainee = _trainee(wish, recipe, texts)
            else:
                keras.utils.set_random_seed(seed)
                trainee = _trainee(_model(vocabulary_size, bits, recipe), recipe, texts)
            trainee.compile(LazyAdam(_learning_rate(recipe, steps * recipe.epochs)))
            trainee.optimizer.build(trainee.trainable_variables)
        if chief and checkpoint is not None and Path(checkpoint).exists():
            _resume(trainee, checkpoint)
        elif chief and isinstance(trainee, EncoderFitting):
            boards = [each for each in callbacks if hasattr(each, "on_annealing_step")]
            _find_codes(trainee, rows, validation_rows, recipe, seed, on_topics, boards)
        if has_workers(strategy):
            copy_from_chief(strategy, _state(trainee))
        if chief and checkpoint is not None:
            saver = TrainingCheckpoint(checkpoint, checkpoint_minutes)
            callbacks.append(saver)
        try:
            targets = validation_targets = None
            if isinstance(trainee, EncoderFitting):
                targets, validation_targets = np.split(trainee.targets.numpy(), [n])
            trainee.fit(
                csr_dataset(
                    rows, recipe.batch_size, shuffle=True, seed=seed, targets=targets
                ),
                epochs=recipe.epochs,
                initial_epoch=int(trainee.optimizer.iterations.numpy()) // steps,
                validation_data=None
                if validation_rows is None
                else csr_dataset(
                    validation_rows, VALIDATION_BATCH, targets=validation_targets
                ),
                callbacks=callbacks,
                verbose=verbose,
                shuffle=False,
            )
        except KeyboardInterrupt:
            if saver is not None:
                saver.save()
            raise
    if trainee is wish:
        return wish
    # An ordinary model of one device, made outside of the strategy's scope.
    if isinstance(trainee, EncoderFitting):
        wish.decoder.set_topic_words(trainee.topics.words, trainee.topics.bias)
        wish.encoder.set_weights(trainee.encoder.get_weights())
    else:
        wish.set_weights(trainee.get_weights())
    return wish


def _model(vocabulary_size: int, bits: int, recipe: Recipe) -> WISH:
    return WISH(
        bits,
        vocabulary_size,
        topic_dim=recipe.topic_dim,
        hidden_units=recipe.hidden_units,
        dropout=recipe.dropout,
        dropout_when_hashing=recipe.dropout_when_hashing,
        word_dropout=recipe.word_dropout,
        word_scale=recipe.word_scale,
        combine=recipe.combine,
        orthogonality=recipe.orthogonality,
        centred=recipe.centred,
        topics_initializer=(
            keras.initializers.RandomUniform(0, 1)
            if recipe.uniform_topics
            else "orthogonal"
        ),
        gradient=recipe.gradient,
        kl_step=recipe.kl_step,
        stochastic=recipe.stochastic,
        name="wish",
    )


def _trainee(wish: WISH, recipe: Recipe, texts: int) -> WISH | EncoderFitting:
    """Returns what `fit` is called on: the model, or its encoder alone."""
    if recipe.annealing is None:
        return wish
    return EncoderFitting(
        wish.encoder, wish.vocabulary_size, texts, name="encoder_fitting"
    )


def _find_codes(
    trainee: EncoderFitting,
    rows: Csr,
    validation_rows: Csr | None,
    recipe: Recipe,
    seed: int,
    on_step: Callable[[int], None] | None,
    boards: Sequence[keras.callbacks.Callback],
) -> None:
    """Finds the codes that texts should have, and the topics that go with them."""

    def show(step: int, state: dict[str, float]) -> None:
        for board in boards:
            board.on_annealing_step(step, state)

    annealing = recipe.annealing
    assert annealing is not None, "without, no encoder is trained alone"
    space = TopicSpace(rows, annealing, seed, on_step, show if boards else None)
    points = space.points(rows)
    books = Codebooks(rows, points, trainee.encoder.bits, seed)
    targets = [books.targets(points)]
    if validation_rows is not None:
        targets.append(books.targets(space.points(validation_rows)))
    trainee.targets.assign(np.concatenate(targets))
    trainee.topics = fit_topics(
        rows,
        books.codes,
        vocabulary=annealing.vocabulary,
        prior=annealing.prior,
        seed=seed,
    )
    trainee.start_from(space.directions(), rows, seed)


def _learning_rate(
    recipe: Recipe, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if not recipe.cosine_decay:
        return recipe.learning_rate
    warm_up = min(WARM_UP, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0,
        max(steps - warm_up, 1),
        alpha=0.02,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
    )


def _resume(trainee: keras.Model, checkpoint: str | Path) -> None:
    """Gives a model the weights and the optimizer's state of a checkpoint."""
    saved = load_keras(checkpoint)
    if type(saved) is not type(trainee) or (saved.get_config() != trainee.get_config()):
        raise InputError(
            f"expected a checkpoint of this model at {checkpoint}; it is of another "
            "one: the settings or the texts have changed"
        )
    for variable, value in zip(_state(trainee), _state(saved), strict=True):
        variable.assign(value.numpy())


def _state(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]
