"""Makes the pictures of pages in docs/pictures.

    python scripts/screenshots.py tensorboard

Needs `pip install playwright` and Debian's Chromium (`apt-get install chromium`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from browser.chromium import chromium
from browser.tensorboard_pages import (
    open_curves,
    open_picture,
    open_projector,
    open_text,
)
from browser.tensorboard_server import tensorboard_server

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def tensorboard() -> list[str]:
    """Trains 8 bits on docstrings by the default recipe, and looks at that.

    Returns:
        What went wrong in the browser.
    """
    from wish_tf.runs import RunFolder, TrainConfig, train_run

    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "quickstart")
        config = TrainConfig(
            corpus="python-docs",
            bits=8,
            preset="default",
            epochs=8,
            batch_size=250,
            topic_dim=100,
            limit=4000,
        )
        train_run(run, config, tensorboard=True)
        probabilities = run.logs_path / "probabilities.tsv"
        points = len(probabilities.read_text("utf-8").splitlines()) - 1
        with (
            tensorboard_server(run.logs_path) as address,
            chromium(height=900) as (page, errors),
        ):
            open_curves(page, address, "decided|distinct_codes|mean_p|retrieval|norm")
            page.screenshot(path=PICTURES / "tensorboard.png")
            open_picture(page, address, "topics/cosine").screenshot(
                path=PICTURES / "tensorboard_overlap.png"
            )
            open_text(page, address, "topics/words").screenshot(
                path=PICTURES / "tensorboard_words.png"
            )
            open_projector(page, address, points)
            page.screenshot(path=PICTURES / "tensorboard_projector.png")
    return errors


PAGES = {"tensorboard": tensorboard}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", choices=tuple(PAGES))
    errors = [error for page in parser.parse_args().pages for error in PAGES[page]()]
    for error in errors:
        print(f"error in the browser: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
