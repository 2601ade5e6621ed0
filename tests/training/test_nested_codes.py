from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import scipy.sparse

from tests.training.planted import planted_rows, purity
from tests.training.small_recipes import DRAWN, NESTED
from wish_tf import InputError
from wish_tf.callbacks import ProgressCallback
from wish_tf.recipes import BookSettings, TopicSettings
from wish_tf.training import FitOptions, TrainingData, train

ONE_DECODER = NESTED.with_setting("strategy.space.decoders", 1)
# Stages to be killed in, besides those of the topics.
BOOKS = ("centres of book 1", "bits of book 1", "centres of book 2")


@pytest.fixture(scope="module")
def planted():
    return planted_rows(300)


@pytest.fixture(scope="module")
def long(planted):
    """A model of 32 bits."""
    return train(TrainingData(planted[0], 32, seed=3), NESTED)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_short_code_is_the_prefix_of_a_long_one(planted, long, bits):
    rows, _ = planted
    short = train(TrainingData(rows, bits, seed=3), NESTED)
    assert (short.bits, short.named_bits) == (bits, 8)
    codes = long.encode(rows)
    np.testing.assert_array_equal(short.encode(rows), codes[:, :bits])
    np.testing.assert_array_equal(long.cut(bits).encode(rows), codes[:, :bits])


def test_the_first_bits_are_topics_and_the_others_tell_texts_apart(planted, long):
    rows, groups = planted
    codes = long.encode(rows)
    assert purity(codes[:, :8], groups) > 0.98
    coarse, fine = (len(np.unique(codes[:, :bits], axis=0)) for bits in (8, 16))
    assert coarse <= 16 and fine > 4 * coarse
    # Texts with eight bits in common are closer if they have more in common.
    apart = (codes[:, np.newaxis] != codes).sum(axis=2)
    cosines = (rows @ rows.T).toarray()
    same = (codes[:, np.newaxis, :8] == codes[:, :8]).all(axis=2)
    same &= ~np.eye(300, dtype=bool)
    near, far = same & (apart <= 6), same & (apart >= 10)
    assert cosines[near].mean() > cosines[far].mean() + 0.05


def test_a_text_of_new_words_has_the_code_of_its_kind(planted, long):
    _, groups = planted
    # Two words of each group, alone, which no text of the training has.
    rows = np.zeros((4, 100), np.float32)
    for group in range(4):
        rows[group, 25 * group + np.array([3, 11])] = 0.5**0.5
    topics = long.encode(scipy.sparse.csr_array(rows))[:, :8]
    known = long.encode(planted[0])[:, :8]
    for group, code in enumerate(topics):
        agreeing = groups[(known == code).all(axis=1)]
        assert len(agreeing) and (agreeing == group).all()


@pytest.mark.parametrize(("texts", "bits"), [(8, 16), (20, 16), (20, 4), (300, 40)])
def test_small_corpora_get_as_many_topics_as_they_carry(texts, bits):
    rows, _ = planted_rows(texts)
    model = train(TrainingData(rows, bits), ONE_DECODER)
    codes = model.encode(rows)
    assert codes.shape == (texts, bits) == (texts, model.bits)
    assert 1 <= model.named_bits <= min(bits, 8, max(1, texts // 8 - 1))
    # Topics are on for some texts and off for others.
    share = codes[:, : model.named_bits].mean(axis=0)
    assert (share > 0).all() and (share < 1).all()
    if bits >= 16:
        assert len(np.unique(codes, axis=0)) >= min(texts, 100)


def test_texts_that_are_all_the_same_have_one_code():
    rows = scipy.sparse.vstack([planted_rows(1)[0]] * 12).tocsr()
    codes = train(TrainingData(rows, 16), ONE_DECODER).encode(rows)
    assert codes.shape == (12, 16) and len(np.unique(codes, axis=0)) == 1


def test_every_stage_tells_how_far_it_is(planted):
    seen = []
    options = FitOptions(callbacks=[ProgressCallback(seen.append)])
    train(TrainingData(planted[0], 20), NESTED, options)
    stages = [(stage, list(run)) for stage, run in groupby(seen, lambda at: at.stage)]
    assert [stage for stage, _ in stages] == [
        *("topics", "lsa", "clusters", "codes", "centres of book 1"),
        *("neighbours of book 1", "bits of book 1", "clusters of book 2"),
        *("centres of book 2", "neighbours of book 2", "bits of book 2"),
    ]
    for _, run in stages:
        steps = [each.step for each in run]
        assert steps == sorted(set(steps)) and steps[0] >= 1
        assert all(each.step <= each.of for each in run)


def test_a_training_that_was_killed_ends_as_one_that_was_not(planted, tmp_path):
    class Die(Exception):
        pass

    rows = planted[0][:200]
    data = TrainingData(rows, 24, seed=5)
    whole = train(data, ONE_DECODER)
    begun = []

    def run(last):
        """Trains until a stage says how far it is."""
        seen = []

        def die_in(progress):
            seen.append(progress.stage)
            if progress.stage == last:
                raise Die

        options = FitOptions([ProgressCallback(die_in)], checkpoint=tmp_path)
        try:
            return train(data, ONE_DECODER, options)
        finally:
            begun.append(seen[0])

    for last in ("lsa", "clusters", "codes", *BOOKS):
        with pytest.raises(Die):
            run(last)
    resumed = run(None)
    # What was finished is not done again.
    assert begun == [
        *("topics", "lsa", "clusters", "clusters"),
        *("centres of book 1", "centres of book 1", "clusters of book 2"),
    ]
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("bits", "texts", "different", "clusters"),
    [
        # 8 bits have 1 + 8 + 28 codes with at most two on.
        (8, 50_000, 50_000, 36),
        # A large corpus has more, for its codes to be told apart.
        (8, 99_000, 99_000, 66),
        (8, 3000, 3000, 20),
        (8, 300, 300, 16),
        (8, 100, 100, 12),
        (8, 8, 8, 2),
        (8, 300, 5, 5),
        (3, 100_000, 100_000, 8),
        (1, 100_000, 100_000, 2),
    ],
)
def test_the_number_of_clusters_follows_the_corpus(bits, texts, different, clusters):
    assert TopicSettings().clusters(bits, texts, different) == clusters


@pytest.mark.parametrize(
    ("texts", "each"), [(8, 1), (300, 1), (600, 2), (1280, 5), (10**6, 5)]
)
def test_few_texts_get_finer_centres(texts, each):
    assert BookSettings().texts_for(texts) == each


def test_a_large_corpus_is_learned_from_a_sample(planted, long):
    rows, groups = planted
    strategy = NESTED.strategy
    settings = replace(
        strategy,
        books=replace(strategy.books, at_most=20),
        topics=replace(strategy.topics, sample=150),
    )
    model = train(TrainingData(rows, 16), replace(NESTED, strategy=settings))
    codes = model.encode(rows)
    assert purity(codes[:, :8], groups) > 0.95
    # 100 texts are the sample of the book, each of which has a centre at most.
    assert len(np.unique(codes, axis=0)) <= 100
    assert len(np.unique(long.encode(rows)[:, :16], axis=0)) > 100


def test_embeddings_part_what_words_do_not(planted):
    rows, groups = planted
    # The embeddings alone know two halves of each group.
    halves = np.random.default_rng(0).integers(2, size=len(groups))
    telling = np.eye(8, dtype=np.float32)[2 * groups + halves]
    taught, alone = (
        train(TrainingData(rows, 8, embeddings=embeddings), ONE_DECODER)
        for embeddings in (telling, None)
    )
    # What is served reads words alone, so codes still follow the groups of words.
    assert purity(taught.encode(rows), groups) > 0.98
    # Centres are means of texts that the embeddings put together.
    assert not np.array_equal(
        taught.books[0].centres.numpy(), alone.books[0].centres.numpy()
    )


def test_a_way_that_reads_words_alone_refuses_embeddings(planted):
    rows, _ = planted
    data = TrainingData(rows, 4, embeddings=np.ones((300, 2), np.float32))
    with pytest.raises(InputError, match="straight_through learns from words alone"):
        train(data, DRAWN)


def test_of_a_large_corpus_a_sample_is_drawn(planted):
    rows, _ = planted
    recipe = ONE_DECODER.with_setting("strategy.sample", 100)
    data = TrainingData(
        rows, 16, embeddings=rows.toarray(), places=np.arange(len(rows.indptr) - 1) + 7
    )
    drawn = recipe.strategy.drawn(data)
    assert drawn.rows.shape == (100, rows.shape[1])
    np.testing.assert_array_equal(drawn.embeddings, drawn.rows.toarray())
    # It is known which texts were drawn, and the seed draws them.
    np.testing.assert_array_equal(
        drawn.rows.toarray(), rows[drawn.places - 7].toarray()
    )
    again = recipe.strategy.drawn(data)
    np.testing.assert_array_equal(again.places, drawn.places)
    assert recipe.strategy.drawn(drawn) is drawn
