"""Makes the figures of all pages anew, on one machine, in one go.

    python benchmarks/all.py             # some five hours on two cores; goes on where
                                         # it was stopped
    python benchmarks/all.py --only serving graph
    python benchmarks/all.py --list      # what would run, and what has run

Needs `WISH_TF_DATA` and what the head of each script names. What has run at the commit
that is checked out is not run again, and `many_texts.py` and `search.py` keep the lines
that they have. What fails is told at the end (exit status 1), and is tried again
by the next call.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DONE = ROOT / "build" / "benchmarks.jsonl"
# The shortest first.
COMMANDS = {
    "graph": ["graph.py"],
    "training": ["training.py"],
    "serving": ["serving.py"],
    "postgres": ["postgres.py"],
    "search-endpoint": ["search_endpoint.py"],
    "dedup": ["dedup.py"],
    "search": ["search.py", "run", "--cache", "build/search"],
    "search-single": ["search.py", "single", "--cache", "build/search"],
    "search-table": ["search.py", "table"],
    "search-scale": ["search_scale.py"],
    "ranking-quality": ["ranking.py", "quality"],
    "ranking-time": ["ranking.py", "time", "--documents", "100000", "1000000"],
    "ranking-table": ["ranking.py", "table"],
    "many-texts": ["many_texts.py", "--spark"],
    "scale": ["scale.py"],
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    head = ["git", "rev-parse", "HEAD"]
    commit = subprocess.check_output(head, cwd=ROOT, text=True).strip()
    done = {line["name"] for line in lines() if line["commit"] == commit}
    failed = []
    for name in args.only:
        script, *options = COMMANDS[name]
        command = [sys.executable, str(ROOT / "benchmarks" / script), *options]
        state = "done" if name in done else "to do"
        print(f"{name}: {state}: python benchmarks/{script} {' '.join(options)}")
        if args.list or name in done:
            continue
        started = time.monotonic()
        if subprocess.run(command, cwd=ROOT).returncode:
            failed.append(name)
            continue
        DONE.parent.mkdir(exist_ok=True)
        seconds = round(time.monotonic() - started)
        line = {"name": name, "commit": commit, "seconds": seconds}
        with DONE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def lines() -> list[dict]:
    if not DONE.exists():
        return []
    return [json.loads(line) for line in DONE.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
