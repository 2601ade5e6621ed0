from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import keras
import tensorflow as tf

from wish_tf.callbacks import TrainingCheckpoint
from wish_tf.data import csr_dataset
from wish_tf.distribution import has_workers, is_chief, naming_lost_workers
from wish_tf.distribution.copy_from_chief import copy_from_chief
from wish_tf.errors import InputError
from wish_tf.models import WISH
from wish_tf.models.load_keras import load_keras
from wish_tf.optimizers import LazyAdam
from wish_tf.recipes import Recipe
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.neighbours import neighbour_weights
from wish_tf.training.topic_annealing import TopicAnnealing
from wish_tf.training.topics import Topics

WARM_UP = 20
VALIDATION_BATCH = 1000


def train_wish(
    rows,
    bits: int,
    recipe: Recipe,
    *,
    seed: int = 0,
    validation_rows=None,
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
        callbacks: of `keras.Model.fit`.
        checkpoint: a path ending in `.keras` where the state of `fit` is saved
            every `checkpoint_minutes` and on an interrupt, and from which
            training goes on if the file exists. Of several workers only the
            chief uses it.
        checkpoint_minutes: the least time between two saves.
        strategy: that `fit` runs under, or None. Topics are annealed on one
            device of the chief.
        on_topics: called with the number of steps done while topics are annealed.
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
    wish = _model(rows.shape[1], bits, recipe)
    steps = math.ceil(rows.shape[0] / recipe.batch_size)
    callbacks = list(callbacks)
    chief = is_chief(strategy)
    saver = None
    with naming_lost_workers():
        with nullcontext() if strategy is None else strategy.scope():
            if strategy is None:
                trainee = _trainee(wish, recipe)
            else:
                keras.utils.set_random_seed(seed)
                trainee = _trainee(_model(rows.shape[1], bits, recipe), recipe)
            trainee.compile(LazyAdam(_learning_rate(recipe, steps * recipe.epochs)))
            trainee.optimizer.build(trainee.trainable_variables)
        if chief and checkpoint is not None and Path(checkpoint).exists():
            _resume(trainee, checkpoint)
        elif chief and recipe.annealing is not None:
            trainee.topics = _annealed(rows, bits, recipe, seed, on_topics)
        if has_workers(strategy):
            copy_from_chief(strategy, _state(trainee))
        if chief and checkpoint is not None:
            saver = TrainingCheckpoint(checkpoint, checkpoint_minutes)
            callbacks.append(saver)
        try:
            trainee.fit(
                _dataset(rows, trainee, recipe.batch_size, recipe, seed),
                epochs=recipe.epochs,
                initial_epoch=int(trainee.optimizer.iterations.numpy()) // steps,
                validation_data=None
                if validation_rows is None
                else _dataset(validation_rows, trainee, VALIDATION_BATCH),
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
    if recipe.annealing is None:
        wish.set_weights(trainee.get_weights())
    else:
        wish.decoder.set_topic_words(trainee.topics.words, trainee.topics.bias)
        wish.encoder.set_weights(trainee.encoder.get_weights())
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


def _trainee(wish: WISH, recipe: Recipe) -> WISH | EncoderFitting:
    """Returns what `fit` is called on: the model, or its encoder alone."""
    if recipe.annealing is None:
        return wish
    return EncoderFitting(
        wish.encoder,
        wish.vocabulary_size,
        likelihood_weight=recipe.annealing.beta[1],
        flip=recipe.annealing.flip[1],
        name="encoder_fitting",
    )


def _annealed(rows, bits: int, recipe: Recipe, seed: int, on_topics) -> Topics:
    annealing = recipe.annealing
    return TopicAnnealing(
        rows,
        bits,
        steps=annealing.steps,
        vocabulary=annealing.vocabulary,
        beta=annealing.beta,
        flip=annealing.flip,
        prior=annealing.prior,
        mixing=_mixing(rows, recipe, seed),
        seed=seed,
    ).run(on_topics)


def _mixing(rows, recipe: Recipe, seed: int):
    if not recipe.annealing.neighbours:
        return None
    return neighbour_weights(rows, recipe.annealing.neighbours, seed)


def _dataset(rows, trainee, batch_size: int, recipe=None, seed: int = 0):
    """Returns batches of rows for `trainee`; with a recipe, those of training."""
    targets = None
    if isinstance(trainee, EncoderFitting):
        targets = trainee.topics.evidence(rows)
        mixing = None if recipe is None else _mixing(rows, recipe, seed)
        if mixing is not None:
            targets = mixing @ targets
    return csr_dataset(
        rows, batch_size, shuffle=recipe is not None, seed=seed, targets=targets
    )


def _learning_rate(recipe: Recipe, steps: int):
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
