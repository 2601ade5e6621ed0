import re
from types import SimpleNamespace

import numpy as np
import pytest

from wish_tf.codes import code_strings, neighbour_codes
from wish_tf.errors import InputError
from wish_tf.index import HammingIndex

pytest.importorskip("psycopg", reason="needs a client for PostgreSQL")

from wish_tf.integrations import PostgresCodes
from wish_tf.integrations.postgres_codes import LOOK_UP, SCAN, WITHIN


def skewed_codes(documents: int, bits: int) -> np.ndarray:
    """Codes of which some are frequent and many not used, as those of texts."""
    rng = np.random.default_rng(bits)
    return (rng.random((documents, bits)) < rng.random(bits)).astype(np.uint8)


def filled(connection, codes: np.ndarray, **options) -> PostgresCodes:
    table = PostgresCodes(connection, codes.shape[1], **options)
    table.create_table()
    table.copy(np.arange(len(codes)), codes)
    table.create_index()
    connection.execute("ANALYZE")
    return table


@pytest.mark.parametrize("bits", [1, 4, 9, 16])
def test_results_are_those_of_the_index(bits, postgres):
    codes = skewed_codes(3000, bits)
    table = filled(postgres, codes)
    index = HammingIndex(bits)
    index.add(codes)
    queries = np.concatenate([codes[:3], 1 - codes[:3]])
    for radius in range(min(bits, 3) + 1):
        expected = index.search_radius(queries, radius)
        for query, result in zip(queries, expected, strict=True):
            found = table.within(query, radius)
            assert found == list(
                zip(result.ids.tolist(), result.distances.tolist(), strict=True)
            )
    for k in (1, 10, 700):
        expected = index.search(queries, k)
        for i, query in enumerate(queries):
            assert table.nearest(query, k) == list(
                zip(
                    expected.ids[i].tolist(),
                    expected.distances[i].tolist(),
                    strict=True,
                )
            )


def test_codes_too_long_for_an_integer(postgres):
    codes = skewed_codes(500, 70)
    table = filled(postgres, codes)
    distances = (codes != codes[7]).sum(axis=1)
    order = np.lexsort((np.arange(500), distances))[:5]
    expected = list(zip(order.tolist(), distances[order].tolist(), strict=True))
    assert table.nearest(codes[7], 5) == expected
    assert table.within(codes[7], 0) == [pair for pair in expected if pair[1] == 0]


def test_fewer_documents_than_wanted(postgres):
    table = filled(postgres, np.array([[0, 0, 0], [1, 1, 1]]))
    assert table.nearest([1, 0, 0], 5) == [(0, 1), (1, 2)]


def nodes_of_plan(connection, statement, values) -> list[dict]:
    row = connection.execute("EXPLAIN (FORMAT JSON) " + statement, values).fetchone()

    def walk(node):
        yield node
        for child in node.get("Plans", []):
            yield from walk(child)

    return list(walk(row[0][0]["Plan"]))


def test_a_look_up_uses_the_index_and_a_ranking_cannot(postgres):
    codes = np.random.default_rng(0).integers(0, 2, (50_000, 16), np.uint8)
    filled(postgres, codes)
    names = {"table": "documents", "bits": 16}
    values = {
        "code": code_strings(codes[:1])[0],
        "codes": code_strings(neighbour_codes(codes[0], 1)),
        "k": 10,
    }
    for statement in (WITHIN, LOOK_UP):
        nodes = nodes_of_plan(postgres, statement.format(**names), values)
        types = {node["Node Type"] for node in nodes}
        assert types & {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
        assert "Seq Scan" not in types
        [index] = {node["Index Name"] for node in nodes if "Index Name" in node}
        assert index == "documents_code_id_idx"
    nodes = nodes_of_plan(postgres, SCAN.format(**names), values)
    assert "Seq Scan" in {node["Node Type"] for node in nodes}


def test_ids_of_text_in_a_schema(postgres):
    postgres.execute('CREATE SCHEMA "a b"')
    table = PostgresCodes(postgres, 2, table="a b.codes", id_type="text")
    table.create_table()
    table.copy(["tab\there", "é\\n"], [[0, 1], [1, 1]])
    table.create_index()
    assert table.nearest([1, 1], 2) == [("é\\n", 0), ("tab\there", 1)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda t: t.copy([1], [[0, 1]]),
            "expected codes of 3 bits, as in the table; ",
        ),
        (
            lambda t: t.copy([1, 2], [[0, 1, 1]]),
            "expected an id for each of 1 codes; got 2",
        ),
        (lambda t: t.within([0, 1], 1), "expected codes of 3 bits, as in the table; "),
        (
            lambda t: t.within([0, 1, 1], -1),
            "expected radius to be a whole number from 0; got -1",
        ),
        (
            lambda t: t.nearest([0, 1, 1], 0),
            "expected k to be a whole number from 1; got 0",
        ),
        (
            lambda t: t.nearest([0, 1, 1], 0.5),
            "expected k to be a whole number from 1; got 0.5",
        ),
        (lambda t: t.nearest([0, 2, 1], 1), "expected codes of 0 and 1 only; "),
    ],
)
def test_what_does_not_fit_is_refused(call, message, postgres):
    table = filled(postgres, np.array([[0, 0, 0]]))
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        call(table)


def test_other_types_of_ids_are_refused(postgres):
    with pytest.raises(InputError, match="id_type bigint or text; got 'uuid'"):
        PostgresCodes(postgres, 8, id_type="uuid")


def test_old_servers_are_refused():
    old = SimpleNamespace(info=SimpleNamespace(server_version=130022))
    with pytest.raises(InputError, match=r"of PostgreSQL 14 .*; got 13$"):
        PostgresCodes(old, 8)
