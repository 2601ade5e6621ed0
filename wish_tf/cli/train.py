"""wish-tf train: a corpus to a trained hasher."""

from __future__ import annotations

import argparse
import atexit
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import (
    Subparsers,
    add_corpus_options,
    add_json_option,
    print_json,
    start_tensorflow,
)
from wish_tf.distribution import Worker, device_strategy, is_chief, worker_strategy
from wish_tf.distribution.devices import parse_devices
from wish_tf.errors import InputError
from wish_tf.recipes import PRESETS

if TYPE_CHECKING:
    import tensorflow as tf

EPOCH_BY = {
    "objective": "the best by the objective on the validation texts",
    "labels": "the best by the labels of the validation texts",
    "last": "the last",
}


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "train",
        help="train a hasher on a corpus",
        description="Trains a hasher on 80 % of a corpus and measures it on the "
        "rest. The folder OUT gets the model, its history and its metrics.",
    )
    add_corpus_options(parser)
    parser.add_argument("--bits", type=int, default=8, help="1-64 (default: 8)")
    parser.add_argument("--out", required=True, metavar="OUT", help="e.g. runs/NAME")
    parser.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        default="default",
        help="the recipe: ours, the paper as published, or the paper's public code",
    )
    parser.add_argument("--epochs", type=int, metavar="N")
    parser.add_argument("--batch-size", type=int, metavar="N")
    parser.add_argument("--topic-dim", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--split",
        choices=("random", "reference"),
        default="random",
        help="80/10/10 at random by the seed, or the order of the paper's code "
        "(20newsgroups only)",
    )
    parser.add_argument(
        "--epoch-by",
        choices=tuple(EPOCH_BY),
        default="objective",
        help="which epoch counts: the best by training's objective on the "
        "validation texts, the best by their labels (as papers do; the metrics "
        "then say so), or the last (default: objective)",
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
        type=float,
        default=5.0,
        metavar="N",
        help="time between two saves of the training's state (default: 5)",
    )
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="show codes, topics, retrieval and settings in OUT/logs, not loss curves "
        "alone (see docs/tensorboard.md)",
    )
    parser.add_argument("--force", action="store_true", help="replace an earlier run")
    parser.add_argument(
        "--resume", action="store_true", help="go on with an unfinished run"
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    strategy = start_tensorflow(_strategy_maker(args))
    if strategy is not None:
        # It has a thread pool that it leaves to the interpreter's end, where
        # closing it fails, with a traceback that says nothing to the user.
        atexit.register(setattr, sys, "unraisablehook", lambda unraisable: None)
    from wish_tf.cli.progress import Progress
    from wish_tf.runs import RunFolder, TrainConfig, train_run

    recipe = PRESETS[args.preset](args.bits)
    chosen = {
        name: getattr(recipe, name)
        if getattr(args, name) is None
        else getattr(args, name)
        for name in ("epochs", "batch_size", "topic_dim")
    }
    for name, value in chosen.items():
        if value < 1:
            raise InputError(f"expected {name} of at least 1; got {value}")
    config = TrainConfig(
        corpus=args.corpus,
        bits=args.bits,
        preset=args.preset,
        **chosen,
        seed=args.seed,
        split=args.split,
        epoch_by=args.epoch_by,
        data_dir=args.data_dir,
        limit=args.limit,
        text_field=args.text_field,
        label_field=args.label_field,
    )
    # A polite kill saves the state as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = RunFolder(args.out)
    progress = Progress(recipe.annealing.all_steps if recipe.annealing else 0)
    try:
        metrics = train_run(
            folder,
            config,
            force=args.force,
            resume=args.resume,
            callbacks=[progress] if is_chief(strategy) else [],
            checkpoint_minutes=args.checkpoint_minutes,
            strategy=strategy,
            on_topics=progress.on_topics,
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
    print(f"epoch {metrics['epoch']} of {config.epochs}, {EPOCH_BY[args.epoch_by]}")
    print_scores(test)


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
    unknown = result["out_of_vocabulary"]
    if sum(unknown.values()):
        print(
            f"without a known word: {unknown['database']} training documents, "
            f"{unknown['queries']} queries"
        )
