"""`wish-tf serve` in a process of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

START_SECONDS = 120
_READY = re.compile(r"^Serving (http://\S+)$", re.MULTILINE)


class ServerProcess:
    """A context manager; reads what the system says of the process from /proc.

    Attributes:
        rest: URL of the (first) model by REST.
        grpc: The same by gRPC.
    """

    def __init__(self, log: Path, *arguments: str) -> None:
        """Starts the server and waits until it is ready.

        Args:
            log: File for what the server logs.
            arguments: Of `wish-tf serve`.
        """
        if not Path("/proc/self/status").exists():
            raise SystemExit("expected Linux: memory is read from /proc")
        port = _free_port()
        self._log = log
        command = [sys.executable, "-m", "wish_tf", "serve", *arguments]
        with log.open("w") as file:
            self._process = subprocess.Popen(
                [*command, "--rest_api_port=0", f"--port={port}"],
                stderr=file,
                cwd=Path(__file__).parents[2],
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )
        self.rest = self._wait()
        self.grpc = f"grpc://127.0.0.1:{port}/{self.rest.rpartition('/')[2]}"

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def status(self) -> int | None:
        """Exit status; None while it runs."""
        return self._process.poll()

    @property
    def log(self) -> str:
        """What the server has logged."""
        return self._log.read_text(errors="replace")

    @property
    def memory(self) -> float:
        """Resident memory, MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    @property
    def processor_seconds(self) -> float:
        """Processor time so far, of all threads."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _wait(self) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            if found := _READY.search(self.log):
                return found[1]
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"the server did not start:\n{self.log[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
