from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.report.page import page
from wish_tf.report.sections import SECTIONS
from wish_tf.report.source import Source
from wish_tf.runs import RunFolder


def write_report(
    folder: RunFolder,
    path: str | Path,
    *,
    on_progress: Callable[[str, int, int], None] = lambda doing, done, total: None,
) -> None:
    """Writes a page about a finished run: one HTML file that loads nothing.

    It says whether the model is healthy and what each bit means, and shows corpus,
    training, use of the codes, retrieval and the documents that stand out. Large
    corpora are sampled, always in the same way, which the page says.

    Args:
        folder: the run.
        path: the file, replaced if it is there.
        on_progress: called with what is about to be done, how many things are done,
            and how many there are.

    Raises:
        InputError: when the run is not there or not finished, its corpus cannot be
            read, or the path is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(
            f"expected a file to write the report to; got the folder {path}"
        )
    # What can be wrong with the input shows before there is a line of progress.
    total = 1 + len(SECTIONS)
    source = Source.of(folder, lambda: on_progress("hashing the documents", 0, total))
    sections = []
    for done, make in enumerate(SECTIONS, 1):
        on_progress(make.__name__.replace("_", " "), done, total)
        sections.append(make(source))
    written = page(source, sections)
    with replacing(path) as temporary:
        temporary.write_text(written, encoding="utf-8", newline="\n")
    on_progress("done", total, total)
