"""The page in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("playwright", reason="needs playwright")

from playwright.sync_api import Page, expect

from browser.chromium import chromium, chromium_path
from browser.contrast import low_contrasts
from browser.page_views import neighbours, open_page, type_text
from tests.server.listening import listening
from tests.server.page.served import TOKEN, Served, page_over, serve_page
from tests.server.page.small_hashers import BITS, HOSTILE, SmallHasher
from wish_tf.codes import codes_to_int, pack_bits
from wish_tf.explain import explain
from wish_tf.index.document_index import DocumentIndex
from wish_tf.saved_model import SavedHasher

pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="needs Chromium: apt-get install chromium"
)
TEXT = "send the red array"


@pytest.fixture(scope="module")
def address(served: Served) -> Iterator[str]:
    with listening(served.app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[tuple[Page, list[str]]]:
    """One page for all tests, and what has gone wrong in it."""
    with chromium(width=1280, height=900) as (page, errors):
        yield page, errors


@pytest.fixture
def page(browser: tuple[Page, list[str]], address: str) -> Iterator[Page]:
    """The page, opened anew; nothing may go wrong in it."""
    page, errors = browser
    errors.clear()
    open_page(page, address)
    yield page
    assert errors == []
    assert page.evaluate("window.hacked") is None


def shown_code(page: Page) -> str:
    states = [
        switch.get_attribute("aria-checked")
        for switch in page.get_by_role("switch").all()
    ]
    return "".join("1" if state == "true" else "0" for state in states)


def test_typing_shows_bits_words_and_neighbours(page: Page, hasher: SmallHasher):
    type_text(page, TEXT)
    saved = SavedHasher(hasher.path)
    hashed = saved.hash([TEXT])
    assert shown_code(page) == "".join(map(str, hashed.bits[0].tolist()))
    assert page.locator(".probability").all_inner_texts() == [
        f"{probability:.2f}" for probability in hashed.probabilities[0].tolist()
    ]
    for bit, words in enumerate(saved.topics(5)):
        name = f"Bit {bit}: {', '.join(word for word, _ in words)}"
        expect(page.get_by_role("switch", name=name)).to_be_visible()
    assert "documents with this code" in page.get_by_role("status").inner_text()
    assert neighbours(page)
    index = DocumentIndex.load(hasher.index)
    ranking = index.search(TEXT, hashed.bits[0])
    expect(page.locator("#found .name bdi")).to_have_text(
        [index.names[place] for place in ranking.places]
    )
    score = f"{ranking.scores[0]:.2f}, "
    expect(page.locator("#found .name").first).to_contain_text(score)

    page.get_by_role("switch").nth(2).focus()
    expect(page.locator("#meaning-title")).to_have_text("What does topic 2 mean?")
    expected = explain(saved.hash, TEXT)
    for word, effect in expected.strongest(2):
        row = page.locator(".effects tr", has=page.get_by_text(word, exact=True))
        assert f"{abs(effect):.2f}" in row.inner_text()
    unseen = page.get_by_text("Not seen by the model")
    assert unseen.inner_text() == "Not seen by the model: the"


def test_a_bit_is_flipped_by_keyboard_and_the_neighbourhood_moves(page: Page):
    type_text(page, TEXT)
    before, code = neighbours(page), shown_code(page)
    switch = page.get_by_role("switch").nth(0)
    switch.focus()
    with page.expect_response("**/page/neighbours"):
        page.keyboard.press("Space")
    other = "false" if code[0] == "1" else "true"
    expect(switch).to_have_attribute("aria-checked", other)
    expect(switch.get_by_text("flipped", exact=True).first).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("were shown before")
    after = neighbours(page)
    assert after != before
    new = page.locator("#neighbours .name", has=page.locator(".new bdi, .new"))
    assert new.count() == len(set(after) - set(before)) > 0

    page.get_by_role("button", name="Reset flipped bits").press("Enter")
    expect(page.locator(".new")).to_have_count(0)
    assert neighbours(page) == before and shown_code(page) == code
    expect(page.get_by_role("button", name="Reset flipped bits")).to_be_hidden()
    expect(page.get_by_role("textbox", name="Your text")).to_be_focused()


def test_buckets_are_browsed_by_keyboard(page: Page, hasher: SmallHasher):
    buckets = page.get_by_role("button", name="Bucket ")
    buckets.first.wait_for()
    name = buckets.first.get_attribute("aria-label")
    code, size = name.split(" ")[1].rstrip(","), int(name.split(" ")[2])
    buckets.first.press("Enter")
    names = page.locator("#buckets .name bdi")
    expect(names).to_have_count(min(size, 10))
    expect(page.get_by_role("heading", name="Buckets")).to_be_focused()
    seen = names.all_inner_texts()
    while page.get_by_role("button", name="Next").is_enabled():
        last = names.first.inner_text()
        page.get_by_role("button", name="Next").press("Enter")
        expect(names.first).not_to_have_text(last)
        seen += names.all_inner_texts()
    assert len(set(seen)) == len(seen) == size and set(seen) <= set(hasher.names)

    page.get_by_role("button", name="Set the switches so").press("Enter")
    expect(page.locator("#neighbours .group h3").first).to_contain_text("The same code")
    assert shown_code(page) == code
    page.get_by_role("button", name="All buckets").press("Enter")
    expect(buckets.first).to_be_visible()


def as_shown(text: str) -> str:
    """A text with its white space as a line has it, and no half characters."""
    return " ".join(text.replace("\ud800", "\ufffd").split())


def test_what_is_hostile_is_only_shown(page: Page, hasher: SmallHasher):
    everything = " ".join(HOSTILE)
    type_text(page, everything)
    expect(page.locator(".marked")).to_contain_text("</script><script>")
    code = "".join(map(str, SavedHasher(hasher.path).hash(HOSTILE).bits[0]))
    # Through the module itself, as buckets can be many.
    page.evaluate(
        """async ([code, names]) => {
            const { documentList } = await import("/page/documents.js");
            const { bucket } = await import("/page/server.js");
            const found = await bucket("small", code, 0);
            document.querySelector("#neighbours").append(documentList(found.hits));
            document.querySelector("#neighbours").append(documentList(names));
        }""",
        [code, [{"id": text, "text": text, "code": code} for text in HOSTILE]],
    )
    shown = page.locator("#neighbours .snippet").all_text_contents()
    for text in HOSTILE:
        assert any(as_shown(text) in as_shown(snippet) for snippet in shown), text
    assert page.locator("#main img, #main script, #main svg, #main b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("text", ["zebra", "   ", "\ud800", "\u202e", "\x00"])
def test_texts_without_a_code(page: Page, text: str):
    type_text(page, TEXT)
    page.get_by_role("textbox", name="Your text").evaluate(
        "(box, text) => { box.value = JSON.parse(text);"
        " box.dispatchEvent(new Event('input')); }",
        json.dumps(text),
    )
    if text.strip():
        hint = "The model knows no word of this text: its code means nothing."
        expect(page.locator("#hint")).to_have_text(hint)
    expect(page.locator("#neighbours")).to_contain_text("Type a text, or flip a bit")
    assert shown_code(page) == "0" * BITS
    # Without a text the switches show what lives anywhere.
    page.get_by_role("switch").nth(1).click()
    expect(page.locator("#neighbours .group").first).to_be_visible()


def test_the_other_model_has_no_index_and_says_how_to_get_one(page: Page):
    page.get_by_role("combobox", name="Model").select_option(label="other/<b>")
    expect(page.locator("#about")).to_have_text("Model other/<b>, version 1: 6 bits")
    with page.expect_response("**/page/explain"):
        page.get_by_role("textbox", name="Your text").fill("red blue")
    expect(page.locator(".effects")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("of 6 bits are on.")
    expect(page.locator("#neighbours")).to_contain_text("make one with wish-tf index")
    expect(page.locator("#buckets-section")).to_be_hidden()
    page.get_by_role("combobox", name="Model").select_option(label="small")
    expect(page.locator("#neighbours .group").first).to_be_visible()


def test_everything_has_a_name_and_can_be_reached(page: Page):
    type_text(page, TEXT)
    controls = page.locator("button, input, textarea, select, a, summary")
    nameless = controls.evaluate_all(
        """all => all.filter(element => element.checkVisibility()
            && !(element.getAttribute("aria-label") || element.labels?.[0]?.innerText
                 || element.innerText)).map(element => element.outerHTML)"""
    )
    assert nameless == []
    places = "e => [...document.querySelectorAll('*')].indexOf(e)"
    visible = controls.evaluate_all(
        f"""all => all.filter(e => e.checkVisibility() && !e.disabled)
            .map({places})"""
    )
    reached = {}
    for _ in range(len(visible) + 2):  # once round, by way of the page itself
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        outline = focused.evaluate("e => getComputedStyle(e).outlineStyle")
        reached[focused.evaluate(places)] = outline
    assert set(visible) <= reached.keys()
    assert {reached[place] for place in visible} == {"solid"}
    snapshot = page.locator("body").aria_snapshot()
    for part in (
        "- banner",
        "- main",
        'heading "Is this model healthy?"',
        'textbox "Your text"',
        'switch "Bit 0: ',
        "- status",
        'button "Bucket ',
    ):
        assert part in snapshot, part


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_is_readable_in_any_light_and_width(page: Page, scheme: str, width: int):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    type_text(page, TEXT)
    page.get_by_role("switch").nth(1).click()
    page.get_by_role("button", name="Bucket ").first.click()
    expect(page.get_by_role("button", name="All buckets")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    assert low_contrasts(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    moving = "getComputedStyle(document.querySelector('.bar'), '::before').transition"
    assert page.evaluate(moving).startswith("none")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_codes_are_written_as_the_package_has_them(page: Page):
    rng = np.random.default_rng(0)
    for bits in (1, 4, 8, 12, 32, 64):
        code = rng.integers(0, 2, bits).astype(np.uint8)
        number, as_bytes = page.evaluate(
            """async code => {
                const { asNumber, asBytes } = await import("/page/code.js");
                return [asNumber(code), asBytes(code)];
            }""",
            "".join(map(str, code)),
        )
        assert int(number) == int(codes_to_int(code[None])[0])
        assert bytes.fromhex(as_bytes) == pack_bits(code[None])[0].tobytes()


def test_a_token_is_asked_for(
    served: Served, hasher: SmallHasher, browser: tuple[Page, list[str]]
):
    page, errors = browser
    errors.clear()
    server = page_over(served.manager, [hasher.index], token=True)
    with listening(server.app) as address:
        page.goto(address)
        box = page.get_by_role("textbox", name="Token")
        expect(box).to_be_focused()
        assert errors == []
        box.fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Expected a valid bearer")
        assert page.get_by_role("switch").count() == 0
        errors.clear()
        box.fill(TOKEN)
        page.get_by_role("button", name="Use it").click()
        page.get_by_role("switch").first.wait_for()
        expect(page.get_by_role("alert")).to_be_hidden()
        type_text(page, TEXT)
        assert errors == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert page.context.cookies() == []
    page.get_by_role("textbox", name="Your text").fill("red")
    expect(page.get_by_role("alert")).to_have_text("The server does not answer.")


def test_nothing_is_shown_of_a_model_that_is_no_hasher(
    base_path: Path, browser: tuple[Page, list[str]]
):
    page, errors = browser
    errors.clear()
    with serve_page({"half": base_path}) as server, listening(server.app) as address:
        page.goto(address)
        about = "half is no model that wish-tf exported."
        expect(page.locator("#about")).to_have_text(about)
        expect(page.locator("#main")).to_be_hidden()
    assert errors == []
