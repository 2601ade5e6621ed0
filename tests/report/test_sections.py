"""The sections on labels and codes of every kind."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.report.page_reader import PageReader
from tests.report.variants import cut_to, recoded, relabelled
from wish_tf.errors import InputError
from wish_tf.health import K, Verdict, bit_name
from wish_tf.metrics import Retrieval
from wish_tf.metrics.yardstick import MEASURES
from wish_tf.readable_numbers import figure
from wish_tf.report.sections import SECTIONS
from wish_tf.report.sections.bits import share_on_by_class
from wish_tf.report.sections.codes import confused
from wish_tf.report.sections.retrieval import ASKS, measures
from wish_tf.report.sections.run import learning
from wish_tf.report.source import read_history
from wish_tf.report.write_report import findings, page
from wish_tf.runs import RunFolder


def written(source) -> PageReader:
    """The page of a source, of which everything must be well-formed."""
    read = PageReader(page(source, [section(source) for section in SECTIONS]))
    assert read.wrong == []
    assert len(set(read.ids)) == len(read.ids)
    links = [link for link in read.loads if link.startswith("#")]
    assert links == read.loads and {link[1:] for link in links} <= set(read.ids)
    return read


def test_without_labels_the_page_says_what_is_missing(source):
    text = written(relabelled(source, None)).text
    assert "The corpus has no labels." in text
    assert "Missing, since the corpus has no labels." in text
    assert "Neighbour overlap@100" in text and "Prec@100" not in text.split("card")[0]


def test_all_measures_are_those_of_evaluate(source):
    section = PageReader(measures(source).html())
    assert list(ASKS) == list(MEASURES)
    for name, value in source.metrics["test"].items():
        if name in MEASURES and value is not None:
            assert f"{MEASURES[name]}{figure(value)}{ASKS[name]}" in section.text
    # There are 480 documents.
    assert ASKS["precision_at_1000"] not in section.text


def test_labels_that_no_document_has_are_none(source):
    assert relabelled(source, lambda n, own: ()).classes is None


def test_several_labels_a_document(source):
    names = ["a", "b", "c"]
    several = relabelled(source, lambda n, own: (names[n % 3], names[n % 2], own[0]))
    assert "Confusion of classes" in written(several).text
    matrix, right = confused(several, several.classes)
    # Each document counts once in all, whatever the number of its labels.
    assert matrix.sum() == pytest.approx(len(source.test))
    assert 0 < right <= 1


def test_more_classes_than_are_shown(source):
    many = relabelled(source, lambda n, own: (f"class {n % 60}",))
    text = written(many).text
    assert "And 35 smaller classes." in text
    assert "40 smaller classes are not shown." in text


def test_confusion_worked_out_by_hand(source):
    # Two buckets: a of the class a, and b of the class b but for one document.
    def code(probabilities: np.ndarray) -> np.ndarray:
        made = np.zeros_like(probabilities)
        made[: len(made) // 2, 0] = 1
        return made

    half = len(source.train) // 2
    made = relabelled(recoded(source, code), lambda n, own: ("x",))
    train = replace(
        made.train.corpus,
        labels=[("a",) if n < half else ("b",) for n in range(len(made.train))],
    )
    n = len(made.test)
    test = replace(
        made.test.corpus, labels=[("a",)] * (n // 2 - 1) + [("b",)] * (n - n // 2 + 1)
    )
    made = replace(
        made,
        train=replace(made.train, corpus=train),
        test=replace(made.test, corpus=test),
    )
    matrix, right = confused(made, made.classes)
    order = [made.classes.names.index(name) for name in "ab"]
    assert matrix[np.ix_(order, order)].tolist() == [[n // 2 - 1, 0], [1, n - n // 2]]
    assert right == pytest.approx((n - 1) / n)
    by_class = share_on_by_class(made.train, made.classes)[order]
    assert by_class[:, 0].tolist() == [1, 0] and not by_class[:, 1:].any()


def test_a_dead_bit_is_said_to_be_dead(source):
    def switch_off(probabilities):
        probabilities[:, 2] = 0.1
        return probabilities

    text = written(recoded(source, switch_off)).text
    assert bit_name(2, source.hasher.names_)[1:] + " is the same for every" in text
    assert "This bit is dead: it is off for every training document." in text
    assert "It is on in no test document." in text


def test_all_texts_with_one_code(source):
    collapsed = recoded(source, lambda p: np.full_like(p, 0.9))
    text = written(collapsed).text
    assert "the training has collapsed" in text and "No, not healthy." in text
    found = {one.name: one.verdict for one in findings(collapsed)}
    wrong = "Codes in use", "Prec@100", "Dead bits", "Largest bucket"
    assert {found[name] for name in wrong} == {Verdict.PROBLEM}


def test_no_document_with_a_known_word(source):
    blind = recoded(source, lambda p: p)
    for part in blind.parts:
        object.__setattr__(
            part,
            "hashed",
            type(part.hashed)(part.hashed.probabilities, np.ones(len(part), bool)),
        )
    assert "No document has a known word." in written(blind).text
    assert "Not measured" in written(relabelled(blind, None)).text


def test_too_few_documents_to_search(source):
    text = written(cut_to(source, 60)).text
    assert text.count("fewer than 100 documents to search") == 2
    assert "not measured" in text


def test_samples_and_changes_of_the_corpus_are_said(source):
    sampled = replace(source, train=replace(source.train, total=10**6))
    text = written(sampled).text
    assert "Of the 1,000,000 training documents this page looks at a sample" in text
    assert text.count("as far as the sample tells") == 2
    assert "The corpus has changed since the training" in text
    assert "The corpus has changed" not in written(source).text


@pytest.mark.parametrize(
    "history",
    [
        [],
        [{"epoch": 0.0, "loss": float("nan"), "val_loss": 1.0}],
        [{"epoch": 0.0, "loss": float("nan")}],
        [{"epoch": float(n), "loss": 1 / (n + 1)} for n in range(300)],
    ],
    ids=["none", "one not finite", "all not finite", "many epochs"],
)
def test_histories_of_every_kind(source, history):
    section = learning(replace(source, history=history)).html()
    assert PageReader(section).wrong == []
    assert not re.search(r"\bnan\b", re.sub("<table.*", "", section))


@pytest.mark.parametrize("content", [None, "epoch,loss\n0,much\n", "epoch,loss\n0\n"])
def test_a_history_that_is_none(tmp_path, content):
    folder = RunFolder(tmp_path)
    if content is not None:
        folder.history_path.write_text(content)
    with pytest.raises(InputError, match="expected a (run|table of numbers) in"):
        read_history(folder)


def test_without_labels_the_nearest_by_tf_idf_are_relevant(source):
    unlabelled = relabelled(source, None)
    found = unlabelled.retrieval
    rows = [
        part.rows(source.hasher, part.known) for part in (source.test, source.train)
    ]
    known = [~part.hashed.out_of_vocabulary for part in (source.test, source.train)]
    similar = (rows[0] @ rows[1].T).toarray()
    nearest = [
        tuple(np.argsort(-own, kind="stable")[:K][np.sort(-own)[:K] < 0])
        for own in similar
    ]
    # Among equally similar documents either choice is right, so shares may differ a
    # little from those of another order.
    expected = Retrieval.by_labels(
        source.test.codes[known[0]],
        nearest,
        source.train.codes[known[1]],
        [(i,) for i in range(similar.shape[1])],
    )
    difference = found.precisions(K).mean() - expected.precisions(K).mean()
    assert abs(difference) < 0.02
    assert found.chance <= K / similar.shape[1] + 1e-9


def test_the_page_says_what_the_project_measures(source):
    found = {one.name: one for one in findings(source)}
    measured = source.metrics["test"]
    assert found["Codes in use"].value.startswith(f"{measured['distinct_codes']} of")
    assert found["Prec@100"].value.startswith(f"{measured['precision_at_100']:.3f} ")
    entropy = np.mean(measured["bit_entropy"])
    assert found["Balance of the bits"].value == f"entropy {entropy:.2f} of 1"
    each = source.retrieval.precisions(100)
    assert f"± {each.std() / len(each) ** 0.5:.3f}" in found["Prec@100"].value


def test_the_commonest_class_alone(source):
    alone = relabelled(source, lambda n, own: ("a", "b") if n % 4 else ("b",))
    assert alone.majority == 1.0
    assert relabelled(source, None).majority is None
