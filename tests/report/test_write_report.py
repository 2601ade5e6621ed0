import re
import sys

import pytest

from tests.report.conftest import BITS, UNKNOWN, WORDS
from tests.report.page_reader import PageReader
from wish_tf.errors import InputError
from wish_tf.report import write_report
from wish_tf.report.markup import visible
from wish_tf.report.sections import SECTIONS
from wish_tf.report.write_report import POLICY


@pytest.fixture(scope="module")
def text(report) -> str:
    return report.read_text("utf-8")


@pytest.fixture(scope="module")
def read(text) -> PageReader:
    return PageReader(text)


def test_it_is_well_formed_and_its_ids_are_its_own(read):
    assert read.wrong == []
    assert len(set(read.ids)) == len(read.ids)


def test_it_loads_nothing_and_runs_nothing(read, text):
    assert all(value.startswith("#") for value in read.loads)
    assert {value[1:] for value in read.loads} <= set(read.ids)
    names = {name for name, _ in read.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form"}
    policies = [
        own["content"]
        for name, own in read.tags
        if name == "meta" and own.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [POLICY] and "default-src 'none'" in POLICY
    assert not [name for _, own in read.tags for name in own if name.startswith("on")]
    assert "url(" not in text and "@import" not in text


def test_what_documents_hold_is_text_only(read, text):
    assert "\x00" not in text and not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    for label in WORDS:
        assert visible(label) in read.text
    assert any(UNKNOWN.format(number) in read.text for number in range(10, 15))
    assert "<b>run & more" in read.text


def test_every_section_is_there_and_in_the_contents(read, source):
    for make in SECTIONS:
        section = make(source)
        assert read.text.count(section.title) >= 2
        assert section.name in read.ids and f"#{section.name}" in read.loads
    for bit in range(BITS):
        assert f"bit-{bit}" in read.ids and f"#bit-{bit}" in read.loads


def test_each_bit_has_its_words_and_documents_with_marks(text, source):
    cards = re.findall(r"<article.*?</article>", text)
    assert len(cards) == BITS
    for card, topic in zip(cards, source.hasher.topics(), strict=True):
        shown = re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', card)
        assert shown == list(topic.words)
        buckets, documents = card.split("<ul>")[1:]
        assert 1 <= buckets.count("<li>") <= 3 and documents.count("<li>") == 3
        assert "<mark" in documents and "moved by" in documents


def test_the_model_card_is_that_of_the_run(read, source):
    card = read.text.split("The model card")[-1]
    test = source.metrics["test"]
    assert f"{test['precision_at_100']:.4g}" in card
    assert "hostile <i>.jsonl" in card and "sha256" in card


def test_progress_is_told_to_its_end(hostile_run, tmp_path):
    told = []
    path = tmp_path / "new" / "report.html"
    write_report(hostile_run, path, on_progress=lambda *how_far: told.append(how_far))
    assert [done for _, done, _ in told] == list(range(len(SECTIONS) + 2))
    assert told[-1] == ("done", len(SECTIONS) + 1, len(SECTIONS) + 1)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_failure_leaves_what_was_there(hostile_run, tmp_path, monkeypatch):
    def broken(source):
        raise MemoryError

    # Its package has a function of the module's name.
    module = sys.modules["wish_tf.report.write_report"]
    monkeypatch.setattr(module, "SECTIONS", (broken,))
    path = tmp_path / "report.html"
    path.write_text("before")
    with pytest.raises(MemoryError):
        write_report(hostile_run, path)
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_no_file(hostile_run, tmp_path):
    with pytest.raises(InputError, match="expected a file to write the report to"):
        write_report(hostile_run, tmp_path)
