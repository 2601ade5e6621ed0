"""The page's files and its calls, without a browser."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.server.page.served import TOKEN, Served, page_over, serve_page
from tests.server.page.small_hashers import BITS, HOSTILE, WORDS, SmallHasher
from tests.server.page.test_page_index import write_index
from wish_tf.errors import InputError
from wish_tf.explain import explain
from wish_tf.index.document_index import DocumentIndex
from wish_tf.saved_model import SavedHasher
from wish_tf.server import Limits, ModelConfig, ServerOptions, run_server
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.page.page_handler import MOST_CHARACTERS, MOST_WORDS
from wish_tf.server.predictor import Predictor

TEXT = "Send the RED array: model, \u0130data! zebra <b>fit</b> red"


def test_the_files_refer_to_each_other_only(served: Served):
    seen, waiting = set(), {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = served.client.get(path)
        assert answer.status_code == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", answer.text)
        assert "innerHTML" not in answer.text and "style=" not in answer.text
        found = re.findall(r'(?:src|href|from) ?=? ?"([^"#]+)"', answer.text)
        names = {name.replace("./", "/page/") for name in found}
        waiting |= names - seen
    files = {f"/page/{file.name}" for file in PAGE_FILES} - {"/page/index.html"}
    assert seen == files | {"/"}


PAGE_FILES = list((Path(__file__).parents[3] / "wish_tf/server/page/files").iterdir())


def test_kinds_and_tags(served: Served):
    client = served.client
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    script = client.get("/page/page.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    known = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert "content-length" not in known.headers
    other = client.get("/", headers={"If-None-Match": script.headers["etag"]})
    assert other.status_code == 200
    assert client.head("/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("GET", "/page"),
        ("GET", "/page/"),
        ("GET", "/page/index.html"),
        ("GET", "/page/../server.py"),
        ("GET", "/page/page.py"),
        ("POST", "/page/page.js"),
        ("GET", "/favicon.ico"),
        ("GET", "/v2/models/small"),
    ],
)
def test_all_else_is_not_found(served: Served, method: str, path: str):
    answer = served.client.request(method, path)
    assert answer.status_code == 404 and "<H1>Not Found</H1>" in answer.text


def test_models(served: Served, hasher: SmallHasher):
    answer = served.client.get("/page/models")
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    small, other = answer.json()["models"]
    assert (small["name"], small["version"], small["bits"]) == ("small", "1", BITS)
    assert small["index"] == {
        "name": "small.index",
        "documents": len(hasher.texts),
        "left_out": 0,
    }
    assert small["health"]["findings"] and small["why_no_index"] is None
    assert (other["name"], other["index"]) == ("other/<b>", None)
    assert "No index" in other["why_no_index"] and "version 1" in other["why_no_index"]
    assert other["health"]["verdict"] == "unknown"


def test_what_is_near_a_text(served: Served, hasher: SmallHasher):
    body = {"signature_name": "hash", "instances": [hasher.texts[20]]}
    hashed = served.client.post("/v1/models/small:predict", json=body).json()
    code = "".join(map(str, hashed["predictions"][0]["bits"]))
    body = {"model": "small", "code": code}
    found = served.client.post("/page/neighbours", json=body).json()
    assert found["groups"][0]["distance"] == 0
    bucket = served.client.post("/page/bucket", json=body).json()
    assert bucket["documents"] == found["spectrum"][0]
    assert bucket["documents"] == found["groups"][0]["documents"]
    buckets = served.client.post("/page/buckets", json={"model": "small"}).json()
    sizes = {entry["code"]: entry["documents"] for entry in buckets["buckets"]}
    assert sizes.get(code, bucket["documents"]) == bucket["documents"]


def test_what_words_and_code_find(served: Served, hasher: SmallHasher):
    documents = DocumentIndex.load(hasher.index)
    code = [0] * BITS
    for text, given in (("nul", code), ("nul", None), ("red nothing", code)):
        body = {"model": "small", "text": text}
        body["code"] = None if given is None else "".join(map(str, given))
        found = served.client.post("/page/search", json=body).json()["hits"]
        ranking = documents.search(text, given)
        assert [hit["id"] for hit in found] == [
            documents.names[place] for place in ranking.places
        ]
        assert [hit["distance"] for hit in found] == ranking.distances.tolist()
        assert [hit["score"] for hit in found] == ranking.scores.tolist()
    # The one document with this word, which the model does not know.
    assert documents.texts[documents.search("nul", None).places[0]] == HOSTILE[4]


def test_hostile_documents_come_as_they_are(served: Served, hasher: SmallHasher):
    shown = {}
    for entry in served.client.post("/page/buckets", json={"model": "small"}).json()[
        "buckets"
    ]:
        body = {"model": "small", "code": entry["code"]}
        for start in range(0, entry["documents"], 10):
            answer = served.client.post("/page/bucket", json={**body, "start": start})
            assert answer.headers["content-type"] == "application/json"
            assert answer.content.isascii()
            shown |= {hit["id"]: hit["text"] for hit in answer.json()["hits"]}
    for name, text in zip(hasher.names, HOSTILE, strict=False):
        assert shown[name] == text[:400]


def test_explanations_are_those_of_the_package(served: Served, hasher: SmallHasher):
    body = {"model": "small", "text": TEXT}
    found = served.client.post("/page/explain", json=body).json()
    expected = explain(SavedHasher(hasher.path).hash, TEXT)
    assert found["words"] == expected.words and found["unknown"] == expected.unknown
    np.testing.assert_allclose(found["effects"], expected.effects, atol=1e-4)
    np.testing.assert_allclose(
        found["probabilities"], expected.probabilities, atol=1e-6
    )
    assert found["decisive"] == expected.decisive.tolist()


def test_the_parts_of_an_explained_text_are_the_text(served: Served):
    body = {"model": "small", "text": TEXT}
    found = served.client.post("/page/explain", json=body).json()
    assert "".join(part for part, _ in found["parts"]) == TEXT
    marked = [
        (part, found["words"][place])
        for part, place in found["parts"]
        if place is not None
    ]
    assert ("RED", "red") in marked and ("red", "red") in marked
    assert {word for _, word in marked} <= set(found["words"])
    assert all(part.lower() == word for part, word in marked)


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("neighbours", "", 400, "JSON Parse error"),
        ("neighbours", "[]", 400, "Expecting a JSON object as the body"),
        ("neighbours", "{}", 400, "Expecting a string as 'model'"),
        ("buckets", '{"model": "no"}', 404, "Servable not found for request"),
        ("buckets", '{"model": ""}', 400, "expected a model name"),
        ("buckets", '{"model": "other/<b>"}', 400, "No index that the server was"),
        ("buckets", '{"model": "small", "start": -1}', 400, "Expecting a 'start' from"),
        ("buckets", '{"model": "small", "start": true}', 400, "a whole number"),
        ("buckets", '{"model": "small", "start": 1e9}', 400, "a whole number"),
        ("buckets", '{"model": "small", "start": 1' + "0" * 40 + "}", 400, "Expecting"),
        ("bucket", '{"model": "small", "code": "01"}', 400, "Expecting 6 characters"),
        ("neighbours", '{"model": "small", "code": 5}', 400, "a string as 'code'"),
        (
            "neighbours",
            '{"model": "small", "code": "0\u0661\u0661010"}',
            400,
            "Expecting 6 characters 0 or 1 as 'code'",
        ),
        ("search", '{"model": "small", "text": 5}', 400, "a string as 'text'"),
        ("search", '{"model": "small", "text": "a", "code": "0"}', 400, "Expecting 6"),
        ("explain", '{"model": "small", "text": "zebra"}', 400, "expected a text with"),
        ("explain", '{"model": "no", "text": "red"}', 404, "Servable not found"),
        (
            "explain",
            '{"model": "small", "text": "' + "aa " * (MOST_WORDS + 1) + '"}',
            400,
            f"at most {MOST_WORDS} words",
        ),
        (
            "explain",
            '{"model": "small", "text": "' + "-" * (MOST_CHARACTERS + 1) + '"}',
            400,
            f"at most {MOST_CHARACTERS} characters",
        ),
    ],
)
def test_faults(served: Served, path: str, body: str, status: int, message: str):
    answer = served.client.post(f"/page/{path}", content=body.encode())
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"} and message in answer.json()["error"]


def test_a_word_that_is_half_typed_finds_nothing(served: Served):
    body = {"model": "small", "text": "zebra"}
    answer = served.client.post("/page/search", json=body).json()
    assert answer["hits"] == [] and "expected a query with a word" in answer["why"]


def test_other_methods_are_malformed(served: Served):
    answer = served.client.get("/page/explain")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Malformed request: GET /page/explain"}


def test_calls_run_in_threads_of_their_own(served: Served, monkeypatch):
    threads = []

    def handle(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        threads.append(threading.current_thread().name)
        return 200, b"{}"

    monkeypatch.setattr(served.page.handler, "handle", handle)
    for path in served.page.handler.paths:
        assert served.client.post(path).status_code == 200
    assert all(name.startswith("page") for name in threads)


def test_only_explanations_are_counted_as_requests(served: Served, hasher: SmallHasher):
    server = page_over(served.manager, [hasher.index])
    before = server.metrics.text()
    server.client.get("/page/models")
    server.client.post("/page/buckets", json={"model": "small"})
    assert server.metrics.text() == before
    server.client.post("/page/explain", json={"model": "small", "text": "red"})
    text = server.metrics.text()
    assert 'request_count{model_name="small",status="OK"} 1' in text
    assert 'API="Explain",entrypoint="REST"' in text


def test_small_limits_hold_and_an_explanation_keeps_to_them(served: Served):
    limits = Limits(max_batch_size=2)
    server = page_over(served.manager, predictor=Predictor(limits, ServerMetrics()))
    body = {"model": "small", "text": " ".join(WORDS)}
    answer = server.client.post("/page/explain", json=body)
    assert answer.status_code == 200 and len(answer.json()["words"]) == 10


@pytest.mark.parametrize("path", ["/", "/page/models", "/page/page.js"])
def test_another_sites_name_for_this_server_is_refused(served: Served, path: str):
    def status(client, host: str) -> int:
        return client.get(path, headers={"Host": host}).status_code

    for host in ("localhost:8501", "127.0.0.1", "[::1]:8501", "192.168.0.3:1", "WISH"):
        assert status(served.client, host) == 200, host
    for host in ("evil.example", "localhost.evil.example:80", "a@localhost", "1.2.3"):
        answer = served.client.get(path, headers={"Host": host})
        assert answer.status_code == 404 and "--allowed-hosts" in answer.text, host
    # The API is for other machines, by whatever name they know this one.
    models = {"Host": "evil.example"}
    assert served.client.get("/v1/models/small", headers=models).status_code == 200
    # A token does not come from another site.
    client = page_over(served.manager, token=True).client
    assert status(client, "evil.example") in (200, 401)


def test_with_a_token_only_the_files_are_open(served: Served):
    client = page_over(served.manager, token=True).client
    assert client.get("/").status_code == 200
    assert client.get("/page/settings.json").json() == {"needs_token": True}
    calls = [("GET", "models"), ("POST", "buckets"), ("POST", "explain")]
    for method, call in calls:
        answer = client.request(method, f"/page/{call}")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    [model, _] = client.get("/page/models", headers=headers).json()["models"]
    assert "--index NAME.index" in model["why_no_index"]


def test_a_new_version_needs_a_new_index(
    hasher: SmallHasher, other_model: Path, tmp_path: Path
):
    shutil.copytree(hasher.path / "1", tmp_path / "model" / "1")
    with serve_page({"m": tmp_path / "model"}, [hasher.index]) as server:
        [model] = server.client.get("/page/models").json()["models"]
        assert model["index"]["name"] == "small.index"
        for version, source in (("2", other_model / "1"), ("3", hasher.path / "1")):
            shutil.copytree(source, tmp_path / version)
            (tmp_path / version).rename(tmp_path / "model" / version)
            server.manager.refresh()
            [model] = server.client.get("/page/models").json()["models"]
            assert model["version"] == version
            assert (model["index"] is None) == (version == "2")
            body = {"model": "m", "code": "0" * BITS}
            answer = server.client.post("/page/neighbours", json=body)
            assert answer.status_code == (400 if version == "2" else 200)


def test_an_index_of_other_weights_is_refused(hasher: SmallHasher, other_model: Path):
    options = ServerOptions(
        ModelConfig("m", other_model), port=0, rest_api_port=0, indexes=(hasher.index,)
    )
    with pytest.raises(InputError) as caught:
        run_server(options)
    assert str(caught.value) == (
        "expected an index made by wish-tf index with the model m (6 bits); got "
        "small.index with codes that the model does not give"
    )


def test_two_indexes_of_one_model_are_refused(
    served: Served, hasher: SmallHasher, tmp_path: Path
):
    shutil.copy(hasher.index, tmp_path / "same.index")
    with pytest.raises(InputError, match=r"one index for each model; got same.index"):
        page_over(served.manager, [hasher.index, tmp_path / "same.index"])


def test_an_index_of_other_bits_is_refused(served: Served, tmp_path: Path):
    write_index(tmp_path / "five.index", np.eye(5, dtype=np.uint8))
    expected = (
        r"small \(6 bits\) or other/<b> \(6 bits\); got five.index with .* 5 bits"
    )
    with pytest.raises(InputError, match=expected):
        page_over(served.manager, [tmp_path / "five.index"])


def test_a_model_that_is_no_hasher(base_path: Path, hasher: SmallHasher):
    with serve_page({"half": base_path}) as server:
        [model] = server.client.get("/page/models").json()["models"]
        assert (model["bits"], model["index"]) == (None, None)
        answer = server.client.post(
            "/page/explain", json={"model": "half", "text": "red"}
        )
        assert answer.json() == {"error": "Expecting a hasher but got the model: half"}
        with pytest.raises(InputError, match=r"half \(no hasher\); got small.index"):
            page_over(server.manager, [hasher.index])


def test_without_the_page_there_is_none(base_path: Path, make_client):
    client = make_client(ModelConfig("half", base_path))
    for path in ("/", "/page/models", "/page/page.js"):
        assert client.get(path).status_code == 404
