"""What is published: complete, and at work without the clone."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
TEXTS = [f"{kind} {word}" for kind in ("red", "blue") for word in "abcdefghij"] * 4


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with wheel and source archive, built from what git has."""
    clone = tmp_path_factory.mktemp("built") / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if name.startswith(("wish_tf/", "tests/")) or "/" not in name:
            if (ROOT / name).is_file():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                (clone / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist"]
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    return clone / "dist"


@pytest.fixture(scope="module")
def wheel(built):
    [wheel] = built.glob("*.whl")
    return wheel


def test_wheel_has_every_file_of_the_package_and_nothing_else(wheel):
    listed = subprocess.run(
        ["git", "ls-files", "wish_tf"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == set(listed)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_source_archive_has_what_it_is_built_from(built):
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "wish_tf/__init__.py"} <= names
    assert not any(name.startswith("tests") for name in names)


def test_descriptions_can_be_shown(built):
    command = [sys.executable, "-m", "twine", "check", "--strict", *built.iterdir()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_installed_wheel_trains_and_hashes(wheel, tmp_path):
    # An environment of its own, which finds what the package needs in this one. The
    # package itself it finds in the wheel: this one has it by a link to the clone.
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    [packages] = (tmp_path / "env").glob("lib/python*/site-packages")
    here = Path(np.__file__).parents[1]
    (packages / "others.pth").write_text(f"{here}\n")
    python = tmp_path / "env" / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([python, *install], check=True, capture_output=True)
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    script = tmp_path / "script.py"
    # In one process, since TensorFlow takes seconds to start.
    script.write_text(
        "from wish_tf.cli import main\n"
        "main(['train', 'texts.txt', '--bits', '8', '--out', 'run'])\n"
        "main(['export', 'run', 'model'])\n"
        "print('codes')\n"
        "main(['hash', 'model', 'texts.txt'])\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [python, script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    codes = done.stdout.partition("codes\n")[2].split()
    assert len(codes) == len(TEXTS) and set("".join(codes)) <= set("01")
    assert (packages.parents[2] / "bin" / "wish-tf").is_file()
