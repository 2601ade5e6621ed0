"""The page in a real browser: light, dark, narrow and wide."""

import pytest

pytest.importorskip("playwright", reason="needs playwright")

from browser.chromium import chromium, chromium_path
from browser.report_page import contrasts, open_report, overflow
from tests.report.conftest import BITS, UNKNOWN

pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="needs Chromium: apt-get install chromium"
)
# Of text of normal size, WCAG 2.2 level AA.
LEAST_CONTRAST = 4.5


def test_it_can_be_read_in_every_way(report):
    with chromium() as (page, errors):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        dialogs = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog), dialog.dismiss()))
        backgrounds = set()
        for scheme in ("light", "dark"):
            open_report(page, report, scheme)
            backgrounds.add(page.evaluate("getComputedStyle(document.body).background"))
            found = contrasts(page)
            assert len(found) > 200
            faint = [pair for pair in found if pair[1] < LEAST_CONTRAST]
            assert faint == []
            for width in (400, 1400):
                page.set_viewport_size({"width": width, "height": 900})
                assert overflow(page) == 0
        assert len(backgrounds) == 2
        # The file itself, and nothing else; no script of a document has run.
        assert set(asked) == {report.resolve().as_uri()}
        assert errors == [] and dialogs == []

        for bit in range(BITS):
            assert page.get_by_role("article", name=f"Bit {bit}").count() == 1
        pictures = page.get_by_role("img")
        names = [pictures.nth(i).aria_snapshot() for i in range(pictures.count())]
        assert names and all('- img "' in name for name in names)
        page.get_by_role("link", name="The strangest documents").click()
        assert page.url.endswith("#strangest")
        shown = page.get_by_role("region").get_by_text(UNKNOWN.split("{")[0])
        assert shown.first.is_visible()


def test_faint_text_is_noticed():
    with chromium() as (page, _):
        page.set_content(
            "<body style='background: #fff'><p style='color: #777'>four</p>"
            "<div style='background: rgb(0 0 0 / 0.5)'><i style='color: #fff'>grey</i>"
        )
        found = dict(contrasts(page))
    # #777 on white is known to be 4.48; white on the grey of 127.5 is 3.98.
    assert found["four"] == pytest.approx(4.48, abs=0.01)
    assert found["grey"] == pytest.approx(3.98, abs=0.01)
