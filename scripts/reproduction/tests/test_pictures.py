from reproduction.pictures import fig9
from reproduction.scale import FULL


def test_figure_9_names_methods_of_which_one_corpus_has_results():
    line = {
        "experiment": "fig9",
        "method": "sth",
        "preset": "default",
        "corpus": "tmc",
        "bits": 16,
        "precision_at_100": 0.7,
    }
    figure = fig9([line], FULL)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["sth"]
