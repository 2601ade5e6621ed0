"""WISH as a dense PyTorch program, the way the paper's public code computes it.

Every row is made dense, and Adam visits all weights at every step. Needs
`pip install torch` (a CPU build will do); the package itself does not.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn

TOPIC_DIM = 100
HIDDEN = 1000
DROPOUT = 0.2
KL_STEP = 5e-6


class Sign(torch.autograd.Function):
    """The sign, whose derivative is taken to be 1."""

    @staticmethod
    def forward(ctx, x):
        return torch.sign(x)

    @staticmethod
    def backward(ctx, upstream):
        return upstream


class DenseWISH(nn.Module):
    """The model and one step of its training.

    Args:
        bits: number of hash bits.
        vocabulary_size: number of words.
    """

    def __init__(self, bits: int, vocabulary_size: int):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(vocabulary_size, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, bits),
            nn.Sigmoid(),
        )
        self.topics = nn.Parameter(torch.rand(bits, TOPIC_DIM))
        self.decoder = nn.Linear(TOPIC_DIM, vocabulary_size)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=1e-3)
        self.kl_weight = 0.0

    def train_step(self, rows: torch.Tensor) -> None:
        """Takes one step on dense rows [n, vocabulary]."""
        self.optimizer.zero_grad()
        p = self.encoder(rows)
        bits = (Sign.apply(p - torch.rand_like(p)) + 1) / 2
        log_words = torch.log_softmax(self.decoder(bits @ self.topics), dim=1)
        reconstruction = -(rows * log_words).sum(dim=1).mean()
        q = p.clamp(1e-7, 1 - 1e-7)
        kl = (q * (2 * q).log() + (1 - q) * (2 * (1 - q)).log()).sum(dim=1).mean()
        gram = self.topics @ self.topics.T - torch.eye(len(self.topics))
        loss = reconstruction + self.kl_weight * kl + gram.square().sum()
        loss.backward()
        self.optimizer.step()
        self.kl_weight = min(self.kl_weight + KL_STEP, 1.0)

    def encode(self, matrix) -> np.ndarray:
        """Returns the codes of CSR rows, uint8 0/1 [n, bits], without noise."""
        self.eval()
        with torch.no_grad():
            # Sparse, to save time of the benchmark: this is not what it measures.
            words = matrix @ self.encoder[0].weight.numpy().T
            hidden = torch.from_numpy(words) + self.encoder[0].bias
            codes = (self.encoder[1:](hidden) > 0.5).numpy()
        self.train()
        return codes.astype(np.uint8)


def dense(rows) -> torch.Tensor:
    """Returns CSR rows as a dense tensor."""
    return torch.from_numpy(rows.toarray())


def train_for(model: DenseWISH, rows, batch_size: int, seconds: float) -> int:
    """Trains for one pass over CSR rows, or until the time is up.

    Returns:
        The number of steps taken.
    """
    start = time.perf_counter()
    steps = 0
    for i in range(0, rows.shape[0], batch_size):
        model.train_step(dense(rows[i : i + batch_size]))
        steps += 1
        if time.perf_counter() - start > seconds:
            break
    return steps
