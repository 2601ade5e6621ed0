"""Runs the tutorial and puts what it prints into docs/tutorial.ipynb.

    python scripts/tutorial.py

Needs `pip install '.[docs]'`.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

from wish_tf.files import replacing

NOTEBOOK = Path(__file__).parents[1] / "docs" / "tutorial.ipynb"
SECONDS = 600


def executed(path: Path = NOTEBOOK) -> nbformat.NotebookNode:
    """Returns the notebook with what its cells print now.

    What goes to standard error is TensorFlow's talk about the machine, and left out.

    Raises:
        nbclient.exceptions.CellExecutionError: when a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    # Before the kernel starts: it has the environment of this process.
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            # By sockets in the file system; the default would open ports. The kernel
            # leaves them behind.
            km=AsyncKernelManager(transport="ipc", ip=f"{sockets}/kernel"),
            timeout=SECONDS,
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    return notebook


def main() -> None:
    started = time.monotonic()
    notebook = executed()
    with replacing(NOTEBOOK) as temporary:
        nbformat.write(notebook, temporary)
    print(f"{NOTEBOOK}: {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
