import pytest

from reproduction.tables import ammi, beside, best_cells, codes, table1


def line(method, precision, preset="default", seed=0, bits=4, **more):
    return {
        "experiment": "table1",
        "corpus": "reuters",
        "method": method,
        "preset": preset,
        "bits": bits,
        "seed": seed,
        "precision_at_100": precision,
        **more,
    }


LINES = [
    line("wish", 0.7, seed=0),
    line("wish", 0.8, seed=1),
    line("vdsh", 0.5, bits=4),
    line("kmeans", 0.76),
]


def row(text, name):
    return next(r for r in text.splitlines() if r.startswith(f"| {name} |"))


def test_table_1_shows_mean_deviation_and_the_paper():
    made = table1(LINES, ("reuters",), (4, 6))
    # Mean .75 of two seeds; the paper has .664 for WISH and .544 for VDSH.
    assert row(made, "wish-default") == (
        "| wish-default | 0.750 ± 0.050 (2) [0.664, +0.086] |  |"
    )
    assert row(made, "vdsh") == "| vdsh | 0.500 [0.543, -0.043] |  |"
    assert row(made, "kmeans") == "| kmeans | 0.760 |  |"


def test_where_we_lose_is_said():
    last = best_cells(LINES).splitlines()[-1]
    assert last == "| reuters | 4 | kmeans 0.760 | wish-default 0.750 | -0.010 |"


def test_the_table_of_codes_is_of_8_bits():
    lines = [
        line("lda", 0.4, bits=8, distinct_codes=30, fidelity=0.514),
        line("lda", 0.3, bits=4, distinct_codes=9),
    ]
    head, _, *rows = codes(lines, ("reuters",)).splitlines()[2:]
    heads = [cell.strip() for cell in head.split("|")]
    own = next(row for row in rows if row.startswith("| lda "))
    cells = dict(zip(heads, [cell.strip() for cell in own.split("|")], strict=True))
    assert (cells["codes in use"], cells["fidelity"]) == ("30", "0.51")
    assert cells["Prec@100"] == "0.400"
    # Old lines do not have it.
    assert cells["MAP"] == ""


def test_beside_table_1_is_what_newer_runs_have():
    lines = [
        line("lda", 0.4, precision_at_10=0.5, mean_average_precision=0.25),
        line("lda", 0.4, seed=1, precision_at_10=0.7, mean_average_precision=0.35),
        line("sth", 0.3),
    ]
    assert beside(lines, ("reuters",), (4, 6)).splitlines()[2:] == [
        "| reuters | lda | 0.600; 0.300 |  |"
    ]


def test_ammi_by_epochs_ends_with_all_of_them():
    short = line("ammi", 0.7, bits=8, code_entropy=7.25, settings={"epochs": 10})
    whole = line("ammi", 0.6, bits=8, code_entropy=7.5, settings={})
    made = ammi([whole, {**short, "experiment": "ammi"}], 40).splitlines()
    assert made[2:] == [
        "| reuters | 10 | 7.25 | 0.700 |",
        "| reuters | 40 | 7.50 | 0.600 |",
    ]


@pytest.mark.parametrize("corpus", ["reuters", "tmc", "20newsgroups", "agnews"])
def test_the_papers_wish_wins_everywhere_in_its_table(corpus):
    from reproduction.tables import PAPER

    for at in range(5):
        best = max(PAPER[corpus], key=lambda method: PAPER[corpus][method][at])
        assert best == "wish"
