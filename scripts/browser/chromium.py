from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright


def chromium_path() -> str | None:
    """Returns where Debian's Chromium is, or None."""
    return shutil.which("chromium")


@contextmanager
def chromium(width: int = 1280, height: int = 800) -> Iterator[tuple[Page, list[str]]]:
    """Yields a page of headless Chromium, and the list of what goes wrong in it.

    That are errors on the console, exceptions, answers of 400 and more, and requests
    to anything but this machine, which are not sent.

    Args:
        width, height: of the window, in pixels.
    """
    errors: list[str] = []

    def local_only(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            errors.append(f"request to {route.request.url}")
            route.abort()

    with sync_playwright() as playwright:
        # The projector draws by WebGL, which a machine without a GPU must emulate.
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                "--no-sandbox",
                "--enable-unsafe-swiftshader",
                "--use-gl=angle",
                "--use-angle=swiftshader",
            ],
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        page.route("**/*", local_only)
        page.on(
            "console",
            lambda message: (
                errors.append(f"{message.text} ({message.location.get('url')})")
                if message.type == "error"
                else None
            ),
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "response",
            lambda response: (
                errors.append(f"{response.status} of {response.url}")
                if response.status >= 400
                else None
            ),
        )
        yield page, errors
        browser.close()
