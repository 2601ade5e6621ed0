"""docs/report.md follows the page and its thresholds."""

import re
from pathlib import Path

from wish_tf.report.sections import SECTIONS
from wish_tf.report.write_report import findings

PAGE = (Path(__file__).parents[2] / "docs/report.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    part = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"^\| ([^|]+?) \|", part, re.MULTILINE)[1:]


def test_every_section_and_every_check_is_explained(source):
    titles = [make(source).title for make in SECTIONS]
    assert first_cells("What it shows") == [
        "Is the model healthy?",
        "The bits at a glance",
        *titles,
    ]
    checks = [found.name.lower() for found in findings(source)]
    named = [name.lower() for name in first_cells("What the verdicts go by")]
    assert named == checks


def test_its_pictures_are_there():
    for name in re.findall(r"pictures/\S+\.png", PAGE):
        assert (Path(__file__).parents[2] / "docs" / name).is_file()
