from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from wish_tf.callbacks import TrainingCheckpoint
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError
from wish_tf.models import WISH
from wish_tf.models.load_keras import load_keras
from wish_tf.optimizers import LazyAdam
from wish_tf.recipes import Recipe
from wish_tf.training.encoder_fitting import EncoderFitting
from wish_tf.training.neighbours import Neighbours
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
            every five minutes and on an interrupt, and from which training
            goes on if the file exists.
        on_topics: called with the number of steps done while topics are annealed.
        verbose: of `keras.Model.fit`.

    Raises:
        InputError: when the checkpoint belongs to another model.
    """
    keras.utils.set_random_seed(seed)
    wish = WISH(
        bits,
        rows.shape[1],
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
    steps = math.ceil(rows.shape[0] / recipe.batch_size)
    if checkpoint is not None and Path(checkpoint).exists():
        trainee = _resumed(checkpoint, _trainee(wish, recipe))
    else:
        trainee = _trainee(wish, recipe)
        trainee.compile(LazyAdam(_learning_rate(recipe, steps * recipe.epochs)))
        if recipe.annealing is not None:
            trainee.topics = _annealed(rows, bits, recipe, seed, on_topics)
    callbacks = list(callbacks)
    if checkpoint is not None:
        saver = TrainingCheckpoint(checkpoint)
        callbacks.append(saver)
    try:
        trainee.fit(
            _dataset(rows, trainee, recipe.batch_size, recipe, seed),
            epochs=recipe.epochs,
            initial_epoch=int(trainee.optimizer.iterations) // steps,
            validation_data=None
            if validation_rows is None
            else _dataset(validation_rows, trainee, VALIDATION_BATCH),
            callbacks=callbacks,
            verbose=verbose,
            shuffle=False,
        )
    except KeyboardInterrupt:
        if checkpoint is not None:
            saver.save()
        raise
    if recipe.annealing is None:
        return trainee
    wish.decoder.set_topic_words(trainee.topics.words, trainee.topics.bias)
    wish.encoder.set_weights(trainee.encoder.get_weights())
    return wish


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
        neighbours=_neighbours(rows, recipe, seed),
        seed=seed,
    ).run(on_topics)


def _neighbours(rows, recipe: Recipe, seed: int) -> Neighbours | None:
    if not recipe.annealing.neighbours:
        return None
    return Neighbours.by_lsa(rows, recipe.annealing.neighbours, seed)


def _dataset(rows, trainee, batch_size: int, recipe=None, seed: int = 0):
    """Returns batches of rows for `trainee`; with a recipe, those of training."""
    targets = None
    if isinstance(trainee, EncoderFitting):
        targets = trainee.topics.evidence(rows)
        if recipe is not None and (mixing := _neighbours(rows, recipe, seed)):
            targets = mixing.mixed(targets)
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


def _resumed(checkpoint: str | Path, expected: keras.Model) -> keras.Model:
    """Returns the model of a checkpoint that continues `expected`."""
    model = load_keras(checkpoint)
    if type(model) is not type(expected) or (
        model.get_config() != expected.get_config()
    ):
        raise InputError(
            f"expected a checkpoint of this model at {checkpoint}; it is of another "
            "one: the settings or the texts have changed"
        )
    return model
