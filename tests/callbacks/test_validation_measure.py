import keras
import pytest

from tests.training.planted import planted_rows
from wish_tf.callbacks import ValidationMeasure
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError
from wish_tf.metrics import precision_at_k
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.models import WISH
from wish_tf.optimizers import LazyAdam


def test_each_epoch_is_measured_as_precision_at_k_does():
    rows, groups = planted_rows(300)
    labels = [[str(group)] for group in groups]
    found = []
    model = WISH(4, 100, topic_dim=8, hidden_units=(16,))
    model.compile(LazyAdam(0.01))

    def measure(epoch, logs) -> None:
        codes = model.encode(rows)
        expected = precision_at_k(codes[:50], labels[:50], codes[50:], labels[50:], 100)
        found.append((logs["val_precision_at_100"], expected))

    model.fit(
        csr_dataset(rows, 50),
        epochs=3,
        callbacks=[
            ValidationMeasure(
                Yardstick(rows[50:], rows[:50], labels[50:], labels[:50])
            ),
            keras.callbacks.LambdaCallback(on_epoch_end=measure),
        ],
        verbose=0,
    )
    assert len(found) == 3
    for ours, expected in found:
        assert ours == pytest.approx(expected) and 0 < ours < 1


def test_what_cannot_be_measured_is_refused_before_training():
    rows, _ = planted_rows(120)
    by = Yardstick(rows[50:], rows[:50])
    message = "^expected labels to measure precision_at_100 by; got none$"
    with pytest.raises(InputError, match=message):
        ValidationMeasure(by)
    message = "^expected at least 100 training texts to measure .*_100 on; got 70$"
    with pytest.raises(InputError, match=message):
        ValidationMeasure(by, "neighbour_recall_at_100")
    with pytest.raises(InputError, match=r"^expected a measure of .*; got labels$"):
        ValidationMeasure(by, "labels")
