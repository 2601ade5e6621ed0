"""wish-tf recipe: the settings of a preset."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.cli.common import Subparsers, start_tensorflow
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from wish_tf.recipes import Recipe


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "recipe",
        help="print the settings of a preset",
        description="Prints a recipe as JSON, for wish-tf train --recipe. The API "
        "documentation of wish_tf.recipes says what each setting means.",
    )
    parser.add_argument(
        "preset", metavar="NAME", help="default, paper or reference", default="default"
    )
    add_set_option(parser)
    parser.set_defaults(run=run, recipe=None)


def add_set_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--set`, which `read_recipe` reads."""
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a setting of the recipe, such as fit.epochs=4; may be repeated",
    )


def run(args: argparse.Namespace) -> None:
    start_tensorflow()
    print(json.dumps(read_recipe(args).to_json(), indent=2))


def read_recipe(args: argparse.Namespace) -> Recipe:
    """Returns the recipe that `--preset` or `--recipe` names, with `--set` applied.

    Raises:
        InputError: when there is none of the name, or a setting does not fit.
    """
    from wish_tf.recipes import PRESETS, Recipe

    if args.recipe is not None:
        try:
            values = json.loads(Path(args.recipe).read_text("utf-8"))
        except ValueError as error:
            raise InputError(
                f"expected a recipe as JSON in {args.recipe}; got {error}"
            ) from error
        recipe = Recipe.from_json(values)
    elif args.preset in PRESETS:
        recipe = PRESETS[args.preset]
    else:
        raise InputError(
            f"expected a preset, one of {', '.join(PRESETS)}; got {args.preset!r}"
        )
    for setting in args.settings:
        recipe = recipe.assigned(setting)
    return recipe
