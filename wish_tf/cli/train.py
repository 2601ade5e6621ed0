"""wish-tf train: a corpus to a trained hasher."""

from __future__ import annotations

import argparse
import atexit
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    print_json,
    reading_fields,
    start_tensorflow,
)
from wish_tf.cli.numbers import LARGEST_SEED, duration, number_or_share, whole
from wish_tf.cli.recipe import add_set_option, read_recipe
from wish_tf.distribution import Worker, device_strategy, is_chief, worker_strategy
from wish_tf.distribution.devices import parse_devices
from wish_tf.errors import InputError
from wish_tf.files import check_outputs

if TYPE_CHECKING:
    import tensorflow as tf

    from wish_tf.runs import TermSettings


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "train",
        help="train a hasher on a corpus",
        description="Trains a hasher on 80 % of a corpus and measures it on the "
        "rest. The folder OUT gets the model, its history and its metrics.",
    )
    add_corpus_options(parser, labels=True)
    add_training_options(parser)
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="short for --set fit.epochs=N"
    )
    parser.add_argument(
        "--like",
        metavar="RUN",
        help="keep the codes of an older run, as far as texts are known to it",
    )
    parser.add_argument(
        "--split",
        choices=("random", "reference"),
        default="random",
        help="80/10/10 at random by the seed, or the order of the paper's code "
        "(20newsgroups only)",
    )
    parser.add_argument(
        "--epoch-by",
        metavar="objective|last|MEASURE",
        help="of a recipe with epochs, which one counts: the best by training's "
        "objective on the validation texts, the last, or the best by a measure of "
        "`wish-tf evaluate --json` of which more is better: precision_at_100 (by "
        "labels, as papers do; the metrics then say so), neighbour_recall_at_100 "
        "(default: objective)",
    )
    parser.add_argument(
        "--counts",
        metavar="FILE",
        help="in how many texts each term is in a larger corpus, of which CORPUS is a "
        "sample (as wish-tf spark-train writes it)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--devices",
        metavar="all|N|cpu:N",
        help="all GPUs, N GPUs, or N parts of the CPU (default: one device)",
    )
    where.add_argument(
        "--workers",
        action="store_true",
        help="be one of the workers that the variable TF_CONFIG names",
    )
    parser.add_argument(
        "--checkpoint-minutes",
        type=duration,
        default=1.0,
        metavar="N",
        help="time between two saves of the training's state (default: 1)",
    )
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="show codes, topics, retrieval and settings in OUT/logs, not loss curves "
        "alone (see docs/tensorboard.md)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with an unfinished run"
    )
    parser.set_defaults(run=run)


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Adds what every training takes: OUT, a length, a recipe, terms."""
    parser.add_argument("--bits", type=int, default=8, help="1-64 (default: 8)")
    parser.add_argument("--out", required=True, metavar="OUT", help="e.g. runs/NAME")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--preset",
        default="default",
        metavar="NAME",
        help="the recipe: default (ours), paper (as published), reference (the paper's "
        "public code)",
    )
    how.add_argument(
        "--recipe", metavar="FILE", help="a recipe as wish-tf recipe prints it"
    )
    add_set_option(parser)
    parser.add_argument("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="N")
    parser.add_argument("--force", action="store_true", help="replace an earlier run")
    add_json_option(parser)
    group = parser.add_argument_group("how texts are taken apart")
    group.add_argument(
        "--analyzer",
        choices=("word", "char", "char_wb"),
        default="word",
        help="words of any language, or n-grams of characters, across words or "
        "inside them (default: word)",
    )
    group.add_argument(
        "--ngrams",
        type=whole(1),
        nargs=2,
        default=(1, 1),
        metavar=("SHORTEST", "LONGEST"),
        help="n-grams of so many words or characters (default: 1 1)",
    )
    group.add_argument(
        "--min-token-length",
        type=whole(1, 1000),
        default=2,
        metavar="N",
        help="the least characters of a word (default: 2)",
    )
    group.add_argument(
        "--stop-words",
        default="english",
        metavar="english|none|FILE",
        help="words to leave out, in a file one a line (default: english)",
    )
    group.add_argument(
        "--min-df",
        type=number_or_share,
        default=3,
        metavar="N",
        help="leave out terms in fewer training texts, a number or a share such as "
        "0.01 (default: 3)",
    )
    group.add_argument(
        "--max-df",
        type=number_or_share,
        default=0.9,
        metavar="N",
        help="and terms in more (default: 0.9)",
    )


def term_settings(args: argparse.Namespace) -> TermSettings:
    """Returns what `add_training_options` asked for of them."""
    from wish_tf.runs import TermSettings

    return TermSettings(
        args.analyzer,
        tuple(args.ngrams),
        args.min_token_length,
        _stop_words(args.stop_words),
        args.min_df,
        args.max_df,
    )


def _stop_words(given: str) -> str | tuple[str, ...] | None:
    if given == "english":
        return given
    if given == "none":
        return None
    try:
        words = Path(given).read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "expected --stop-words english, none or a file of words in UTF-8; got "
            f"{given}: {error.strerror if isinstance(error, OSError) else error}"
        ) from error
    return tuple(dict.fromkeys(words))


def run(args: argparse.Namespace) -> None:
    # With --force what is in OUT is deleted.
    read = [args.corpus, args.stop_words, args.recipe, args.like, args.counts]
    check_outputs([args.out], read, folders=True)
    strategy = start_tensorflow(_strategy_maker(args))
    if strategy is not None:
        # It has a thread pool that it leaves to the interpreter's end, where
        # closing it fails, with a traceback that says nothing to the user.
        atexit.register(setattr, sys, "unraisablehook", lambda unraisable: None)
    from wish_tf.cli.progress import ProgressBar
    from wish_tf.runs import RunFolder, TrainConfig, train_run
    from wish_tf.runs.train_config import MOST_IN_MEMORY
    from wish_tf.training import FitOptions

    recipe = read_recipe(args)
    if args.epochs is not None:
        recipe = recipe.with_setting("fit.epochs", args.epochs)
    config = TrainConfig(
        corpus=args.corpus,
        bits=args.bits,
        recipe=recipe.to_json(),
        like=args.like,
        seed=args.seed,
        split=args.split,
        epoch_by=args.epoch_by,
        data_dir=args.data_dir,
        limit=args.limit,
        fields=reading_fields(args),
        terms=term_settings(args),
        counts=args.counts,
    )
    # A polite kill is told as Ctrl-C is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = RunFolder(args.out)
    options = FitOptions(
        callbacks=[ProgressBar()] if is_chief(strategy) else [],
        checkpoint_minutes=args.checkpoint_minutes,
        devices=strategy,
    )
    try:
        metrics = train_run(
            folder,
            config,
            force=args.force,
            resume=args.resume,
            options=options,
            tensorboard=args.tensorboard,
        )
    except KeyboardInterrupt:
        raise InputError(
            f"interrupted; give the same command with --resume to go on with {args.out}"
        ) from None
    except ConnectionError as error:
        raise InputError(f"{error} (give --resume)") from error
    if metrics is None:
        print("trained; the run is with the chief, worker 0", file=sys.stderr)
        return
    if args.json:
        print_json(metrics)
        return
    test = metrics["test"]
    print(f"trained in {metrics['train_seconds']:.0f} s: {folder.model_path}")
    if total := metrics["sampled_from"]:
        print(
            f"words are counted in {total:,} documents; all else is of a random "
            f"{MOST_IN_MEMORY:,}"
        )
    if fit := config.recipe["fit"]:
        by = "the last"
        if config.epoch_by != "last":
            measure = str(config.epoch_by).replace("_", " ")
            by = f"the best by the {measure} on the validation texts"
        print(f"epoch {metrics['epoch']} of {fit['epochs']}, {by}")
    print_scores(test)
    if "like" in metrics:
        print_kept(metrics["like"])


def _strategy_maker(
    args: argparse.Namespace,
) -> Callable[[], tf.distribute.Strategy | None]:
    """Checks what is asked for, and returns what makes a strategy of it."""
    if args.workers:
        worker = Worker.from_environment()
        print(
            f"worker {worker.number}: waiting until all {worker.count} are there",
            file=sys.stderr,
        )
        return worker_strategy
    if args.devices is None:
        return lambda: None
    parse_devices(args.devices)
    return lambda: device_strategy(args.devices)


def print_kept(kept: dict[str, Any]) -> None:
    """Prints what `wish_tf.runs.kept_codes` returned."""
    if not kept["documents"]:
        print("codes kept: none, since no document has a word that both models know")
        return
    print(
        f"codes kept: {kept['equal_codes']:.1%} of {kept['documents']} documents; "
        f"{kept['mean_distance']:.2f} bits apart on average"
    )
    if kept["precision_at_100"] is not None:
        print(
            f"Prec@100 of new codes that search among old ones: "
            f"{kept['precision_at_100']:.4f}"
        )


def print_scores(result: dict[str, Any]) -> None:
    """Prints what `wish_tf.runs.evaluate` returned."""
    if result["precision_at_100"] is None:
        print(f"Prec@100 on test: none, since {result['no_precision_because']}")
    else:
        print(f"Prec@100 on test: {result['precision_at_100']:.4f}")
    print(
        f"codes in use: {result['distinct_codes']} of {2 ** result['bits']}, "
        f"their entropy {result['code_entropy']:.2f} of {result['bits']} bits, "
        f"dead bits: {result['dead_bits']}"
    )
    if result["distinct_codes"] == 1:
        print(
            "the training has COLLAPSED: every document has the same code. More "
            "documents, more epochs or another --seed may help."
        )
    measured = result["measured"]
    if measured != result["documents"]:
        print(
            f"measured on a sample: {measured['database']} training documents, "
            f"{measured['queries']} queries"
        )
    unknown = result["out_of_vocabulary"]
    if sum(unknown.values()):
        print(
            f"without a known word: {unknown['database']} training documents, "
            f"{unknown['queries']} queries"
        )
