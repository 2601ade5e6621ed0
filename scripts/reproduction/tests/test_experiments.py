from reproduction.cell import Cell
from reproduction.experiments import EXPERIMENTS, recipe
from reproduction.scale import FULL, QUICK


def cells(name, scale=FULL):
    return list(EXPERIMENTS[name](scale))


def test_table_1_has_every_method_corpus_and_length():
    made = {(c.method, c.preset, c.corpus, c.bits) for c in cells("table1")}
    assert len(made) == 17 * 4 * 5
    assert {method for method, *_ in made} == set(
        "wish sth vdsh nash rbsh node2hash nbrreg lda kmeans itq lsh ammi bmsh "
        "encoder".split()
    )


def test_wish_has_three_seeds_in_table_1():
    seeds = {(c.preset, c.seed) for c in cells("table1") if c.method == "wish"}
    assert seeds == {(p, s) for p in ("paper", "default") for s in range(3)}


def test_a_run_that_table_1_has_is_its():
    made = cells("fig5")
    own = {c.settings["topic_dim"] for c in made if c.experiment == "fig5"}
    assert own == {50, 100, 150, 200, 250, 300}
    # 100 is usual on 20 Newsgroups, 50 on Reuters (section 4.4).
    shared = {(c.corpus, c.bits) for c in made if c.experiment == "table1"}
    assert shared == {(c, b) for c in ("reuters", "20newsgroups") for b in (4, 8)}
    keys = {c.key for c in cells("table1")}
    assert all(c.key in keys for c in made if c.experiment == "table1")


def test_figure_7_has_both_of_the_papers_g_and_its_sum_as_written():
    made = [(c.experiment, c.settings) for c in cells("fig7") if c.bits == 4]
    assert made[:3] == [
        ("table1", {}),
        ("fig7", {"combine": "mean"}),
        ("fig7", {"centred": False}),
    ]


def test_no_run_is_wanted_twice():
    for scale in (FULL, QUICK):
        keys = {name: [c.key for c in cells(name, scale)] for name in EXPERIMENTS}
        for made in keys.values():
            assert len(made) == len(set(made))


def test_the_recipe_of_the_paper_follows_its_corpus():
    assert recipe("paper", "reuters", 8).strategy.topic_dim == 50
    assert recipe("paper", "agnews", 8).strategy.topic_dim == 100


def test_a_line_names_its_cell():
    cell = Cell("fig6", "wish", "paper", "reuters", 8, 0, {"orthogonality": 0.1})
    line = {
        "precision_at_100": 0.5,
        "experiment": "fig6",
        "method": "wish",
        "preset": "paper",
        "corpus": "reuters",
        "bits": 8,
        "seed": 0,
        "settings": {"orthogonality": 0.1},
    }
    assert Cell.key_of(line) == cell.key


def test_figure_10_shows_runs_of_table_1():
    keys = {c.key for c in cells("table1")}
    made = cells("fig10")
    assert {c.corpus for c in made} == {"20newsgroups"}
    assert {c.key for c in made} <= keys
