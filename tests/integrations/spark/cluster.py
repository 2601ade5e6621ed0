"""A standalone master and its workers on this machine, as Spark starts them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pyspark

# Generous, for a machine that does much else.
START_SECONDS = 300
SPARK = Path(pyspark.__file__).parent
_ENVIRONMENT = {
    "SPARK_HOME": str(SPARK),
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_NO_DAEMONIZE": "1",
    "PYSPARK_PYTHON": sys.executable,
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class Daemon:
    """A master or a worker, in a session of processes that it can be ended with.

    Args:
        role: `Master` or `Worker`.
        folder: for its log and its work.
        arguments: of its class.
    """

    def __init__(self, role: str, folder: Path, *arguments: str):
        folder.mkdir()
        self._log = folder / "log"
        name = f"org.apache.spark.deploy.{role.lower()}.{role}"
        address = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(SPARK / "bin/spark-class"), name, *address, *arguments],
                env=os.environ | _ENVIRONMENT | {"SPARK_WORKER_DIR": str(folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for(self, pattern: str) -> str:
        """Returns what the log says, once it does: the group of the pattern."""

        def said() -> str | None:
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended: {self._log.read_text()[-2000:]}")
            found = re.search(pattern, self._log.read_text())
            return found and found[1]

        return wait_until(said)

    def kill(self) -> None:
        """Ends it, its executors and their Python workers, as a power cut would.

        The latter have a process group of their own, but are of the same session.
        """
        for process in self._members():
            # The death of one may end others meanwhile.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self._members())

    def _members(self) -> list[psutil.Process]:
        members = []
        for process in psutil.process_iter():
            try:
                dead = process.status() == psutil.STATUS_ZOMBIE
                if not dead and os.getsid(process.pid) == self.process.pid:
                    members.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return members


def wait_until(condition: Callable, seconds: float = START_SECONDS):
    """Returns what a condition gives, once it is true.

    Raises:
        TimeoutError: if it does not become true in time.
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not true within {seconds:g} s")
        time.sleep(0.05)
    return value
