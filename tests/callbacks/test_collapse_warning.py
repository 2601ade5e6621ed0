import warnings

import numpy as np
import pytest

from tests.training.planted import planted_rows
from wish_tf.callbacks import CollapseWarning
from wish_tf.data import csr_dataset
from wish_tf.models import WISH


def fit(bias: float) -> None:
    rows, _ = planted_rows(100)
    model = WISH(4, 100, topic_dim=8, hidden_units=(8,))
    model.encoder._bits.bias.assign(np.full(4, bias))
    model.compile("sgd")
    model.optimizer.learning_rate.assign(0.0)
    data = csr_dataset(rows, 50)
    model.fit(data, epochs=3, callbacks=[CollapseWarning()], verbose=0, shuffle=False)


def test_a_collapse_is_said_once_with_its_epoch_and_advice():
    with pytest.warns(
        UserWarning, match="collapsed in epoch 1.*default recipe"
    ) as seen:
        fit(bias=-50.0)
    assert len([w for w in seen if "collapsed" in str(w.message)]) == 1


def test_a_living_model_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(bias=0.0)
