import languages
from marks import between_marks


def test_the_page_is_what_the_script_makes():
    page = (languages.ROOT / "docs" / "languages.md").read_text("utf-8")
    assert between_marks(page, languages.table(), "languages") == page
    for language in languages.LANGUAGES.values():
        assert f"\n| {language} |" in page
