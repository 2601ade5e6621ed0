import importlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from wish_tf import InputError
from wish_tf.saved_model import SavedHasher, export_hasher
from wish_tf.saved_model.versions import newest_version, version_numbers

from .watcher import Watcher

TEXTS = ["red the blue red", "green", "nothing known", "", "red\ud83d"]

# Run by an interpreter that cannot import the package.
PLAIN = """
import sys
sys.modules["wish_tf"] = None
import tensorflow as tf
import tensorflow_text
model = tf.saved_model.load(sys.argv[1])
out = model.signatures["serving_default"](text=tf.constant(["red blue", "zz"]))
print(sorted(out), out["bits"].numpy().tolist())
"""


def test_signatures(small_model, tmp_path):
    path = export_hasher(small_model, tmp_path)
    loaded = tf.saved_model.load(str(path))
    assert set(loaded.signatures) == {"serving_default", "hash", "topics"}
    outputs = loaded.signatures["hash"].structured_outputs
    assert {name: (o.shape.as_list(), o.dtype) for name, o in outputs.items()} == {
        "bits": ([None, 11], tf.int32),
        "code_bytes": ([None], tf.string),
        "probabilities": ([None, 11], tf.float32),
        "out_of_vocabulary": ([None], tf.bool),
    }
    topics = loaded.signatures["topics"](k=tf.constant([2]))
    assert topics["words"].shape == topics["weights"].shape == (1, 11, 10)
    assert topics["names"].shape == (1, 11)


def test_codes_are_those_of_the_model(small_model, tmp_path):
    hasher = SavedHasher(export_hasher(small_model, tmp_path).parent)
    hashed = hasher.hash(TEXTS, batch_size=2)
    texts = [text.encode("utf-8", "replace") for text in TEXTS]
    expected = small_model.hash_texts(tf.constant(texts))
    np.testing.assert_array_equal(hashed.bits, expected["bits"])
    assert hashed.out_of_vocabulary.tolist() == [False, False, True, True, False]
    assert [bytes(row) for row in hashed.packed] == expected[
        "code_bytes"
    ].numpy().tolist()
    assert hasher.bits == 11
    topics = hasher.topics(2)
    assert [len(words) for words in topics] == [2] * 4 + [0] * 7
    assert [word for word, _ in topics[3]] == ["red blue", "red"]


def test_loads_in_a_process_without_the_package(small_model, tmp_path):
    path = export_hasher(small_model, tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", PLAIN, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith(
        "['bits', 'code_bytes', 'out_of_vocabulary', 'probabilities'] [["
    )


def test_loads_with_the_loader_that_tf_serving_uses(small_model, tmp_path):
    path = export_hasher(small_model, tmp_path)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(path))
        signature = graph.signature_def["hash"]
        assert signature.method_name == "tensorflow/serving/predict"
        bits = session.run(
            signature.outputs["bits"].name,
            {signature.inputs["text"].name: ["red blue", "green"]},
        )
    np.testing.assert_array_equal(
        bits, small_model.hash_texts(tf.constant(["red blue", "green"]))["bits"]
    )


def test_what_only_saving_needs_keeps_no_old_server_from_loading(small_model, tmp_path):
    path = export_hasher(small_model, tmp_path)
    saved = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    functions = saved.meta_graphs[0].graph_def.library.function
    operations = {node.op for function in functions for node in function.node_def}
    assert "SaveV2" in operations and "DisableCopyOnRead" not in operations
    # Saving still works without.
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(path))
        saver = graph.saver_def
        session.run(
            saver.save_tensor_name, {saver.filename_tensor_name: str(tmp_path / "v")}
        )
    kept = tf.train.list_variables(str(path / "variables/variables"))
    assert tf.train.list_variables(str(tmp_path / "v")) == kept


def test_versions_count_on_and_nothing_else_is_left(small_model, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "7").mkdir()
    assert export_hasher(small_model, tmp_path).name == "8"
    assert export_hasher(small_model, tmp_path).name == "9"
    assert {path.name for path in tmp_path.iterdir()} == {"notes", "7", "8", "9"}
    assert version_numbers(tmp_path) == [7, 8, 9]
    assert newest_version(tmp_path) == tmp_path / "9"


def test_a_failed_export_leaves_nothing(small_model, tmp_path, monkeypatch):
    def fail(path, text) -> None:
        raise OSError("disk full")

    # When the SavedModel is there, and the warm-up requests.
    module = importlib.import_module("wish_tf.saved_model.write_version")
    monkeypatch.setattr(module, "write_json", fail)
    with Watcher(tmp_path) as watcher, pytest.raises(OSError, match="disk full"):
        export_hasher(small_model, tmp_path)
    assert watcher.seen == set() and list(tmp_path.iterdir()) == []


def test_a_watcher_sees_whole_versions_only(small_model, tmp_path):
    with Watcher(tmp_path) as watcher:
        paths = [export_hasher(small_model, tmp_path) for _ in range(3)]
    assert [path.name for path in paths] == ["1", "2", "3"]
    assert watcher.seen == {(path.name, Watcher.files(path)) for path in paths}
    assert {
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
        "assets.extra/tf_serving_warmup_requests",
        "assets.extra/model_card.json",
        "assets.extra/model_card.md",
    } <= {name for name, _ in Watcher.files(paths[0])}


def test_a_file_in_the_way_is_refused(small_model, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="^expected a folder .*; got the file "):
        export_hasher(small_model, tmp_path / "file")


def test_what_is_not_a_hasher_is_refused(tmp_path):
    with pytest.raises(InputError, match="got no such folder$"):
        SavedHasher(tmp_path / "missing")
    with pytest.raises(InputError, match="got neither$"):
        SavedHasher(tmp_path)
    (tmp_path / "1").mkdir()
    with pytest.raises(InputError, match="got no saved_model.pb$"):
        SavedHasher(tmp_path)
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"junk")
    with pytest.raises(InputError, match="got what cannot be loaded"):
        SavedHasher(tmp_path)

    other = tf.Module()
    other.run = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(other, str(tmp_path / "2"), signatures={"hash": other.run})
    with pytest.raises(
        InputError, match="exported by wish-tf .* signatures \\['hash'\\]"
    ):
        SavedHasher(tmp_path)
