"""The README's Python runs as it stands there, on fewer documents."""

import re
from pathlib import Path

import numpy as np

import wish_tf.cli
from tests.client.played_server import PlayedServer
from tests.client.toy_model import BITS
from wish_tf.corpora import load_corpus

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
HASHER, CLIENT = BLOCKS


def test_example_of_the_hasher(docs_file, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    corpus = load_corpus(docs_file)
    monkeypatch.setattr("wish_tf.corpora.load_corpus", lambda name: corpus)
    names: dict = {}
    exec(compile(HASHER, "README.md", "exec"), names)
    codes = names["codes"]
    assert codes.dtype == np.uint8 and codes.shape[1] == 16
    assert len(np.unique(codes, axis=0)) > 16


def test_example_of_the_client():
    played = PlayedServer()
    names: dict = {}
    address = "http://127.0.0.1:8501/v1/models/wish"
    assert address in CLIENT
    exec(compile(CLIENT.replace(address, played.url), "README.md", "exec"), names)
    played.close()
    assert names["codes"].shape == (2, BITS)


def test_example_of_several_devices(docs_file, monkeypatch):
    page = (Path(__file__).parents[1] / "docs/distributed.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    corpus = load_corpus(docs_file, limit=400)
    monkeypatch.setattr("wish_tf.corpora.load_corpus", lambda name, limit: corpus)
    names: dict = {}
    exec(compile(code, "distributed.md", "exec"), names)
    # Two epochs of 400 texts in batches of 200.
    assert int(names["model"].optimizer.iterations.numpy()) == 4


def test_every_command_of_the_readme_is_one():
    commands = {command.__name__.rsplit(".")[-1] for command in wish_tf.cli.COMMANDS}
    named = set(re.findall(r"^    wish-tf ([\w-]+)", README, re.MULTILINE))
    assert {name.replace("-", "_") for name in named} == commands


def test_first_look_is_short():
    assert README.count("\n") <= 150


def test_set_up_takes_exactly_two_commands():
    start = README.split("## Start")[1].split("\n## ")[0]
    commands = re.findall(r"^    (bash \S+)", start, re.MULTILINE)
    assert commands == ["bash scripts/quickstart.sh", "bash scripts/test.sh"]
