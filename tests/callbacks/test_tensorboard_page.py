"""TensorBoard itself shows what the board has written, in a real browser."""

import pytest

pytest.importorskip("playwright", reason="needs playwright")

from browser.chromium import chromium, chromium_path
from browser.tensorboard_pages import (
    open_curves,
    open_picture,
    open_projector,
    open_text,
)
from browser.tensorboard_server import tensorboard_server
from tests.callbacks.test_wish_board import BITS, EPOCHS, fit_planted, model, sample
from wish_tf.callbacks import WishBoard

pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="needs Chromium: apt-get install chromium"
)


def test_curves_pictures_words_and_points_are_seen_without_an_error(tmp_path):
    words = [f"<b>*word_{i}|&lt;" for i in range(100)]
    made, board = model(), WishBoard(tmp_path, sample=sample(), vocabulary=words)
    history = fit_planted(made, board)
    with tensorboard_server(tmp_path) as address, chromium() as (page, errors):
        curves = open_curves(page, address, "distinct_codes|precision_at_100")
        assert curves.count() == 2
        codes, precision = (text.split() for text in curves.all_inner_texts())
        for shown in (codes, precision):
            assert "validation" in shown and str(EPOCHS - 1) in shown
        assert f"{history['val_distinct_codes'][-1]:.0f}" in codes

        picture = open_picture(page, address, "topics/gram")
        loaded = "image => image.decode().then(() => image.naturalWidth)"
        assert picture.evaluate(loaded) == 384

        table = open_text(page, address, "topics/words")
        lines = table.inner_text().splitlines()
        expected = [words[i] for i in made.topics(10)[0][0]]
        assert lines[1].split() == ["0", *expected]
        assert len(lines) == 1 + BITS

        canvas = open_projector(page, address, points=100)
        assert canvas.bounding_box()["width"] > 100
        assert errors == []


def test_errors_in_the_browser_are_noticed():
    with chromium() as (page, errors):
        page.goto("data:text/html,<script>console.error('one')</script>")
        # Awaited: leaving the page first would cancel the timer.
        with page.expect_event("pageerror"):
            page.evaluate("setTimeout(() => { throw new Error('two') })")
        with pytest.raises(Exception, match="ERR_FAILED"):
            page.goto("http://192.0.2.1/")
        page.wait_for_function("true")
    found = " ".join(errors)
    assert "one" in found and "two" in found and "request to http://192.0.2.1" in found
