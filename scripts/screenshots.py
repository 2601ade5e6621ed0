"""Makes the pictures of pages in docs/pictures.

    python scripts/screenshots.py tensorboard report page

Needs `pip install playwright` and Debian's Chromium (`apt-get install chromium`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from browser.chromium import chromium
from browser.page_views import flip, open_page, type_text
from browser.report_page import open_report
from browser.tensorboard_pages import (
    open_curves,
    open_picture,
    open_projector,
    open_text,
)
from browser.tensorboard_server import tensorboard_server
from soaking.server_process import ServerProcess

if TYPE_CHECKING:
    from wish_tf.recipes import Recipe
    from wish_tf.runs import RunFolder

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def train(
    run: RunFolder, recipe: Recipe, limit: int | None = None, tensorboard: bool = False
) -> None:
    """Trains 8 bits on docstrings by a recipe, as `wish-tf train` does."""
    from wish_tf.runs import TrainConfig, train_run

    config = TrainConfig(
        corpus="python-docs-labelled",
        bits=8,
        recipe=recipe.to_json(),
        limit=limit,
    )
    train_run(run, config, tensorboard=tensorboard)


def tensorboard() -> list[str]:
    """Trains with the board, by a recipe of which it shows epochs, and looks at it.

    Returns:
        What went wrong in the browser.
    """
    from wish_tf.recipes import PAPER
    from wish_tf.runs import RunFolder

    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "quickstart")
        train(run, PAPER.assigned("fit.epochs=40"), limit=4000, tensorboard=True)
        probabilities = run.logs_path / "probabilities.tsv"
        points = len(probabilities.read_text("utf-8").splitlines()) - 1
        with (
            tensorboard_server(run.logs_path) as address,
            chromium(height=900) as (page, errors),
        ):
            open_curves(page, address, "decided|distinct_codes|mean_p|retrieval|norm")
            page.screenshot(path=PICTURES / "tensorboard.png")
            open_picture(page, address, "topics/gram").screenshot(
                path=PICTURES / "tensorboard_overlap.png"
            )
            open_text(page, address, "topics/words").screenshot(
                path=PICTURES / "tensorboard_words.png"
            )
            open_projector(page, address, points)
            page.screenshot(path=PICTURES / "tensorboard_projector.png")
    return errors


def report() -> list[str]:
    """Trains, and looks at the report: its first page in light and dark, and a bit.

    Returns:
        What went wrong in the browser.
    """
    from wish_tf.recipes import DEFAULT
    from wish_tf.report import write_report
    from wish_tf.runs import RunFolder

    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "quickstart")
        train(run, DEFAULT)
        path = Path(folder) / "report.html"
        write_report(run, path)
        with chromium(width=1200, height=1330) as (page, errors):
            for scheme, name in (("light", "report"), ("dark", "report_dark")):
                open_report(page, path, scheme)
                page.screenshot(path=PICTURES / f"{name}.png")
            open_report(page, path, "light")
            page.get_by_role("article", name="Bit 3").screenshot(
                path=PICTURES / "report_bit.png"
            )
    return errors


def page() -> list[str]:
    """Trains, serves with an index, and looks at the page: a text, and a bit flipped.

    Returns:
        What went wrong in the browser.
    """
    from wish_tf.cli import main as wish_tf
    from wish_tf.recipes import DEFAULT
    from wish_tf.runs import RunFolder

    with tempfile.TemporaryDirectory() as folder:
        run, model, index = (
            f"{folder}/{name}" for name in ("run", "model", "docs.index")
        )
        train(RunFolder(run), DEFAULT)
        made = (
            ["export", run, model],
            ["index", model, "python-docs-labelled", "--out", index],
        )
        if any(wish_tf(command) for command in made):
            raise SystemExit("the model could not be exported or indexed")
        with (
            ServerProcess(Path(folder) / "log", model, f"--index={index}") as server,
            chromium(width=1280, height=1180) as (page, errors),
        ):
            address = server.rest.partition("/v1/")[0]
            for scheme, name in (("light", "page"), ("dark", "page_dark")):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                switches = open_page(page, address)
                type_text(page, "fit a linear model to the data and predict")
                switches.nth(5).focus()
                if scheme == "dark":
                    flip(page, 5)
                page.screenshot(path=PICTURES / f"{name}.png")
            page.emulate_media(color_scheme="light")
            health = page.get_by_role("region", name="Is this model healthy?")
            # With some of what is around it, which a picture of it alone lacks.
            health.evaluate("section => section.style.padding = '1rem'")
            health.screenshot(path=PICTURES / "page_health.png")
    return errors


PAGES = {"tensorboard": tensorboard, "report": report, "page": page}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", choices=tuple(PAGES))
    errors = [error for page in parser.parse_args().pages for error in PAGES[page]()]
    for error in errors:
        print(f"error in the browser: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
