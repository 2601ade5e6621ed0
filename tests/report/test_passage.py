import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.page_reader import PageReader
from wish_tf.report.markup import visible
from wish_tf.report.sections.bits import LENGTH, passage


def test_words_are_marked_by_the_side_they_spoke_for():
    shown = passage("Red <b>, not blue; RED!", {"red": 1.5, "blue": -0.25})
    assert shown == (
        '<bdi><mark class="for" title="for the bit: +1.50">Red</mark> &lt;b&gt;, not '
        '<mark class="against" title="against the bit: -0.25">blue</mark>; '
        '<mark class="for" title="for the bit: +1.50">RED</mark>!</bdi>'
    )


def test_a_word_within_a_word_is_not_marked():
    assert "<mark" not in passage("redder infrared", {"red": 1.0})


def test_of_a_long_text_the_passage_with_most_of_what_moved_the_bit_is_shown():
    text = "fish " + "filler " * 200 + "tree coin " + "filler " * 200 + "tree"
    shown = passage(text, {"fish": 1.0, "tree": 0.75, "coin": -0.5})
    assert re.findall(r">(\w+)</mark>", shown) == ["tree", "coin"]
    assert shown.startswith("<bdi>… ") and shown.endswith(" …</bdi>")
    assert len(re.sub("<.*?>", "", shown)) <= LENGTH + 4


def test_near_the_beginning_the_text_is_shown_from_its_beginning():
    shown = passage("These are " + "red " * 200, {"red": 1.0})
    assert shown.startswith("<bdi>These are <mark")


@pytest.mark.parametrize("text", ["", "   ", "x" * 1000, "שלום " * 100])
def test_texts_without_a_marked_word(text):
    shown = passage(text, {"other": 1.0})
    assert PageReader(shown).wrong == []
    assert len(PageReader(shown).text) <= LENGTH + 4


@given(st.text(), st.lists(st.text("abAB \n\u0130é", min_size=2), max_size=5))
def test_what_is_shown_is_part_of_the_text(text, words):
    text += " ".join(words)
    shown = passage(text, {word.lower(): 1.0 for word in words}, length=40)
    read = PageReader(shown)
    assert {name for name, _ in read.tags} <= {"bdi", "mark"} and read.wrong == []
    plain = read.text.removeprefix("… ").removesuffix(" …")
    assert plain in visible(" ".join(text.split()))
