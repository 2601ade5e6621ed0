"""The options of `wish-tf train` that say how texts are taken apart."""

import json

import pytest

from wish_tf import TextHasher
from wish_tf.cli import main

LINES = [
    f"{a} und {b} 東京\n"
    for a in ("Äpfel", "Birnen", "Kirschen", "Pflaumen")
    for b in ("Züge", "Autos", "Schiffe", "Räder", "Wagen")
]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(LINES), "utf-8")
    return path


def test_every_setting_reaches_the_hasher_and_the_card(corpus, tmp_path, capsys):
    stop_words = tmp_path / "stop.txt"
    stop_words.write_text("UND\n東京\n", "utf-8")
    out, epochs = tmp_path / "run", ["--bits", "2", "--epochs", "1"]
    options = "--ngrams 1 2 --min-token-length 4 --min-df 1 --max-df 0.5".split()
    train = ["train", str(corpus), "--out", str(out), *epochs, "--preset", "paper"]
    assert main([*train, *options, "--stop-words", str(stop_words)]) == 0
    kept = json.loads((out / "config.json").read_text("utf-8"))["terms"]
    assert kept == {
        "analyzer": "word",
        "ngram_range": [1, 2],
        "min_token_length": 4,
        "stop_words": ["UND", "東京"],
        "min_df": 1,
        "max_df": 0.5,
    }
    hasher = TextHasher.load(out / "model.keras")
    assert {"äpfel", "äpfel züge", "räder"} <= set(hasher.vocabulary)
    assert not {"und", "東京"} & set(hasher.vocabulary)
    assert main(["export", str(out), str(tmp_path / "export")]) == 0
    (card,) = tmp_path.glob("export/*/assets.extra/model_card.json")
    vocabulary = json.loads(card.read_text("utf-8"))["vocabulary"]
    assert {name: vocabulary[name] for name in kept} == kept | {
        "stop_words": ["UND", "東京"]
    }
    assert "stop_words a list of 2" in card.with_suffix(".md").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--stop-words", "absent.txt"], "expected --stop-words english, none or a"),
        (["--ngrams", "2", "1"], "expected ngram_range to be the shortest and the"),
    ],
)
def test_what_cannot_be_is_one_sentence(corpus, tmp_path, capsys, options, message):
    out = tmp_path / "run"
    assert main(["train", str(corpus), "--out", str(out), *options]) == 1
    assert f"wish-tf: error: {message}" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("given", ["1.5", "-1", "nan", "many"])
def test_a_share_above_one_is_refused(corpus, tmp_path, capsys, given):
    with pytest.raises(SystemExit):
        main(["train", str(corpus), "--out", str(tmp_path / "r"), "--min-df", given])
    assert f"a share from 0.0 to 1.0; got '{given}'" in capsys.readouterr().err
