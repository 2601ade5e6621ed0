import pytest

from reproduction.tables import ammi, best_cells, codes, table1


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
        line("lda", 0.4, bits=8, distinct_codes=30, coherence_npmi=0.1234),
        line("lda", 0.3, bits=4, distinct_codes=9),
    ]
    cells = [cell.strip() for cell in row(codes(lines, ("reuters",)), "lda").split("|")]
    assert cells[2] == "30"
    assert cells[6] == "0.123"
    assert cells[8] == "0.400"


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
