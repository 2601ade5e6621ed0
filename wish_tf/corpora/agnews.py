"""AG News: title and description of news in four classes."""

from __future__ import annotations

from pathlib import Path

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.data_dir import read_data_file, unavailable

NAME = "agnews"
FILE = "agnews.jsonl.gz"
PARTIAL_NAME = "agnews-partial"
PARTIAL_FILE = "agnews_partial.jsonl.gz"


def load_agnews(data_dir: Path | None) -> Corpus:
    """Loads the news.

    Reads `agnews.jsonl.gz` in `data_dir`; or else `agnews_partial.jsonl.gz`, whose
    corpus is named `agnews-partial` so that no result is taken for one on the whole;
    or else asks TensorFlow Datasets (extra `tfds`), which downloads the corpus once.

    Raises:
        InputError: if none of these works.
    """
    names = {FILE: NAME, PARTIAL_FILE: PARTIAL_NAME}
    return read_data_file(data_dir, names) or _download()


def _download() -> Corpus:
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise unavailable(
            NAME,
            FILE,
            "its downloader needs TensorFlow Datasets (pip install 'wish-tf[tfds]')",
        ) from error
    texts: list[str] = []
    labels: list[tuple[str, ...]] = []
    ids: list[str] = []
    official: list[str] = []
    for part in ("train", "test"):
        try:
            data, info = tfds.load("ag_news_subset", split=part, with_info=True)
        # The library documents no exception; what its download raises depends on its
        # version and on the network.
        except Exception as error:
            raise unavailable(
                NAME,
                FILE,
                f"TensorFlow Datasets could not download it ({type(error).__name__})",
            ) from error
        names = info.features["label"].names
        for number, item in enumerate(tfds.as_numpy(data), start=1):
            title, description = item["title"].decode(), item["description"].decode()
            texts.append(f"{title}\n{description}")
            labels.append((names[item["label"]],))
            ids.append(f"{part}/{number}")
            official.append(part)
    return Corpus(NAME, texts, labels, ids, official)
