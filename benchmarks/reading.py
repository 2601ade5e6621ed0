"""How much memory hash, index and dedup take for a file, by its size.

    python benchmarks/reading.py MODEL --megabytes 100 400
    python benchmarks/reading.py --commands dedup --megabytes 10 40 --words 10
    python benchmarks/reading.py --commands dedup --megabytes 50 200 --words 1000

Makes JSON-lines files of random words with ids and runs the commands on them. Prints
the greatest anonymous memory of each process (what it holds; mapped files, which the
system can drop, are not in it) and its seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

VOCABULARY = 20_000


def make_file(path: Path, megabytes: int, length: int) -> int:
    """Writes a file of documents of so many words; returns how many there are."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(VOCABULARY)])
    count = 0
    with path.open("w") as file:
        while file.tell() < megabytes << 20:
            for row in words[rng.zipf(1.2, (100, length)) % VOCABULARY]:
                file.write(json.dumps({"id": count, "text": " ".join(row)}) + "\n")
                count += 1
    return count


def measure(command: list[str]) -> tuple[float, float]:
    """Runs a command; returns its greatest anonymous memory in MB and its seconds."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "wish_tf", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            break
        found = [line for line in status.splitlines() if line.startswith("RssAnon")]
        if found:
            most = max(most, int(found[0].split()[1]))
        time.sleep(0.05)
    if process.wait():
        raise SystemExit(f"{command} failed")
    return most / 1024, time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="dedup takes none")
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100, 400])
    parser.add_argument("--words", type=int, default=100, help="of a document")
    parser.add_argument(
        "--commands", nargs="+", default=["hash", "hash-out", "index", "dedup"]
    )
    args = parser.parse_args()
    print("| command | file, MB | documents | memory, MB | seconds |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for megabytes in args.megabytes:
            path = folder / f"{megabytes}.jsonl"
            documents = make_file(path, megabytes, args.words)
            commands = {
                "hash": ["hash", args.model, str(path)],
                "hash-out": ["hash", args.model, str(path), "--out", f"{folder}/o"],
                "index": ["index", args.model, str(path), "--out", f"{folder}/i"],
                "dedup": ["dedup", str(path), "--out", f"{folder}/g"],
            }
            for command in args.commands:
                memory, seconds = measure(commands[command])
                print(
                    f"| {command} | {megabytes} | {documents:,} | {memory:,.0f} | "
                    f"{seconds:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
