import pytest

from marks import between_marks

PAGE = "before\n<!-- a: start -->\nold\n<!-- a: end -->\nafter\n"


def test_only_what_is_between_the_marks_changes():
    new = between_marks(PAGE, "new", "a")
    assert new == "before\n<!-- a: start -->\nnew\n<!-- a: end -->\nafter\n"


def test_a_page_without_the_marks_is_an_error():
    with pytest.raises(ValueError, match="not enough values"):
        between_marks(PAGE, "new", "b")
