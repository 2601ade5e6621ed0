"""The page of the reproduction: its text is kept, its tables and figures are made."""

from __future__ import annotations

from pathlib import Path

from baselines import AMMI
from marks import between_marks
from reproduction.coverage import coverage
from reproduction.pictures import draw_all
from reproduction.scale import Scale
from reproduction.tables import ammi, beside, best_cells, codes, table1
from wish_tf.files import replacing


def write_page(lines: list[dict], template: Path, page: Path, scale: Scale) -> None:
    """Writes the page and its pictures.

    Args:
        lines: of all experiments.
        template: a page with marks, of which the tables are replaced.
        page: the file to write; may be the template. Pictures go beside it, into
            `pictures/reproduction/`.
        scale: what was run.
    """
    text = template.read_text("utf-8")
    for name, made in (
        ("coverage", coverage(lines, scale)),
        ("table1", table1(lines, scale.corpora, scale.bits)),
        ("beside", beside(lines, scale.corpora, scale.bits)),
        ("best", best_cells(lines)),
        ("codes", codes(lines, scale.corpora)),
        ("ammi", ammi(lines, scale.epochs or AMMI.epochs)),
    ):
        text = between_marks(text, made, name)
    page.parent.mkdir(parents=True, exist_ok=True)
    draw_all(lines, page.parent / "pictures" / "reproduction", scale)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
