import csv
import json

import pytest

from tests.cli.conftest import QUICK
from wish_tf.cli import main
from wish_tf.metrics.yardstick import MEASURES
from wish_tf.runs import RunFolder


def output(capsys, *arguments) -> str:
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_train_leaves_a_finished_run(trained):
    names = {path.name for path in trained.run.iterdir()}
    assert names == {"config.json", "model.keras", "metrics.json", "typical.json"}
    config = json.loads((trained.run / "config.json").read_text())
    assert (config["state"], config["bits"]) == ("finished", 10)
    assert config["recipe"]["strategy"]["space"]["decoders"] == 1
    assert config["recipe"]["fit"] is None


def test_epochs_leave_curves(docs_file, tmp_path, capsys):
    settings = ["--limit", 300, "--bits", 4, "--preset", "paper", "--epochs", 3]
    text = output(capsys, "train", docs_file, *settings, "--out", tmp_path / "run")
    assert " of 3, the best by the objective on the validation texts" in text
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    assert [row["epoch"] for row in history] == ["0", "1", "2"]
    assert {"loss", "val_objective", "bit_entropy", "val_distinct_codes"} <= set(
        history[0]
    )
    assert list((tmp_path / "run" / "logs").rglob("events.out.tfevents.*"))


def test_train_on_two_parts_of_the_cpu(docs_file, tmp_path, capsys):
    settings = [*QUICK, "--limit", 300, "--bits", 4, "--out", tmp_path / "run"]
    text = output(capsys, "train", docs_file, *settings, "--devices", "cpu:2")
    assert " of 1, the best by the objective on the validation texts" in text
    assert "Prec@100 on test: 0." in text
    assert main(["train", str(docs_file), "--out", "x", "--devices", "cpu:0"]) == 1
    assert "expected devices to be all, a number" in capsys.readouterr().err


def test_evaluate_gives_what_train_measured(trained, capsys):
    result = json.loads(output(capsys, "evaluate", trained.run, "--json"))
    assert result == json.loads((trained.run / "metrics.json").read_text())["test"]
    assert result["dead_bits"] == 0 and len(result["bit_entropy"]) == 10
    assert result["documents"] == {"database": 1200, "queries": 150}
    # 22 classes, the largest 9 % of the documents: chance is about .06.
    assert result["precision_at_100"] > 0.25
    text = output(capsys, "evaluate", trained.run)
    assert f"Prec@100 on test: {result['precision_at_100']:.4f}" in text
    value = f"{result['neighbour_recall_at_100']:.3f}"
    assert f"{'10 nearest among 100':34}{value:>11}" in text

    text = output(capsys, "evaluate", trained.run, "--topic-models")
    head, *rows = text.splitlines()[-len(MEASURES) - 1 :]
    assert head.split() == "bits lda lda, told nmf nmf, told".split()
    cells = {row[:34].rstrip(): row[34:].split() for row in rows}
    assert list(cells) == list(MEASURES.values())
    # Of the bits, and of two models by two kinds of words.
    assert len(cells["fidelity"]) == 5 and len(cells["MAP"]) == 1


def test_topics(trained, capsys):
    short = ("topics", trained.run, "--words", 3, "--buckets", 0, "--texts", 0)
    *lines, rest = output(capsys, *short).splitlines()
    assert rest == "The other 2 bits refine these topics; no words name them."
    topics = json.loads(output(capsys, *short, "--json"))
    assert [topic["bit"] for topic in topics] == list(range(8))
    assert all(len(topic["words"]) == len(topic["tells"]) == 3 for topic in topics)
    assert lines == [
        f"bit {topic['bit']:2}  on {topic['share']:4.0%}  AUC {topic['fidelity']:.2f}  "
        f"{topic['name']}: {' '.join(topic['words'])}"
        for topic in topics
    ]
    hasher = RunFolder(trained.run).hasher()
    topics = json.loads(output(capsys, "topics", trained.run, "--json"))
    for bit, (said, topic) in enumerate(zip(topics, hasher.topics(), strict=True)):
        buckets, texts = said.pop("buckets"), said.pop("typical_texts")
        assert said == {"bit": bit, **topic.to_json()}
        own = [each.to_json() for each in hasher.buckets() if each.bits[bit]]
        assert buckets == own[:3] and len(texts) == 2
        # Typical texts have the bit.
        assert hasher.transform([text["text"] for text in texts])[:, bit].any()


def test_buckets_and_texts_stand_below_their_topic(trained, capsys):
    hasher = RunFolder(trained.run).hasher()
    lines = output(capsys, "topics", trained.run).splitlines()
    places = [i for i, line in enumerate(lines) if line.startswith("bit")]
    below = lines[places[0] + 1 : places[1]]
    own = [bucket for bucket in hasher.buckets() if bucket.bits[0]]
    for line, bucket in zip(below, own[:3], strict=False):
        assert line.split()[0] == f"{bucket.share:.1%}"
        others = [
            name for bit, name in enumerate(hasher.names_) if bit and bucket.bits[bit]
        ]
        assert ("alone" in line) is not bool(others)
        assert all(name in line for name in others)
    assert [line.strip()[0] for line in below[-2:]] == ["“", "“"]


def test_export_counts_versions(trained, capsys, tmp_path):
    target = tmp_path / "saved_models" / "m"
    assert output(capsys, "export", trained.run, target).strip() == str(target / "1")
    assert json.loads(output(capsys, "export", trained.run, target, "--json")) == {
        "path": str(target / "2"),
        "version": 2,
    }


def test_a_prefix_is_exported(trained, capsys, tmp_path):
    short, texts = tmp_path / "m", tmp_path / "texts.txt"
    texts.write_text("an array of numbers\nsend a mail message\n", "utf-8")
    output(capsys, "export", trained.run, short, "--bits", 8)
    whole = output(capsys, "hash", trained.saved_model, texts).split()
    assert output(capsys, "hash", short, texts).split() == [bits[:8] for bits in whole]
    card = json.loads((short / "1/assets.extra/model_card.json").read_text())
    assert card["bits"] == 8
    for bits in ("7", "11"):
        arguments = ["export", str(trained.run), str(short), "--bits", bits]
        assert main(arguments) == 1
        assert f"from 8 to 10; got {bits}\n" in capsys.readouterr().err


def test_hash_formats_agree(trained, capsys, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("an array of numbers\nqqqzzz\nsend a mail message\n", "utf-8")
    forms = {
        form: output(
            capsys, "hash", trained.saved_model, texts, "--format", form
        ).splitlines()
        for form in ("bits", "hex", "int", "jsonl")
    }
    records = [json.loads(line) for line in forms["jsonl"]]
    assert [r["out_of_vocabulary"] for r in records] == [False, True, False]
    for form in ("bits", "hex", "int"):
        assert forms[form][1] == "out_of_vocabulary"
    for i in (0, 2):
        bits = forms["bits"][i]
        assert len(bits) == 10 and set(bits) <= {"0", "1"}
        assert int(forms["int"][i]) == int(bits, 2)
        assert int(forms["hex"][i], 16) == int(bits + "000000", 2)
        assert records[i]["bits"] == bits
        assert [p > 0.5 for p in records[i]["probabilities"]] == [
            b == "1" for b in bits
        ]


def test_search_finds_a_document_by_its_own_text(trained, capsys):
    from wish_tf.index.document_index import DocumentIndex

    documents = DocumentIndex.load(trained.index)
    name, text = documents.names[0], documents.texts[0]
    search = ["search", trained.index, text, "--rank", "codes", "-k"]
    found = json.loads(output(capsys, *search, 1500, "--radius", 0, "--json"))
    assert {hit["distance"] for hit in found["results"]} == {0}
    assert name in [hit["id"] for hit in found["results"]]
    lines = output(capsys, *search, 4).splitlines()
    assert lines[0].startswith(found["bits"]) and len(lines) >= 5


def test_resume_goes_on_with_a_killed_run(docs_file, tmp_path):
    # A killed run is one whose state was never changed from "running".
    run = tmp_path / "run"
    settings = [str(docs_file), *QUICK, "--limit", "300", "--out", str(run)]
    from wish_tf.runs import RunFolder

    assert main(["train", *settings]) == 0
    RunFolder(run).set_state("running")
    assert main(["train", *settings, "--resume"]) == 0
    assert RunFolder(run).config()["state"] == "finished"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "nowhere.txt", "--out", "r"], "got 'nowhere.txt', which is neither"),
        (
            ["train", "rare.txt", "--bits", "65", "--out", "r"],
            "expected bits as an integer from 1 to 64; got 65",
        ),
        (
            ["train", "x", "--preset", "paper", "--epochs", "0", "--out", "r"],
            "expected FitSettings.epochs at least 1; got 0",
        ),
        (
            ["train", "x", "--epochs", "3", "--out", "r"],
            "expected no settings of fit, since nested_codes fits no encoder; got Fit",
        ),
        (["train", "empty.txt", "--out", "r"], "expected at least one document"),
        (["train", "one.txt", "--out", "r"], "got 1 in 'one'"),
        (["train", "latin.txt", "--out", "r"], "UTF-8"),
        (["train", "table.csv", "--out", "r"], "'text'"),
        (["train", "rare.txt", "--out", "r"], "no word is left"),
        (["evaluate", "nothing"], "expected a run in nothing"),
        (["export", "nothing", "m"], "expected a run in nothing"),
        (["hash", "nothing", "one.txt"], "expected a SavedModel"),
        (["hash", "nothing", "missing.txt"], "got 'missing.txt', where there is none"),
        (["index", "nothing", "one.txt", "--out", "i"], "expected a SavedModel"),
        (["search", "one.txt", "query"], "expected a wish_tf DocumentIndex file"),
        (["serve", "nothing"], "nothing"),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_nothing(
    arguments, sentence, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "one.txt").write_text("a single document\n")
    (tmp_path / "latin.txt").write_bytes("caf\xe9\n".encode("latin-1") * 20)
    (tmp_path / "table.csv").write_text("title,body\na,b\n")
    (tmp_path / "rare.txt").write_text("".join(f"word{i}\n" for i in range(50)))
    before = sorted(tmp_path.rglob("*"))
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("wish-tf: error: ")
    assert sentence in lines[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_query_without_known_words_is_said_so(trained, capsys):
    search = ["search", str(trained.index), "qqqzzz"]
    for options in ([], ["--rank", "codes"]):
        assert main([*search, *options]) == 1
        said = capsys.readouterr().err
        assert "expected a query with a word that" in said and "; got 'qqqzzz'" in said


def test_a_full_disk_is_one_sentence(trained, docs_file, capsys, tmp_path, monkeypatch):
    import errno

    from wish_tf.index import document_index

    def full(path, *rest):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(document_index, "write_index_file", full)
    arguments = ["index", str(trained.saved_model), str(docs_file), "--limit", "50"]
    assert main([*arguments, "--out", str(tmp_path / "x")]) == 1
    assert capsys.readouterr().err == (
        f"wish-tf: error: No space left on device ({tmp_path / 'x'})\n"
    )
