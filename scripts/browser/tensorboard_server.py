from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tensorboard_server(log_dir: Path) -> Iterator[str]:
    """Runs TensorBoard on a free port of 127.0.0.1, and yields its address.

    Args:
        log_dir: the folder that it shows.

    Raises:
        RuntimeError: when it does not start.
    """
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", log_dir.name]
    # Read whole before it answers: nothing is being written.
    command += ["--host", "127.0.0.1", "--port", "0", "--load_fast", "false"]
    server = subprocess.Popen(
        command,
        cwd=log_dir.resolve().parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    try:
        for line in server.stderr:
            said.append(line)
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            if address:
                break
        else:
            raise RuntimeError("TensorBoard has not started: " + "".join(said))
        yield address.group()
    finally:
        server.terminate()
        # What it says until it ends must not fill the pipe.
        server.communicate()
