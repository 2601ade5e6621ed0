import keras
import numpy as np
import pytest
import scipy.sparse
from sklearn.preprocessing import normalize

from wish_tf import InputError
from wish_tf.layers import CodeBook, TopicSpace
from wish_tf.models import NestedHash

VOCABULARY, WIDTH = 12, 10


def nested(bits=None) -> NestedHash:
    """A model of random weights whose books have 10 and 6 bits, 3 of them topics."""
    random = np.random.default_rng(0)
    space = TopicSpace(2, 3, 4, 0.7)
    space.build((None, VOCABULARY))
    shapes = [weight.shape for weight in space.get_weights()]
    space.set_weights([random.normal(size=shape) for shape in shapes])
    books = []
    for i, own in enumerate([10, 6]):
        book = CodeBook.of(
            normalize(random.normal(size=(20, WIDTH))),
            random.integers(2, size=(20, own)),
            np.repeat(np.arange(4), 5),
            probes=6,
            temperature=0.05,
            name=f"book_{i}",
        )
        books.append(book)
    return NestedHash(space, books, VOCABULARY, 3, bits)


def rows_of(n=60) -> scipy.sparse.csr_array:
    random = np.random.default_rng(1)
    return scipy.sparse.random_array(
        (n, VOCABULARY), density=0.3, rng=random, dtype=np.float32
    ).tocsr()


@pytest.mark.parametrize("bits", [8, 10, 11, 16])
def test_a_model_that_is_cut_gives_the_first_bits(bits):
    model, rows = nested(), rows_of()
    cut = model.cut(bits)
    assert model.bits == 16 and cut.bits == bits and cut.named_bits == 3
    # A book that no bit is left of is not computed.
    assert len(cut.books) == (1 if bits <= 10 else 2)
    probabilities = model(rows.toarray()).numpy()
    np.testing.assert_array_equal(cut(rows.toarray()), probabilities[:, :bits])
    np.testing.assert_array_equal(cut.encode(rows), model.encode(rows)[:, :bits])


def test_a_short_model_is_not_cut_further():
    model = nested(6)
    assert model.cut(6).bits == 6
    with pytest.raises(InputError, match="from 6 to 6; got 5"):
        model.cut(5)


@pytest.mark.parametrize("bits", [7, 17, 8.0, True])
def test_prefixes_that_there_are_not_are_refused(bits):
    with pytest.raises(InputError, match="a whole number from 8 to 16; got"):
        nested().cut(bits)


def test_more_bits_than_the_books_have_are_refused():
    with pytest.raises(InputError, match="from 1 to 16; got 17"):
        nested(17)


def test_codes_are_the_probabilities_above_one_half():
    model, rows = nested(), rows_of()
    codes = model.encode(rows)
    assert codes.dtype == np.uint8 and codes.shape == (60, 16)
    np.testing.assert_array_equal(codes, model(rows.toarray()).numpy() > 0.5)
    assert len(np.unique(codes, axis=0)) > 5
    for same in (rows.tocoo(), rows.tocsc(), rows.toarray()):
        np.testing.assert_array_equal(model.encode(same), codes)
    np.testing.assert_array_equal(model.encode(rows, batch_size=7), codes)
    assert model.encode(rows[:0]).shape == (0, 16)


def test_rows_of_another_width_are_refused():
    with pytest.raises(InputError, match="12"):
        nested().encode(rows_of()[:, :11])


def test_named_bits_of_a_text_without_words_are_undecided():
    empty = np.zeros((1, VOCABULARY), np.float32)
    np.testing.assert_array_equal(nested()(empty)[0, :3], [0.5, 0.5, 0.5])


@pytest.mark.parametrize("bits", [None, 8])
def test_a_saved_model_comes_back(tmp_path, bits):
    model, rows = nested(bits), rows_of()
    model.save(tmp_path / "nested.keras")
    loaded = keras.models.load_model(tmp_path / "nested.keras")
    assert isinstance(loaded, NestedHash)
    assert (loaded.bits, loaded.named_bits) == (model.bits, 3)
    np.testing.assert_array_equal(loaded(rows.toarray()), model(rows.toarray()))
