"""wish-tf check-export: whether an exported version is whole and right."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from wish_tf.cli.common import Subparsers, add_json_option, print_json, start_tensorflow
from wish_tf.errors import InputError


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "check-export",
        help="check an exported SavedModel",
        description="Compares the files of a version with the hashes on its model "
        "card, loads it as TF-Serving does, sends every signature the warm-up requests "
        "and, with --run, compares the codes of 1,000 texts with those of the run's "
        "model.",
    )
    parser.add_argument(
        "path",
        metavar="DIR",
        help="saved_models/NAME (the newest version) or a version",
    )
    parser.add_argument(
        "--run", dest="run_folder", metavar="RUN", help="the run it comes from"
    )
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    from wish_tf.runs import RunFolder
    from wish_tf.saved_model import check_export
    from wish_tf.saved_model.check_export import FAILED
    from wish_tf.saved_model.versions import newest_version

    path = newest_version(args.path)
    checks = check_export(path, RunFolder(args.run_folder) if args.run_folder else None)
    failed = [check.name for check in checks if check.result == FAILED]
    if args.json:
        print_json(
            {
                "path": str(path),
                "ok": not failed,
                "checks": [asdict(check) for check in checks],
            }
        )
    else:
        for check in checks:
            why = f": {check.why}" if check.why else ""
            print(f"{check.name}: {check.result}{why}")
    if failed:
        raise InputError(
            f"expected {path} to pass every check; got failures in {', '.join(failed)}"
        )
