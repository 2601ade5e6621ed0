"""The commands of serving/README.md and docs/operations.md are such as exist."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelConfig

import wish_tf.cli
from tests.serving_kit.kit import ROOT, SERVING, read_flags, read_yaml
from tests.serving_kit.metrics import EXPORTED
from wish_tf.server.rest_handler import RestPath, parse_rest_path

_PAGES = {
    name: (ROOT / name).read_text("utf-8")
    for name in ("serving/README.md", "docs/operations.md")
}


def code_lines(page: str) -> list[str]:
    """The lines of the indented blocks, continued ones joined."""
    joined = re.sub(r"\\\n\s+", "", _PAGES[page])
    return [line.strip() for line in re.findall(r"^ {4,}(\S.*)$", joined, re.M)]


def commands(program: str) -> list[list[str]]:
    """The arguments of every call of a program, on both pages."""
    words = [
        shlex.split(line, comments=True)
        for page in _PAGES
        for line in code_lines(page)
        if line.startswith(f"{program} ")
    ]
    return [line[1:] for line in words]


def test_every_line_is_a_command_or_a_line_of_models_config():
    programs = ("wish-tf ", "docker ", "kubectl ", "curl ", "cp ")
    others = [
        line
        for page in _PAGES
        for line in code_lines(page)
        if not line.startswith(programs)
    ]
    assert len(others) == 2
    for line in others:
        text_format.Parse(line, ModelConfig())


def test_wish_tf_understands_its_commands(monkeypatch):
    calls = commands("wish-tf")
    assert len(calls) >= 6
    for arguments in calls:
        understood: list[argparse.Namespace] = []
        for command in wish_tf.cli.COMMANDS:
            monkeypatch.setattr(command, "run", understood.append)
        assert wish_tf.cli.main(arguments) == 0
        assert len(understood) == 1


def test_docker_run_has_the_image_and_the_mounts_of_compose():
    [run] = [call for call in commands("docker") if call[0] == "run"]
    compose = read_yaml("docker-compose.yml")["services"]["serving"]
    image = run.index(compose["image"])
    assert (
        read_flags(run[image + 1 :]).items() <= read_flags(compose["command"]).items()
    )
    options = run[1:image]
    assert options[::2] == ["-p", "-v", "-v"]
    port, *mounts = options[1::2]
    assert port in compose["ports"]
    expected = {
        volume["target"]: (SERVING / volume["source"]).resolve()
        for volume in compose["volumes"]
    }
    found = {
        target: ROOT / source.removeprefix("$PWD/")
        for source, target, _ in (mount.split(":") for mount in mounts)
    }
    assert found == expected


def test_docker_compose_is_given_its_file_and_a_service_that_exists():
    calls = [call[1:] for call in commands("docker") if call[0] == "compose"]
    services = read_yaml("docker-compose.yml")["services"]
    for option, file, action, *rest in calls:
        assert option == "-f" and (ROOT / file) == SERVING / "docker-compose.yml"
        assert action in ("up", "logs", "restart")
        named = rest[: rest.index("|")] if "|" in rest else rest
        assert all(word == "-d" or word in services for word in named)
    assert {call[2] for call in calls} == {"up", "logs", "restart"}


def test_kubectl_is_given_what_the_manifests_hold():
    calls = commands("kubectl")
    loader = read_yaml("kubernetes/loader.yaml")
    pod = loader["metadata"]["name"]
    mount = loader["spec"]["containers"][0]["volumeMounts"][0]["mountPath"]
    applied = []
    for verb, *rest in calls:
        if verb == "apply":
            applied.append(tuple(rest))
        elif verb == "exec":
            folder = f"{mount}/wish"
            assert rest[:2] == [pod, "--"]
            assert rest[2:] in (
                ["mkdir", "-p", folder],
                ["mv", f"{folder}/copying", f"{folder}/1"],
            )
        elif verb == "cp":
            assert re.fullmatch(r"saved_models/wish/\d+", rest[0])
            # Not a number: TF-Serving does not look at it.
            assert rest[1] == f"{pod}:{mount}/wish/copying"
        elif verb == "wait":
            assert rest == ["--for=condition=Ready", f"pod/{pod}"]
        else:
            assert (verb, *rest) == ("delete", "pod", pod)
    assert ("-k", "serving") in applied and (SERVING / "kustomization.yaml").is_file()
    files = [path for option, path in applied if option == "-f"]
    assert files and all((ROOT / path).is_file() for path in files)
    deployment = read_yaml("kubernetes/deployment.yaml")["metadata"]["name"]
    assert f"kubectl rollout restart deployment/{deployment}" in _PAGES[
        "docs/operations.md"
    ].replace("\n", " ")


@pytest.mark.parametrize("page", _PAGES)
def test_every_url_of_the_model_is_one_that_tf_serving_knows(page):
    paths = re.findall(r"/v1/models/[\w/:]+", _PAGES[page])
    assert paths
    for path in paths:
        predict = path.endswith(":predict")
        asked = parse_rest_path("POST" if predict else "GET", path)
        assert asked.model == "wish"
        assert asked.label in (None, "stable", "canary")


def test_the_canary_is_asked_by_its_label():
    [path] = [
        path
        for call in commands("curl")
        for path in re.findall(r"/v1/.*:predict", call[-1])
    ]
    expected = RestPath("predict", "wish", None, "canary")
    assert parse_rest_path("POST", path) == expected


def test_every_metric_to_watch_is_exported():
    named = set(re.findall(r"`(:tensorflow[\w:]+)`", _PAGES["docs/operations.md"]))
    assert named and named <= EXPORTED.keys()


def test_the_seconds_until_a_reload_are_those_of_the_flag():
    flags = read_flags(
        read_yaml("docker-compose.yml")["services"]["serving"]["command"]
    )
    seconds = flags["model_config_file_poll_wait_seconds"]
    assert f"every {seconds} seconds" in _PAGES["docs/operations.md"]


def test_every_file_in_the_folder_is_listed():
    listed = set(re.findall(r"`([\w./-]+)`", _PAGES["serving/README.md"]))
    there = {path.name for path in SERVING.iterdir()} - {"README.md"}
    assert there <= {name.split("/")[0] for name in listed}


@pytest.mark.parametrize("page", _PAGES)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", _PAGES[page])
    assert links
    assert all(((ROOT / page).parent / link).exists() for link in links)
