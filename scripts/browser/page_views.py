"""The page of the embedded server, opened and waited for until it shows its part."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MILLISECONDS = 30_000


def open_page(page: Page, address: str) -> Locator:
    """Opens the page; returns its switches, once they are there.

    Args:
        page: where.
        address: of the server.
    """
    page.goto(address)
    switches = page.get_by_role("switch")
    switches.first.wait_for(timeout=MILLISECONDS)
    return switches


def type_text(page: Page, text: str) -> None:
    """Types a text, and waits for its bits, its neighbours and what moved the bits.

    Args:
        page: where, opened.
        text: with a word that the model knows.
    """
    with (
        page.expect_response("**/page/explain", timeout=MILLISECONDS),
        page.expect_response("**/page/neighbours", timeout=MILLISECONDS),
    ):
        page.get_by_role("textbox", name="Your text").fill(text)
    page.locator(".effects").wait_for(timeout=MILLISECONDS)
    page.locator("#neighbours .documents").first.wait_for(timeout=MILLISECONDS)


def flip(page: Page, bit: int) -> None:
    """Flips a bit by keyboard, and waits for the neighbours of the new code."""
    with page.expect_response("**/page/neighbours", timeout=MILLISECONDS):
        page.get_by_role("switch").nth(bit).press("Space")
    page.get_by_text("were shown before").wait_for(timeout=MILLISECONDS)


def neighbours(page: Page) -> list[str]:
    """Returns the names of the neighbours that are shown."""
    return page.locator("#neighbours .name bdi").all_inner_texts()
