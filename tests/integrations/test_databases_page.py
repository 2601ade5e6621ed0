"""The examples of docs/databases.md run as they stand there."""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from tests.integrations.test_parquet_codes import hashed_texts
from wish_tf.codes import code_strings, neighbour_codes, pack_bits
from wish_tf.hashed_texts import HashedTexts

PAGE = (Path(__file__).parents[2] / "docs" / "databases.md").read_text("utf-8")
SECTIONS = {
    part.split("\n", 1)[0]: part for part in re.split(r"^##+ ", PAGE, flags=re.M)[1:]
}


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


def run(code: str, **names) -> dict:
    exec(compile(code, "databases.md", "exec"), names)
    return names


def skewed_codes(documents: int, bits: int) -> np.ndarray:
    """Codes of which some are frequent, as those of texts."""
    rng = np.random.default_rng(bits)
    return (rng.random((documents, bits)) < rng.random(bits)).astype(np.uint8)


def distances_between(queries: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return (queries[:, None] != codes[None]).sum(axis=2)


def nearest(query: np.ndarray, codes: np.ndarray, k: int) -> list[tuple[int, int]]:
    """Pairs of position and distance, by distance and then position."""
    [distances] = distances_between(query[None], codes)
    order = np.argsort(distances, kind="stable")[:k]
    return list(zip(order.tolist(), distances[order].tolist(), strict=True))


@pytest.fixture
def stored(tmp_path, monkeypatch) -> HashedTexts:
    """Codes of 16 bits in codes.parquet of the working folder; some have none."""
    pytest.importorskip("pyarrow", reason="Parquet files are written by pyarrow")
    from wish_tf.integrations import ParquetCodesWriter

    monkeypatch.chdir(tmp_path)
    hashed = hashed_texts(400, 16)
    with ParquetCodesWriter("codes.parquet", 16) as writer:
        writer.write(np.arange(400), hashed)
    return hashed


def test_table_of_neighbours():
    rows = re.findall(r"^\| (\d+) \| (.*?) \|$", PAGE.split("\n## ")[0], re.M)
    assert len(rows) == 3
    for bits, counts in rows:
        for radius, count in enumerate(counts.replace(",", "").split(" | "), start=1):
            assert len(neighbour_codes(np.zeros(int(bits)), radius)) == int(count)


def test_parquet(stored):
    [code] = blocks("Parquet", "python")
    index = run(code)["index"]
    assert len(index) == (~stored.out_of_vocabulary).sum()
    found = index.search(stored.bits[:1], k=1)
    assert found.ids[0, 0] == 0 and found.distances[0, 0] == 0


def test_postgres_from_python(stored, postgres_server):
    [code] = blocks("PostgreSQL", "python")
    query = stored.bits[3]
    try:
        names = run(code, CONNECTION=postgres_server.address, query=query)
    finally:
        with postgres_server.connect() as connection:
            connection.execute("DROP TABLE IF EXISTS documents")
    known = np.flatnonzero(~stored.out_of_vocabulary)
    expected = [
        (int(known[at]), distance)
        for at, distance in nearest(query, stored.bits[known], 400)
    ]
    assert names["nearest"] == expected[:10]
    assert names["near"] == [pair for pair in expected if pair[1] <= 1]


def filled_articles(connection) -> np.ndarray:
    """A table of 800 articles of which the last has no code."""
    add_column, *_ = blocks("PostgreSQL", "sql")
    codes = skewed_codes(799, 16)
    connection.execute("CREATE TABLE articles (id bigint PRIMARY KEY, title text)")
    connection.execute("INSERT INTO articles SELECT generate_series(0, 799)")
    connection.execute(add_column)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE articles SET code = %s::bit(16) WHERE id = %s",
            list(zip(code_strings(codes), range(799), strict=True)),
        )
    return codes


def test_postgres_by_sql(postgres):
    codes = filled_articles(postgres)
    _, within, few, scan, pairs = blocks("PostgreSQL", "sql")
    for query in (codes[5], 1 - codes[5]):
        around = code_strings(neighbour_codes(query, 3))
        values = {"code": around[0], "codes": around, "k": 10}
        expected = nearest(query, codes, 799)
        inside = [pair for pair in expected if pair[1] <= 3]
        assert postgres.execute(within, values).fetchall() == inside
        assert postgres.execute(few, values).fetchall() == inside[:10]
        assert postgres.execute(scan, values).fetchall() == expected[:10]
    masks = code_strings(neighbour_codes(np.zeros(16), 1))
    distances = distances_between(codes, codes)
    expected = np.argwhere(np.triu(distances <= 1, k=1)).tolist()
    found = postgres.execute(pairs, {"masks": masks}).fetchall()
    assert [list(pair) for pair in found] == expected


def test_postgres_ranks_by_words_and_the_code(postgres):
    codes = filled_articles(postgres)
    add_words, ranked = blocks("Words and the code, in PostgreSQL", "sql")
    words = ("oil", "wheat", "bank")
    for id in range(0, 800, 40):
        text = " ".join(words[: 1 + id % 3]) + " price" * (id // 40)
        postgres.execute("UPDATE articles SET title = %s WHERE id = %s", (text, id))
    postgres.execute("ALTER TABLE articles RENAME title TO text")
    postgres.execute(add_words)
    query, asked = codes[5], "the oil and the price of wheat"
    around = code_strings(neighbour_codes(query, 3))
    values = {"code": around[0], "codes": around, "query": asked, "k": 1000}
    found = postgres.execute(ranked, values | {"bit_weight": 0.05}).fetchall()
    rank = "ts_rank_cd(words, 'oil | price | wheat', 1)"
    ranks = dict(postgres.execute(f"SELECT id, coalesce({rank}, 0) FROM articles"))
    distances = np.append((codes != query).sum(axis=1), 8)
    best = max(ranks.values())
    candidates = [i for i in range(800) if ranks[i] > 0 or distances[i] <= 3]
    expected = {i: ranks[i] / best - 0.05 * int(distances[i]) for i in candidates}
    assert dict(found) == pytest.approx(expected)
    assert [id for id, _ in found] == sorted(
        expected, key=lambda i: (-dict(found)[i], i)
    )


def test_pgvector(pgvector):
    codes = filled_articles(pgvector)
    [ranked] = blocks("pgvector", "sql")
    values = {"code": code_strings(codes[5:6])[0], "k": 10}
    found = pgvector.execute(ranked, values).fetchall()
    assert found == nearest(codes[5], codes, 10)


def test_tantivy():
    pytest.importorskip("tantivy", reason="the example is of tantivy")
    example = {}
    [code] = blocks("tantivy", "python")
    exec(code, example)
    texts = ["oil and wheat", "the oil price", "a ship of oil", "no such word"]
    codes = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]], np.uint8)
    index = example["indexed"](texts, codes)
    found = example["ranked"](index, "oil", codes[0], bit_weight=0.2)
    # Each of three has the word once; the last is there for its code alone.
    places = [place for _, place in found]
    assert places[0] == 0 and set(places) == {0, 1, 2, 3}
    by_words = {
        place: score for score, place in example["ranked"](index, "oil", codes[0], 0)
    }
    expected = {
        place: by_words[place] - 0.2 * int(codes[place].sum()) for place in range(4)
    }
    assert {place: score for score, place in found} == pytest.approx(expected)
    assert by_words[3] == 0 and max(by_words.values()) == 1


@pytest.mark.parametrize("bits", [4, 12, 16, 32])
def test_faiss(bits):
    pytest.importorskip("faiss", reason="the example is of faiss")
    codes = skewed_codes(2000, bits)
    queries = np.concatenate([codes[:5], 1 - codes[:5]])
    scan, look_up = blocks("faiss", "python")
    expected = distances_between(queries, codes)
    names = run(scan, codes=codes, queries=queries)
    rows = np.arange(10)[:, None]
    np.testing.assert_array_equal(names["distances"], np.sort(expected)[:, :10])
    np.testing.assert_array_equal(names["distances"], expected[rows, names["ids"]])
    names = run(look_up, codes=codes, queries=queries, radius=2)
    for i in range(10):
        found = names["ids"][names["limits"][i] : names["limits"][i + 1]]
        assert sorted(found.tolist()) == np.flatnonzero(expected[i] <= 2).tolist()
    # What the page says of the order of bits: every code has a bucket.
    assert names["hashed"].hashtable_size() == len(np.unique(codes, axis=0))


def test_faiss_makes_buckets_of_the_padding_if_packed_as_we_do():
    faiss = pytest.importorskip("faiss", reason="the statement is about faiss")
    index = faiss.IndexBinaryHash(8, 4)
    index.add(pack_bits(skewed_codes(2000, 4)))
    assert index.hashtable_size() == 1


@pytest.mark.parametrize("bits", [4, 12, 16, 32])
def test_usearch(bits):
    pytest.importorskip("usearch", reason="the example is of usearch")
    codes = skewed_codes(2000, bits)
    queries = np.concatenate([codes[:5], 1 - codes[:5]])
    [code] = blocks("usearch", "python")
    matches = run(code, codes=codes, queries=queries)["matches"]
    expected = distances_between(queries, codes)
    keys = matches.keys.astype(np.int64)
    np.testing.assert_array_equal(matches.distances, np.sort(expected)[:, :10])
    np.testing.assert_array_equal(
        matches.distances, expected[np.arange(10)[:, None], keys]
    )


@pytest.fixture
def milvus(monkeypatch):
    """Milvus' own engine in a file, which only version 2 of Milvus Lite has."""
    pytest.importorskip("pymilvus", reason="the example is of Milvus")
    try:
        found = version("milvus-lite")
    except PackageNotFoundError:
        pytest.skip("needs Milvus without a server: pip install 'milvus-lite<3'")
    if not found.startswith("2."):
        pytest.skip(f"needs milvus-lite 2, as {found} has no binary vectors")
    if find_spec("pkg_resources") is None:
        # It only asks for its own version there; setuptools has it no longer.
        old = ModuleType("pkg_resources")
        old.DistributionNotFound = PackageNotFoundError
        old.get_distribution = lambda name: SimpleNamespace(version=version(name))
        monkeypatch.setitem(sys.modules, "pkg_resources", old)


@pytest.mark.parametrize("bits", [4, 12, 16])
def test_milvus(bits, tmp_path, milvus):
    codes = skewed_codes(500, bits)
    queries = np.concatenate([codes[:3], 1 - codes[:3]])
    [code] = blocks("Milvus", "python")
    names = run(code, codes=codes, queries=queries, URI=str(tmp_path / "milvus.db"))
    expected = distances_between(queries, codes)
    for i, found in enumerate(names["found"]):
        distances = [hit["distance"] for hit in found]
        assert distances == np.sort(expected[i])[:10].tolist()
        assert distances == [expected[i, hit["id"]] for hit in found]
    names["client"].close()


def read_query(query: dict, code: str) -> float | None:
    """The score of a document by the forms of query that the page uses."""
    [(kind, body)] = query.items()
    if kind == "terms":
        [(field, values)] = body.items()
        assert field == "code" and 0 < len(values) <= 65_536
        return 1.0 if code in set(values) else None
    if kind == "constant_score":
        assert body.keys() == {"filter", "boost"} and body["boost"] > 0
        return None if read_query(body["filter"], code) is None else body["boost"]
    assert kind == "bool" and body.keys() == {"should"}
    scores = [read_query(part, code) for part in body["should"]]
    given = [score for score in scores if score is not None]
    return sum(given) if given else None


@pytest.mark.parametrize("bits", [4, 16])
def test_elasticsearch_terms(bits):
    codes = skewed_codes(300, bits)
    _, near = blocks("Elasticsearch", "python")
    request = run(near)["near"](codes[0], 2)
    assert json.loads(json.dumps(request)) == request and request.keys() == {"query"}
    distances = (codes != codes[0]).sum(axis=1)
    for string, distance in zip(code_strings(codes), distances, strict=True):
        score = read_query(request["query"], string)
        assert score == (3 - distance if distance <= 2 else None)


def test_elasticsearch_form():
    mapping, knn = map(json.loads, blocks("Elasticsearch", "json"))
    fields = mapping["mappings"]["properties"]
    vector = fields["code_bits"]
    assert fields["code"] == {"type": "keyword"}
    assert (vector["type"], vector["element_type"]) == ("dense_vector", "bit")
    assert vector["dims"] % 8 == 0 and vector["index_options"] == {"type": "flat"}
    query = knn["knn"]
    assert query["field"] in fields and query["num_candidates"] >= query["k"]
    assert len(bytes.fromhex(query["query_vector"])) == vector["dims"] / 8
    bulk, _ = blocks("Elasticsearch", "python")
    codes = skewed_codes(5, vector["dims"])
    lines = list(run(bulk)["bulk_lines"](range(5), codes))
    for i in range(5):
        assert json.loads(lines[2 * i]) == {"index": {"_id": str(i)}}
        document = json.loads(lines[2 * i + 1])
        assert document.keys() == fields.keys()
        assert document["code"] == code_strings(codes)[i]
        assert bytes.fromhex(document["code_bits"]) == pack_bits(codes)[i].tobytes()


def test_elasticsearch_script_form():
    [body] = map(json.loads, blocks("Words and the code, in Elasticsearch", "json"))
    script = body["query"]["script_score"]["script"]
    for name in re.findall(r"params\.(\w+)", script["source"]):
        assert name in script["params"]
    assert script["params"]["code"] == int("0110100111000101", 2)


def test_opensearch_form():
    mapping, scan = map(json.loads, blocks("OpenSearch", "json"))
    fields = mapping["mappings"]["properties"]
    vector = fields["code_bits"]
    assert (vector["type"], vector["data_type"]) == ("knn_vector", "binary")
    assert vector["dimension"] % 8 == 0
    assert vector["method"] == {"name": "hnsw", "engine": "faiss"}
    script = scan["query"]["script_score"]["script"]
    assert (script["lang"], script["source"]) == ("knn", "knn_score")
    assert script["params"]["field"] in fields
    assert script["params"]["space_type"] == vector["space_type"] == "hamming"
    value = script["params"]["query_value"]
    assert len(value) == vector["dimension"] / 8
    assert all(-128 <= byte <= 127 for byte in value)
    # The same code as in the example of Elasticsearch, 69c5.
    assert np.array(value, np.int8).tobytes().hex() == "69c5"
    [code] = blocks("OpenSearch", "python")
    codes = skewed_codes(5, 12)
    vectors = run(code, codes=codes)["vectors"]
    assert np.array(vectors, np.int8).tobytes() == pack_bits(codes).tobytes()
