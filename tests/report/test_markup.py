import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.page_reader import PageReader
from wish_tf.report.markup import (
    Html,
    between,
    cut,
    html,
    join,
    quoted,
    table,
    tag,
    visible,
)

# Any character, lone surrogates and control characters too.
ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_any_text_is_shown_and_is_no_markup(text):
    read = PageReader(html(text))
    assert read.tags == [] and read.wrong == []
    assert read.text == visible(text)
    html(text).encode("utf-8")


@given(ANY_TEXT)
def test_any_text_can_be_an_attribute(text):
    read = PageReader(tag("p", title=text))
    assert read.tags == [("p", {"title": visible(text)})] and read.wrong == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\tand\nlines", "plain\tand\nlines"),
        ("a\x00b\x1bc\rd", "a␀b␛c␍d"),
        ("\x7f\x85\ud800\ufffe", "␡\ufffd\ufffd\ufffd"),
        ("\u202eabc\u2066d\u2069", "abcd"),
        ("שלום עולם", "שלום עולם"),
    ],
)
def test_what_shows_nothing_gets_a_sign(text, shown):
    assert visible(text) == shown


def test_elements():
    assert tag("p", "a<b", Html("<i>c</i>"), 5, class_="x", aria_label='"') == (
        '<p class="x" aria-label="&quot;">a&lt;b<i>c</i>5</p>'
    )
    assert tag("p", None, title=None) == "<p></p>"
    assert tag("path", d="M0 0") == '<path d="M0 0"/>'
    assert join("<", Html("<br/>"), None) == "&lt;<br/>"
    assert between(", ", ["a", tag("b", "c")]) == "a, <b>c</b>"
    assert between(", ", []) == ""


def test_long_texts_are_cut():
    assert cut("12345", 5) == "12345"
    assert cut("123456", 5) == "1234…"
    assert cut("123 56", 5) == "123…"
    assert quoted("  a \n\t b  ") == "<bdi>a b</bdi>"
    assert quoted("abcdef", 3) == "<bdi>ab…</bdi>"


def test_the_first_column_of_a_table_names_its_rows():
    written = table(("what", "number"), [("<x>", "5"), ("y", "word")], caption="All")
    assert '<th scope="row">&lt;x&gt;</th><td class="number">5</td>' in written
    assert '<th scope="row">y</th><td>word</td>' in written
    assert re.search(
        r'<div class="wide" tabindex="0" role="region" aria-label', written
    )
    assert PageReader(written).wrong == []
