import numpy as np

from tests.report.variants import relabelled
from wish_tf.metrics import Retrieval
from wish_tf.report.documents import Documents
from wish_tf.report.neighbours import K, by_neighbours


def labelled(codes: np.ndarray, labels: list[tuple]) -> Documents:
    from wish_tf.corpora import Corpus
    from wish_tf.hashed_texts import HashedTexts

    n = len(codes)
    corpus = Corpus("planted", ["x"] * n, labels, [str(i) for i in range(n)])
    hashed = HashedTexts(codes.astype(np.float32), np.zeros(n, bool))
    return Documents("training", corpus, hashed, n)


def test_without_labels_the_nearest_by_tf_idf_are_relevant(source):
    unlabelled = relabelled(source, None)
    found = unlabelled.retrieval
    rows = [
        part.rows(source.hasher, np.flatnonzero(~part.hashed.out_of_vocabulary))
        for part in (source.test, source.train)
    ]
    known = [~part.hashed.out_of_vocabulary for part in (source.test, source.train)]
    similar = (rows[0] @ rows[1].T).toarray()
    nearest = [
        tuple(np.argsort(-own, kind="stable")[:K][np.sort(-own)[:K] < 0])
        for own in similar
    ]
    # Among equally similar documents either choice is right, so shares may differ a
    # little from those of another order.
    expected = Retrieval.by_labels(
        source.test.codes[known[0]],
        nearest,
        source.train.codes[known[1]],
        [(i,) for i in range(similar.shape[1])],
    )
    difference = found.precisions(K).mean() - expected.precisions(K).mean()
    assert abs(difference) < 0.02
    assert found.chance <= K / similar.shape[1] + 1e-9
    few = source.train.subset(np.arange(K - 1))
    assert by_neighbours(few, source.test, source.hasher) is None
