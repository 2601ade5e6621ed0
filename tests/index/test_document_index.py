import numpy as np
import pytest

from wish_tf import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index import HammingIndex
from wish_tf.index.document_index import DocumentIndex
from wish_tf.index.index_file import write_index_file
from wish_tf.index.stored_documents import contents_of


def document_index() -> DocumentIndex:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.9, 0.9]])
    unknown = np.array([False, False, True, False])
    return DocumentIndex(
        HashedTexts(probabilities.astype(np.float32), unknown),
        ["a", "b", "c", "ü"],
        ["text a", "", "unknown", "übung\nzwei"],
        "saved_models/x/1",
    )


def test_unknown_documents_are_left_out_and_ids_are_places():
    documents = document_index()
    assert (len(documents.index), documents.skipped) == (3, 1)
    assert documents.index.search([[1, 0]], 3).ids.tolist() == [[0, 3, 1]]


def test_save_and_load(tmp_path):
    documents = document_index()
    documents.save(tmp_path / "x.index")
    loaded = DocumentIndex.load(tmp_path / "x.index")
    assert list(loaded.names) == ["a", "b", "c", "ü"]
    assert list(loaded.texts) == ["text a", "", "unknown", "übung\nzwei"]
    assert (loaded.model, loaded.skipped) == ("saved_models/x/1", 1)
    assert loaded.index.search([[0, 1]], 3).ids.tolist() == [[1, 3, 0]]


def test_a_plain_index_is_refused(tmp_path):
    HammingIndex(2).save(tmp_path / "x.index")
    with pytest.raises(InputError, match="must be a wish_tf DocumentIndex file"):
        DocumentIndex.load(tmp_path / "x.index")


def test_contents_that_do_not_fit_are_refused(tmp_path):
    documents = document_index()
    values, arrays = contents_of(documents.index.documents)
    ends = documents.names.ends
    strings = {"texts": documents.texts.text, "text_ends": documents.texts.ends}
    titles = {"titles": documents.names.text, "title_ends": ends}
    good = arrays | strings | titles
    model = {"model": "m"}
    path = tmp_path / "x"
    for changed_values, changed_arrays in (
        (values, good),  # no model
        (values | model, arrays | strings),
        (values | model, good | {"title_ends": ends[:-1]}),
        (values | model, good | {"title_ends": ends[::-1]}),
        (values | model | {"bits": 3}, good),
    ):
        write_index_file(
            path, "wish_tf DocumentIndex", 2, changed_values, changed_arrays
        )
        with pytest.raises(InputError, match="contents contradict each other"):
            DocumentIndex.load(path)
    write_index_file(path, "wish_tf DocumentIndex", 2, values | model, good)
    assert list(DocumentIndex.load(path).names) == list(documents.names)
