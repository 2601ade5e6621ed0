"""TMC: aviation safety reports of the SIAM 2007 text mining competition."""

from __future__ import annotations

from pathlib import Path

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.data_dir import read_data_file, unavailable

NAME = "tmc"
FILE = "tmc.jsonl.gz"
WORDS_NAME = "tmc-500words"
WORDS_FILE = "tmc2007_500words.jsonl.gz"


def load_tmc(data_dir: Path | None) -> Corpus:
    """Loads the reports, 22 labels.

    Reads `tmc.jsonl.gz` in `data_dir`; or else `tmc2007_500words.jsonl.gz`, whose
    documents are the words present out of 500 that were chosen with the labels: its
    corpus is named `tmc-500words` so that no result is taken for one on the text.

    Raises:
        InputError: if `data_dir` has neither: there is no downloader.
    """
    corpus = read_data_file(data_dir, {FILE: NAME, WORDS_FILE: WORDS_NAME})
    if corpus is None:
        raise unavailable(NAME, f"{FILE} or {WORDS_FILE}", "it has no downloader")
    return corpus
