from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How much of everything is run.

    Attributes:
        corpora: names of `wish_tf.corpora`.
        bits: lengths of few-bit codes.
        long_bits: lengths of Fig. 9.
        topic_dims: of Fig. 5.
        lambdas: of Fig. 6.
        ammi_epochs: fewer than AMMI has in Table 1.
        seeds: of WISH in Table 1.
        documents: most documents of a corpus, or None for all.
        epochs: most epochs of neural methods, or None for their own.
        annealing_steps: of the default recipe's decoders, or None for its own.
    """

    corpora: tuple[str, ...] = ("20newsgroups", "reuters", "agnews", "tmc")
    bits: tuple[int, ...] = (4, 6, 8, 10, 12)
    long_bits: tuple[int, ...] = (16, 20, 24, 28, 32)
    topic_dims: tuple[int, ...] = (50, 100, 150, 200, 250, 300)
    lambdas: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0, 100.0)
    ammi_epochs: tuple[int, ...] = (5, 10, 20)
    seeds: tuple[int, ...] = (0, 1, 2)
    documents: int | None = None
    epochs: int | None = None
    annealing_steps: int | None = None


FULL = Scale()
# Every table and figure within a quarter of an hour; the figures mean nothing.
QUICK = Scale(
    bits=(8,),
    long_bits=(32,),
    topic_dims=(50, 300),
    lambdas=(0.01, 100.0),
    ammi_epochs=(1,),
    seeds=(0,),
    documents=200,
    epochs=2,
    annealing_steps=30,
)
