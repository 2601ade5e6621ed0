"""wish-tf report: a page about a run, for people."""

from __future__ import annotations

import argparse

from wish_tf.cli.common import Subparsers, start_tensorflow
from wish_tf.files import check_outputs


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "report",
        help="write a page about a run: is it healthy, what do its bits mean",
        description="Writes one HTML file about a finished run, which needs no network "
        "to be read: whether the model is healthy, what each bit means, how codes are "
        "used, what they find, and which documents stand out.",
    )
    parser.add_argument("run_folder", metavar="RUN", help="e.g. runs/NAME")
    parser.add_argument("--out", required=True, metavar="FILE", help="e.g. report.html")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.cli.progress_line import ProgressLine
    from wish_tf.report import write_report
    from wish_tf.runs import RunFolder

    folder = RunFolder(args.run_folder)
    # The page may be put beside them.
    check_outputs([args.out], [*folder.files, folder.config().get("corpus")])
    line = ProgressLine()

    def show(doing: str, done: int, total: int) -> None:
        line.show(f"report: {doing}, {done} of {total}", done, total)

    write_report(folder, args.out, on_progress=show)
    print(args.out)
