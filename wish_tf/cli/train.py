"""wish-tf train: a corpus to a trained hasher."""

from __future__ import annotations

import argparse
import signal

from wish_tf.cli.common import (
    add_corpus_options,
    add_json_option,
    print_json,
    start_tensorflow,
)
from wish_tf.errors import InputError
from wish_tf.recipes import PRESETS


def add_parser(subparsers) -> None:
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
    parser.add_argument("--force", action="store_true", help="replace an earlier run")
    parser.add_argument(
        "--resume", action="store_true", help="go on with an unfinished run"
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
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
        data_dir=args.data_dir,
        limit=args.limit,
        text_field=args.text_field,
        label_field=args.label_field,
    )
    # A polite kill saves the state as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = RunFolder(args.out)
    progress = Progress(recipe.annealing.steps if recipe.annealing else 0)
    try:
        metrics = train_run(
            folder,
            config,
            force=args.force,
            resume=args.resume,
            callbacks=[progress],
            on_topics=progress.on_topics,
        )
    except KeyboardInterrupt:
        raise InputError(
            f"interrupted; give the same command with --resume to go on with {args.out}"
        ) from None
    if args.json:
        print_json(metrics)
        return
    test = metrics["test"]
    print(f"trained in {metrics['train_seconds']:.0f} s: {folder.model_path}")
    print_scores(test)


def print_scores(result: dict) -> None:
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
