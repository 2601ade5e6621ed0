import json

import numpy as np
import pytest

from wish_tf.cli import main
from wish_tf.explain.explanation import log_odds

TEXT = "return the array of integers qqqzzz"


@pytest.fixture
def explained(trained, capsys) -> dict:
    assert main(["explain", str(trained.saved_model), TEXT, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_has_an_effect_of_each_word_on_each_bit(explained):
    assert explained["words"] and "qqqzzz" in explained["unknown"]
    assert len(explained["effects"]) == len(explained["words"])
    assert {len(row) for row in explained["effects"]} == {10}
    assert explained["bits"] == [int(p > 0.5) for p in explained["probabilities"]]


def test_a_line_for_each_bit(trained, explained, capsys):
    assert main(["explain", str(trained.saved_model), TEXT, "--words", "1"]) == 0
    *lines, unseen = capsys.readouterr().out.splitlines()
    assert len(lines) == 10 and "qqqzzz" in unseen
    for bit, line in enumerate(lines):
        name, number, value, _, *moved = line.split()
        assert (name, int(number), int(value)) == ("bit", bit, explained["bits"][bit])
        effects = np.array(explained["effects"])[:, bit]
        # A bit that no centre near by has is moved by no word.
        assert bool(moved) == bool(effects.any())
        if not moved:
            continue
        word, effect = moved
        row = explained["words"].index(word.rstrip("*"))
        assert float(effect) == pytest.approx(explained["effects"][row][bit], abs=0.01)
        assert word.endswith("*") == decides(explained, row, bit)


def decides(explained: dict, row: int, bit: int) -> bool:
    rest = log_odds(explained["probabilities"][bit]) - explained["effects"][row][bit]
    return (rest > 0) != bool(explained["bits"][bit])


def test_a_text_without_a_known_word_is_one_sentence(trained, capsys):
    assert main(["explain", str(trained.saved_model), "qqqzzz"]) == 1
    assert capsys.readouterr().err == (
        "wish-tf: error: expected a text with a word the model knows; got 'qqqzzz'\n"
    )


def test_no_words_are_one_sentence(trained, capsys):
    with pytest.raises(SystemExit):
        main(["explain", str(trained.saved_model), TEXT, "--words", "0"])
    assert "--words: expected a whole number of at least 1; got '0'" in (
        capsys.readouterr().err
    )
