"""What a linear softmax decoder says of documents' words."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from wish_tf.data import as_sparse_rows, row_sums


def softmax_log_likelihood(
    weights: tf.Tensor,
    words: tf.Tensor,
    bias: tf.Tensor,
    rows: tf.SparseTensor | tf.Tensor,
) -> tf.Tensor:
    """Returns `sum_w x_w log softmax(weights words + bias)_w`, [n].

    The logits are needed at the documents' own words only, besides one
    log-sum-exp a document.

    Args:
        weights: of the topics in each document, float [n, m].
        words: what each topic adds to each word's logit, float [m, vocabulary].
        bias: float [vocabulary].
        rows: word weights x, sparse or dense [n, vocabulary].
    """
    rows = tf.cast(as_sparse_rows(rows), words.dtype)
    # The bias is one more topic, which every document selects.
    weights = tf.concat([weights, tf.ones_like(weights[:, :1])], axis=1)
    table = tf.concat([words, bias[tf.newaxis]], axis=0)
    evidence = tf.sparse.sparse_dense_matmul(rows, tf.transpose(table))
    return tf.reduce_sum(weights * evidence, axis=1) - row_sums(rows) * _log_partition(
        weights, table
    )


@tf.custom_gradient
def _log_partition(
    selection: tf.Tensor, table: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """log sum_v exp(selection table), [n], for selection [n, m], table [m, v].

    Written out for two reasons. Documents with the same code have the same
    logits, so only the distinct rows of `selection` are worked out: at l bits
    2^l at most. And the exponentials, the one large array here, are made once
    and never scaled: the small matrices beside them are.
    """
    distinct, code = tf.raw_ops.UniqueV2(x=selection, axis=[0])
    logits = tf.matmul(distinct, table)
    peak = tf.reduce_max(logits, axis=1, keepdims=True)
    weights = tf.exp(logits - peak)
    total = tf.reduce_sum(weights, axis=1, keepdims=True)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # A document's own row gets its own upstream; the table gets, for each
        # code, the sum over its documents.
        expected = tf.matmul(weights, table, transpose_b=True) / total
        by_code = tf.math.unsorted_segment_sum(upstream, code, tf.shape(distinct)[0])
        scale = by_code[:, tf.newaxis] / total
        return (
            tf.gather(expected, code) * upstream[:, tf.newaxis],
            tf.matmul(distinct * scale, weights, transpose_a=True),
        )

    return tf.gather(peak + tf.math.log(total), code)[:, 0], gradient
