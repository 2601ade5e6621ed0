"""Trains the paper's method for as long as its public code does, and keeps the curve.

    python scripts/full_length.py run --data-dir DIR --checkpoints FOLDER \\
        --corpora reuters --presets paper reference --bits 8 --seeds 0 --epochs 1000
    python scripts/full_length.py so-far --checkpoints FOLDER
    python scripts/full_length.py docs      # the section of docs/reproduction.md

`run` adds what is not yet in the results, a line a run. A run that was killed goes on
from its folder under `--checkpoints`, where it is kept every few minutes; the command
is the same. `so-far` adds what unfinished runs have, each as the run of the epochs that
are done. Nothing ends early. At every tenth epoch the codes are measured on the
validation texts, and three ways to choose an epoch are followed side by side: by the
validation labels, as the public code does; by the objective on the validation texts, as
`wish-tf train` does; and the last. Test texts are hashed where an epoch is the best so
far, and only what the chosen epochs had is kept.

`reference-all-rows` is `reference` with Adam as PyTorch has it, which in each step also
moves the words that are not in the batch, by what their moments remember; `LazyAdam`
leaves them. 20 Newsgroups is split as `reference`, the others at random by seed 0.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from marks import write_between_marks
from reproduction.prepared_corpus import PreparedCorpus
from result_lines import append, read
from sweep import BITS, PAPER
from wish_tf.codes import check_bits
from wish_tf.data import csr_dataset
from wish_tf.files import replacing, write_json
from wish_tf.metrics import Retrieval, code_statistics
from wish_tf.models.wish import bernoulli_kl
from wish_tf.recipes import PRESETS, Recipe
from wish_tf.training import FitOptions, TrainingData, train
from wish_tf.types import Csr

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "full_length.jsonl"
EVERY, BATCH, K = 10, 1000, 100
CHECKPOINT_MINUTES = 10
ORDER = ("corpus", "bits", "preset", "seed")
RUN = ("preset", "corpus", "bits", "seed", "epochs")
ALL_ROWS = "reference-all-rows"
RECIPES: dict[str, Recipe] = {
    "paper": PRESETS["paper"],
    "reference": PRESETS["reference"],
    ALL_ROWS: PRESETS["reference"],
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("run", "so-far", "docs"))
    parser.add_argument("--corpora", nargs="+", default=["reuters", "20newsgroups"])
    parser.add_argument(
        "--presets", nargs="+", default=["paper", "reference"], choices=RECIPES
    )
    parser.add_argument("--bits", nargs="+", type=int, default=[4, 8, 12])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--checkpoints", type=Path, help="a folder for unfinished runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args()
    if args.action == "docs":
        write_docs(read(args.results))
        return
    if args.checkpoints is None:
        parser.error(f"{args.action} needs --checkpoints")
    if args.action == "so-far":
        for folder in sorted(args.checkpoints.iterdir()):
            append(args.results, so_far(folder))
        return
    run(args)


def run(args: argparse.Namespace) -> None:
    """Adds the lines that the results do not have yet."""
    done = [{name: line[name] for name in RUN} for line in read(args.results)]
    for name in args.corpora:
        corpus = None
        for bits, preset, seed in itertools.product(
            args.bits, args.presets, args.seeds
        ):
            which = dict(zip(RUN, (preset, name, bits, seed, args.epochs), strict=True))
            if which in done:
                continue
            corpus = corpus or PreparedCorpus.load(name, args.data_dir)
            # A corpus may be a file.
            parts = map(str, {**which, "corpus": Path(name).name}.values())
            folder = args.checkpoints / "-".join(parts)
            append(args.results, which | measured(corpus, which, folder))
            shutil.rmtree(folder)


def so_far(folder: Path) -> dict:
    """Returns the line of an unfinished run, as of one that ends where it is."""
    preset, corpus, bits, seed, _ = folder.name.rsplit("-", len(RUN) - 1)
    kept = json.loads((folder / "curve.json").read_text("utf-8"))
    epochs = max(map(int, kept["curve"]))
    values = (preset, corpus, int(bits), int(seed), epochs)
    return dict(zip(RUN, values, strict=True)) | kept


def measured(corpus: PreparedCorpus, which: dict, folder: Path) -> dict:
    """Trains, and returns the curve and what the chosen epochs have.

    Args:
        corpus: the texts.
        which: the values of `RUN`.
        folder: where the training is kept, and goes on from if it is there.
    """
    recipe = RECIPES[which["preset"]].with_setting("fit.epochs", which["epochs"])
    filled = np.diff(corpus.train.indptr) > 0
    curve = Curve(corpus, recipe, folder / "curve.json")
    train(
        TrainingData(corpus.train[filled], which["bits"], which["seed"]),
        recipe,
        FitOptions(
            callbacks=[AllRows(), curve] if which["preset"] == ALL_ROWS else [curve],
            checkpoint=folder,
            checkpoint_minutes=CHECKPOINT_MINUTES,
        ),
    )
    return curve.kept


class AllRows(keras.callbacks.Callback):
    """Makes `LazyAdam` update all rows of a variable, as Adam does."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        optimizer = self.model.optimizer
        update = optimizer.update_step
        optimizer.update_step = lambda gradient, *others: update(
            tf.convert_to_tensor(gradient), *others
        )


class Curve(keras.callbacks.Callback):
    """Measures every tenth epoch, and what the test texts have at the best ones.

    Where dropout stays on while hashing, all is measured without it as well, under
    names that begin with `quiet_`.

    Args:
        corpus: the texts.
        recipe: what is trained.
        path: a JSON file where all is kept. A training that goes on repeats a few
            epochs, whose measures are then written over by the same.

    Attributes:
        kept: `curve`, the measures by epoch; `chosen`, for each way to choose an
            epoch what is known of it; `seconds` of processor time; and what the run
            was made with.
    """

    def __init__(self, corpus: PreparedCorpus, recipe: Recipe, path: Path):
        super().__init__()
        self.corpus, self.recipe, self.path = corpus, recipe, path
        self.kept: dict = {
            "documents": len(corpus.splits.train),
            "words": corpus.train.shape[1],
            "versions": {name: version(name) for name in ("tensorflow", "keras")},
            "seconds": 0.0,
            "chosen": {},
            "curve": {},
        }
        if path.exists():
            self.kept = json.loads(path.read_text("utf-8"))

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._since = time.process_time()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        number = epoch + 1
        if number % EVERY and number != self.recipe.fit.epochs:
            return
        ways: dict[str, Callable] = {"": self.model}
        if self.recipe.model.dropout_when_hashing:
            ways["quiet_"] = self.model.encoder.probabilities
        known, found = {}, {}
        for way, probabilities in ways.items():
            known[way] = codes(probabilities, self.corpus.train)
            asked = codes(probabilities, self.corpus.validation)
            statistics = code_statistics(known[way])
            measures = {
                "precision": self._precision(known[way], asked, "validation"),
                "code_entropy": statistics.code_entropy,
                "dead_bits": statistics.dead_bits,
                "distinct_codes": statistics.distinct_codes,
            }
            found |= {way + name: round(v, 5) for name, v in measures.items()}
        found |= objective(self.model, self.corpus.validation)
        weight = float(self.model.kl_weight)
        found["objective"] = worth(found, weight)
        self.kept["curve"][str(number)] = found
        better = {
            "labels": lambda old: found["precision"] > old["precision"],
            # Both at the weight of now, as `BestEpoch` compares.
            "objective": lambda old: worth(found, weight) > worth(old, weight),
            "last": lambda old: True,
        }
        test = None
        for choice, is_better in better.items():
            old = self.kept["chosen"].get(choice)
            if old is None or is_better(self.kept["curve"][str(old["epoch"])]):
                test = test or {
                    f"{way}test_precision": round(
                        self._precision(
                            known[way], codes(hashed, self.corpus.test), "test"
                        ),
                        5,
                    )
                    for way, hashed in ways.items()
                }
                self.kept["chosen"][choice] = {"epoch": number, **test}
        now = time.process_time()
        self.kept["seconds"] = round(self.kept["seconds"] + now - self._since, 1)
        self._since = now
        write_json(self.path, self.kept)
        print(self.path.parent.name, number, json.dumps(found), flush=True)

    def _precision(self, known: np.ndarray, asked: np.ndarray, part: str) -> float:
        splits = self.corpus.splits
        found = Retrieval.by_labels(
            asked, getattr(splits, part).labels, known, splits.train.labels
        )
        return float(found.precisions(K).mean())


def codes(probabilities: Callable, rows: Csr) -> np.ndarray:
    """Returns the codes of rows, by what gives their bits' probabilities."""
    parts = [probabilities(batch).numpy() > 0.5 for batch in csr_dataset(rows, BATCH)]
    return check_bits(np.concatenate(parts).astype(np.uint8))


def objective(model: keras.Model, rows: Csr) -> dict[str, float]:
    """Returns the two terms of the objective on rows, means."""
    sums = np.zeros(2)
    for batch in csr_dataset(rows, BATCH):
        p = model(batch)
        bits = model.sampler(p)
        rebuilt = -model.decoder.log_likelihood(bits, batch)
        kl = bernoulli_kl(p, model.prior_logits)
        sums += [rebuilt.numpy().sum(), kl.numpy().sum()]
    reconstruction, kl = (sums / rows.shape[0]).round(5).tolist()
    return {"reconstruction": reconstruction, "kl": kl}


def worth(found: dict[str, float], weight: float) -> float:
    """Returns the objective of an epoch at a weight of its KL term."""
    return round(-found["reconstruction"] - weight * found["kl"], 5)


def write_docs(lines: list[dict]) -> None:
    """Writes the table and the picture of docs/reproduction.md."""
    longest: dict[tuple, dict] = {}
    for line in sorted(lines, key=lambda line: line["epochs"]):
        longest[tuple(line[name] for name in RUN[:-1])] = line
    lines = [longest[run] for run in sorted(longest)]
    write_between_marks(ROOT / "docs" / "reproduction.md", {"length": table(lines)})
    figure = picture(lines)
    with replacing(ROOT / "docs" / "pictures" / "reproduction" / "length.svg") as file:
        figure.savefig(file, format="svg", metadata={"Date": None})


def table(lines: list[dict]) -> str:
    """Returns a Markdown table: test Prec@100 at the epochs chosen in three ways."""
    rows = [
        "| corpus | bits | preset | seed | epochs | best by labels | by objective | "
        "last | by labels, no dropout | dead bits | paper | labels less paper |",
        "|---" * 12 + "|",
    ]
    for line in sorted(lines, key=lambda x: [x[name] for name in ORDER]):
        chosen = line["chosen"]
        labels = chosen["labels"]
        cells = [line[name] for name in ("corpus", "bits", "preset", "seed", "epochs")]
        cells += [
            f"{found['test_precision']:.3f} ({found['epoch']})"
            for found in (chosen[way] for way in ("labels", "objective"))
        ]
        cells.append(f"{chosen['last']['test_precision']:.3f}")
        quiet = labels.get("quiet_test_precision")
        cells.append("" if quiet is None else f"{quiet:.3f}")
        cells.append(line["curve"][str(line["epochs"])]["dead_bits"])
        paper = PAPER[line["corpus"]][BITS.index(line["bits"])]
        cells += [f"{paper:.3f}", f"{labels['test_precision'] - paper:+.3f}"]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


def picture(lines: list[dict]):
    """Returns the curves of seed 0 at 8 bits: precision above, the codes' entropy
    below; the paper's figure is dashed."""
    from reproduction.pictures import pyplot

    figure, panels = pyplot.subplots(2, 2, figsize=(11, 6), layout="constrained")
    for column, corpus in zip(panels.T, ("reuters", "20newsgroups"), strict=True):
        for line in lines:
            if (line["corpus"], line["bits"], line["seed"]) != (corpus, 8, 0):
                continue
            epochs = [int(epoch) for epoch in line["curve"]]
            for panel, name in zip(column, ("precision", "code_entropy"), strict=True):
                values = [found[name] for found in line["curve"].values()]
                colour = f"C{[*RECIPES].index(line['preset'])}"
                panel.plot(epochs, values, colour, label=line["preset"])
        column[0].axhline(PAPER[corpus][BITS.index(8)], color="grey", linestyle="--")
        column[0].set(title=f"{corpus}, 8 bits", ylabel="validation Prec@100")
        column[1].set(xlabel="epochs", ylabel="entropy of codes, bits")
        if column[1].lines:
            column[1].legend()
    return figure


if __name__ == "__main__":
    main()
