"""The pages of TensorBoard, opened and waited for until they show what they have."""

from __future__ import annotations

import io
import time

from PIL import Image
from playwright.sync_api import Locator, Page

MILLISECONDS = 60_000


def open_curves(page: Page, address: str, tag: str) -> Locator:
    """Opens the time series of some tags; returns their curves, drawn.

    Args:
        page: where.
        address: of the server.
        tag: a regular expression; only the tags that match are on the page.
    """
    page.goto(f"{address}/#timeseries")
    tags = page.get_by_role("combobox", name="Filter tags")
    tags.fill(tag, timeout=MILLISECONDS)
    tags.press("Escape")  # the list of suggestions
    # Closing the settings makes room, and makes charts draw that have not yet.
    page.get_by_role("button", name="Settings").click(timeout=MILLISECONDS)
    curves = page.locator("metrics-filtered-view scalar-card")
    wait_until_drawn(curves.first.locator("line-chart"))
    return curves


def open_picture(page: Page, address: str, tag: str) -> Locator:
    """Opens the images; returns the one of a tag, loaded."""
    page.goto(f"{address}/#images")
    page.get_by_text(f"tag: {tag}").wait_for(timeout=MILLISECONDS)
    picture = page.locator("tf-image-loader img").first
    picture.wait_for(timeout=MILLISECONDS)
    return picture


def open_text(page: Page, address: str, tag: str) -> Locator:
    """Opens the texts; returns the latest of a tag."""
    page.goto(f"{address}/#text")
    page.get_by_text(f"tag: {tag}").wait_for(timeout=MILLISECONDS)
    text = page.locator("tf-text-loader table").first
    text.wait_for(timeout=MILLISECONDS)
    return text


def open_projector(page: Page, address: str, points: int) -> Locator:
    """Opens the projector; returns its canvas, once it shows so many points."""
    page.goto(f"{address}/#projector")
    # It is a page of its own inside of a frame inside of the page.
    frame = page.frame_locator("iframe").frame_locator("iframe")
    frame.get_by_text(f"Points: {points}").wait_for(timeout=MILLISECONDS)
    frame.get_by_text("Total variance described").wait_for(timeout=MILLISECONDS)
    canvas = frame.locator("#scatter canvas").first
    wait_until_drawn(canvas)
    return canvas


def wait_until_drawn(element: Locator) -> None:
    """Waits until an element shows colours, of which its empty page has none.

    What WebGL has drawn is in no element of the page, only on the screen.

    Raises:
        TimeoutError: when it stays grey.
    """
    element.wait_for(timeout=MILLISECONDS)
    deadline = time.monotonic() + MILLISECONDS / 1000
    while time.monotonic() < deadline:
        picture = Image.open(io.BytesIO(element.screenshot())).convert("HSV")
        saturations = picture.getchannel("S").histogram()
        if sum(saturations[60:]) > 20:
            return
    raise TimeoutError(f"nothing has been drawn in {element}")
