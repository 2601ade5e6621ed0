import numpy as np
import pytest

from tests.training.planted import planted_rows, purity
from wish_tf import InputError
from wish_tf.callbacks import TrainingCheckpoint
from wish_tf.recipes import Annealing, Recipe
from wish_tf.training import train_wish

ANNEALED = Recipe(
    epochs=12,
    batch_size=50,
    learning_rate=0.01,
    cosine_decay=True,
    annealing=Annealing(decoders=2, bits=3, steps=60, beta=(0.2, 6.0), prior=0.0),
    topic_dim=16,
    hidden_units=(64,),
    word_dropout=0.3,
)
SAMPLED = Recipe(
    epochs=30,
    batch_size=50,
    learning_rate=0.005,
    topic_dim=16,
    hidden_units=(32, 32),
)


@pytest.mark.parametrize(
    ("recipe", "least"), [(ANNEALED, 0.98), (SAMPLED, 0.5)], ids=["annealed", "sampled"]
)
def test_planted_groups_get_codes_of_their_own(recipe, least):
    rows, groups = planted_rows(800)
    wish = train_wish(rows, 3, recipe, validation_rows=rows[:50])
    codes = wish.encode(rows)
    assert purity(codes, groups) > least
    assert (codes.mean(axis=0) > 0).all() and (codes.mean(axis=0) < 1).all()


def test_annealed_topics_are_in_the_decoder_and_orthonormal():
    rows, _ = planted_rows()
    wish = train_wish(rows, 2, ANNEALED)
    gram = wish.decoder.topics.numpy() @ wish.decoder.topics.numpy().T
    np.testing.assert_allclose(gram, np.eye(2), atol=1e-5)
    # The words of a document are likelier under its own code than on average.
    own = wish.decoder.log_likelihood(wish.encode(rows), rows).numpy().mean()
    mean = np.mean(
        [
            wish.decoder.log_likelihood(np.tile(code, (400, 1)), rows).numpy().mean()
            for code in ([0, 0], [0, 1], [1, 0], [1, 1])
        ]
    )
    assert own > mean + 1


@pytest.mark.parametrize("recipe", [ANNEALED, SAMPLED], ids=["annealed", "sampled"])
def test_training_goes_on_from_a_checkpoint(recipe, tmp_path):
    class InterruptAt(TrainingCheckpoint):
        def __init__(self, epoch):
            super().__init__(tmp_path / "unused.keras", minutes=1e9)
            self.epoch, self.seen = epoch, []

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(epoch)
            if epoch == self.epoch:
                raise KeyboardInterrupt

    rows, _ = planted_rows(200)
    steps: list[int] = []
    first, second = InterruptAt(2), InterruptAt(-1)
    arguments = dict(checkpoint=tmp_path / "state.keras", on_topics=steps.append)
    with pytest.raises(KeyboardInterrupt):
        train_wish(rows, 2, recipe, callbacks=[first], **arguments)
    annealed = len(steps)
    train_wish(rows, 2, recipe, callbacks=[second], **arguments)
    assert first.seen == [0, 1, 2]
    assert second.seen == list(range(2, recipe.epochs))
    # The topics are in the checkpoint.
    assert len(steps) == annealed


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    rows, _ = planted_rows(100)
    path = tmp_path / "state.keras"

    class Save(TrainingCheckpoint):
        def on_epoch_end(self, epoch, logs=None):
            self.save()

    train_wish(rows, 2, ANNEALED, callbacks=[Save(path)])
    with pytest.raises(InputError, match="it is of another one: the settings or"):
        train_wish(rows, 3, ANNEALED, checkpoint=path)
    with pytest.raises(InputError, match="it is of another one"):
        train_wish(rows, 2, SAMPLED, checkpoint=path)
