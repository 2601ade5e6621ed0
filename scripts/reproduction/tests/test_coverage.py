from dataclasses import asdict

from reproduction.coverage import coverage
from reproduction.experiments import fig4, fig5
from reproduction.scale import QUICK


def cells(text: str, experiment: str) -> list[str]:
    row = next(r for r in text.splitlines() if r.startswith(f"| {experiment} |"))
    return [cell.strip() for cell in row.split("|")[2:-1]]


def test_nothing_is_there_at_first():
    text = coverage([], QUICK)
    assert (
        text.splitlines()[0] == "| experiment | 20newsgroups | reuters | agnews | tmc |"
    )
    # Both presets of WISH and 15 others; bits drawn at random, or not.
    assert cells(text, "table1") == ["0/17"] * 4
    assert cells(text, "fig4") == ["0/2"] * 4
    assert cells(text, "fig5") == ["0/4", "0/4", "", ""]


def test_a_shared_run_counts_for_both():
    drawn = next(iter(fig4(QUICK)))
    other = next(iter(fig5(QUICK)))
    assert drawn.experiment == "table1" and other.corpus == "reuters"
    text = coverage([asdict(drawn), asdict(other)], QUICK)
    assert cells(text, "table1") == ["1/17", "0/17", "0/17", "0/17"]
    assert cells(text, "fig4") == ["1/2", "0/2", "0/2", "0/2"]
    assert cells(text, "fig5") == ["0/4", "1/4", "", ""]
