import json

import pytest

from wish_tf import InputError
from wish_tf.files import write_json
from wish_tf.runs.run_folder import FINISHED, INTERRUPTED, RunFolder

CONFIG = {"corpus": "python-docs", "bits": 8}


def started(tmp_path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.start(CONFIG, force=False, resume=False)
    return folder


def test_a_new_run_is_running_until_it_is_said_otherwise(tmp_path):
    folder = started(tmp_path)
    assert json.loads(folder.config_path.read_text()) == {**CONFIG, "state": "running"}
    folder.set_state(FINISHED)
    assert folder.check_finished() == {**CONFIG, "state": "finished"}


def test_an_unfinished_run_cannot_be_used(tmp_path):
    folder = started(tmp_path)
    folder.set_state(INTERRUPTED)
    with pytest.raises(InputError, match="got one that is interrupted: give --resume"):
        folder.check_finished()
    with pytest.raises(InputError, match="expected a run in .*; got no config"):
        RunFolder(tmp_path / "none").check_finished()


def test_an_earlier_run_is_kept_without_force(tmp_path):
    folder = started(tmp_path)
    folder.model_path.write_text("model")
    with pytest.raises(InputError, match="--force to replace it or --resume"):
        folder.start(CONFIG, force=False, resume=False)
    folder.set_state(FINISHED)
    with pytest.raises(InputError, match="--force to replace it$"):
        folder.start(CONFIG, force=False, resume=False)
    assert folder.model_path.exists()
    folder.start(CONFIG, force=True, resume=False)
    assert not folder.model_path.exists()


def test_other_peoples_files_are_kept_even_with_force(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="holds something else"):
        RunFolder(tmp_path / "run").start(CONFIG, force=True, resume=False)
    assert (tmp_path / "run" / "thesis.txt").exists()


def test_resume_wants_the_same_unfinished_run(tmp_path):
    folder = started(tmp_path)
    folder.start(CONFIG, force=False, resume=True)
    with pytest.raises(InputError, match="bits 8; got 4"):
        folder.start({**CONFIG, "bits": 4}, force=False, resume=True)
    folder.set_state(FINISHED)
    with pytest.raises(InputError, match="got a finished one"):
        folder.start(CONFIG, force=False, resume=True)
    with pytest.raises(InputError, match="got no config.json"):
        RunFolder(tmp_path / "none").start(CONFIG, force=False, resume=True)


def test_a_damaged_configuration_is_named(tmp_path):
    folder = started(tmp_path)
    folder.config_path.write_text("{")
    with pytest.raises(InputError, match=r"expected JSON in .*config.json"):
        folder.config()


def test_metrics_are_read_or_said_to_be_missing(tmp_path):
    folder = started(tmp_path)
    with pytest.raises(InputError, match="got no metrics.json$"):
        folder.metrics()
    count = {"database": 3, "queries": 1}
    result = {"bits": 2, "precision_at_100": None, "distinct_codes": 1, "dead_bits": 1}
    result |= {"code_entropy": 0.5, "bit_entropy": [0, 0.5]}
    result |= {"documents": count}
    metrics = {"epoch": 3, "validation": result, "test": result}
    write_json(folder.metrics_path, metrics)
    assert folder.metrics() == metrics
    write_json(folder.metrics_path, metrics | {"test": result | {"documents": 3}})
    with pytest.raises(InputError, match="expected an object as documents as test in"):
        folder.metrics()
    folder.metrics_path.write_text("[")
    with pytest.raises(InputError, match=r"expected JSON in .*metrics.json"):
        folder.metrics()
