"""The site is built without a warning, and asks for nothing from elsewhere."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("material", reason="needs mkdocs-material: pip install '.[docs]'")

ROOT = Path(__file__).parents[2]
# What a browser fetches by itself; a link is followed by a person.
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "object": "data",
    "link": "href",
}
ELSEWHERE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


class Fetches(HTMLParser):
    """The addresses that a page fetches, and the words it shows."""

    def __init__(self, page: Path):
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "link" and given.get("rel") in ("canonical", "prev", "next"):
            return
        if address := given.get(FETCHED.get(tag, "")):
            self.addresses.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_there(site):
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / name).is_file(), name
    assert (site / "repository" / "CHANGELOG.html").is_file()


def test_nothing_is_fetched_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        addresses = Fetches(page).addresses
        assert addresses
        assert [each for each in addresses if ELSEWHERE.match(each)] == [], page.name
    for sheet in site.rglob("*.css"):
        fetched = re.findall(r"(?:url\(|@import\s)['\"]?([^)'\"]+)", sheet.read_text())
        assert [each for each in fetched if ELSEWHERE.match(each)] == [], sheet.name


def test_no_script_of_a_page_fetches_from_elsewhere_and_the_search_finds(site):
    pytest.importorskip("playwright", reason="needs playwright")
    from browser.chromium import chromium, chromium_path

    if chromium_path() is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=site)
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        chromium() as (page, errors),
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.emulate_media(color_scheme="dark")
        page.goto(f"http://127.0.0.1:{server.server_port}/concepts.html")
        scheme = "body => getComputedStyle(body).colorScheme"
        assert page.locator("body").evaluate(scheme) == "dark"
        picture = page.get_by_alt_text("From left to right: the words of a text")
        loaded = "image => image.decode().then(() => image.naturalWidth)"
        assert picture.evaluate(loaded) > 0
        page.keyboard.press("/")
        page.keyboard.type("Hamming distance")
        page.locator(".md-search-result__item").first.wait_for()
        server.shutdown()
    assert errors == []


def test_links_to_the_repository_lead_to_its_pages(site):
    page = (site / "how-to" / "key.html").read_text("utf-8")
    assert 'href="../repository/serving/index.html"' in page
    source = site / "repository" / "serving" / "batching_parameters.txt.html"
    assert "max_batch_size" in source.read_text("utf-8")


def test_docstrings_are_in_the_api(site):
    page = (site / "api" / "index_package.html").read_text("utf-8")
    assert 'id="wish_tf.index.HammingIndex.search"' in page
    assert "malformed" in page


def test_tutorial_is_there_with_what_it_printed(site):
    page = (site / "tutorial.html").read_text("utf-8")
    assert "codes in use, 0 dead bits" in page
