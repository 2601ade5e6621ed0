import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from wish_tf import InputError, export_hasher
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.warmup import read_warmup, write_warmup
from wish_tf.server.warm_up import WARM_UP_FILE


def test_every_signature_is_asked_for_at_several_sizes(small_model, tmp_path):
    write_warmup(tmp_path / "w", small_model)
    requests = read_warmup(tmp_path / "w")
    asked = [
        (request.model_spec.signature_name, name, tensor.tensor_shape.dim[0].size)
        for request in requests
        for name, tensor in request.inputs.items()
    ]
    assert asked == [
        ("serving_default", "text", 1),
        ("serving_default", "text", 8),
        ("hash", "text", 1),
        ("hash", "text", 8),
        ("topics", "k", 1),
    ]


def test_texts_are_sentences_of_known_words(small_model, tmp_path):
    write_warmup(tmp_path / "w", small_model)
    texts = tf.make_ndarray(read_warmup(tmp_path / "w")[1].inputs["text"]).tolist()
    assert len(set(texts)) == 8
    for text in texts:
        assert text[:1].isupper() and text.endswith(b".") and len(text.split()) >= 5
        assert set(text.lower()[:-1].split()) <= {b"red", b"blue", b"green"}
    assert (
        not small_model.hash_texts(tf.constant(texts))["out_of_vocabulary"]
        .numpy()
        .any()
    )


def test_an_export_answers_its_requests(small_model, tmp_path):
    version = ExportedVersion(export_hasher(small_model, tmp_path))
    for request in read_warmup(version.path / WARM_UP_FILE):
        inputs = {
            name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()
        }
        assert version.run(request.model_spec.signature_name, inputs)


def test_batching_finds_as_many_rows_out_as_in(small_model, tmp_path):
    write_warmup(tmp_path / "w", small_model)
    version = ExportedVersion(export_hasher(small_model, tmp_path))
    for request in read_warmup(tmp_path / "w"):
        ((name, tensor),) = request.inputs.items()
        outputs = version.run(
            request.model_spec.signature_name, {name: tf.make_ndarray(tensor)}
        )
        rows = {len(value) for value in outputs.values()}
        assert rows == {tensor.tensor_shape.dim[0].size}


def test_damaged_and_foreign_files_are_refused(small_model, tmp_path):
    with pytest.raises(InputError, match="got no such file$"):
        read_warmup(tmp_path / "none")
    path = tmp_path / "w"
    write_warmup(path, small_model)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    with pytest.raises(InputError, match="record 4, which cannot be read"):
        read_warmup(path)
    path.write_bytes(b"junk that is longer than a header")
    with pytest.raises(InputError, match="record 0, which cannot be read"):
        read_warmup(path)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(b"\xff\xff")
    with pytest.raises(InputError, match="record 0, which cannot be read"):
        read_warmup(path)
    for log, found in [
        (prediction_log_pb2.PredictionLog(), "an empty record"),
        (
            prediction_log_pb2.PredictionLog(
                classify_log=prediction_log_pb2.ClassifyLog()
            ),
            "classify_log",
        ),
    ]:
        with tf.io.TFRecordWriter(str(path)) as writer:
            writer.write(log.SerializeToString())
        with pytest.raises(InputError, match=f"record 0 of .*; got {found}$"):
            read_warmup(path)
