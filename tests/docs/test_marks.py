import pytest

from marks import between_marks, write_between_marks

PAGE = "before\n<!-- a: start -->\nold\n<!-- a: end -->\nafter\n"


def test_only_what_is_between_the_marks_changes():
    new = between_marks(PAGE, "new", "a")
    assert new == "before\n<!-- a: start -->\nnew\n<!-- a: end -->\nafter\n"


def test_a_page_without_the_marks_is_an_error():
    with pytest.raises(ValueError, match="not enough values"):
        between_marks(PAGE, "new", "b")


def test_a_page_gets_all_its_texts(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE + PAGE.replace("a:", "b c:"))
    write_between_marks(page, {"a": "one", "b c": "two"})
    assert page.read_text() == PAGE.replace("old", "one") + PAGE.replace(
        "a:", "b c:"
    ).replace("old", "two")
    assert list(tmp_path.iterdir()) == [page]
