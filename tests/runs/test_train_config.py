import json
from dataclasses import asdict

from wish_tf.corpora import Fields
from wish_tf.layers import TfidfVectorization
from wish_tf.recipes import DEFAULT
from wish_tf.runs import TermSettings, TrainConfig
from wish_tf.text_hasher import TextHasher


def test_what_is_read_is_kept_in_the_configuration(tmp_path):
    path = tmp_path / "a.csv"
    lines = [f"{i};a text;{i % 2}.0\n" for i in range(20)]
    # Ids are for people here: one may come twice.
    lines[1] = "0;a text;\n"
    path.write_text("key;body;topic\n" + "".join(lines))
    fields = Fields(text="body", id="key", label="topic", delimiter=";")
    config = TrainConfig(str(path), 4, DEFAULT.to_json(), fields=fields)
    again = TrainConfig.from_json(json.loads(json.dumps(config.to_json())))
    assert again == config
    splits = again.load_splits()
    parts = (splits.train, splits.validation, splits.test)
    labels = {
        (id_, own)
        for part in parts
        for id_, own in zip(part.ids, part.labels, strict=True)
    }
    expected = {(str(i), (f"{i % 2}.0",)) for i in range(20) if i != 1}
    assert labels == expected | {("0", ())}


def test_how_texts_are_taken_apart_is_kept_and_used():
    terms = TermSettings("char", (2, 3), 1, ("the", "of"), 1, 0.5)
    config = TrainConfig("a.txt", 4, DEFAULT.to_json(), terms=terms)
    written = json.loads(json.dumps(config.to_json()))
    assert written["terms"]["stop_words"] == ["the", "of"]
    assert TrainConfig.from_json(written) == config
    # One name a setting, everywhere.
    hasher = TextHasher(4, **asdict(terms))
    layer = TfidfVectorization(**asdict(terms))
    for name, value in asdict(terms).items():
        assert getattr(hasher, name) == value
        expected = sorted(value) if name == "stop_words" else value
        assert layer.settings[name] == expected
    assert TfidfVectorization().settings == asdict(TermSettings())
