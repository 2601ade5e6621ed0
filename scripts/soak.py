"""Keeps the embedded server at full load while its versions change.

    python scripts/soak.py                              # 10 minutes
    python scripts/soak.py --seconds 10 --swap-seconds 1
    python scripts/soak.py --docs                       # and puts what came of it there

Starts `wish-tf serve` in a process of its own and asks it by REST and gRPC for codes
of 1, 16 and 256 texts, each connection its next request as soon as the last is
answered. Every few seconds a new version takes over and the oldest is removed; the
versions are copies of two hashers in turn, and each answer has to be that of a
version that was alive while it was asked. Exits with 1 if a request failed, an answer
was wrong, the server logged a fault, or memory grew by more than the bound.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from marks import write_between_marks
from soaking.hashers import Hashers
from soaking.load import Load
from soaking.memory_log import MemoryLog
from soaking.server_process import ServerProcess
from soaking.swaps import Swaps
from wish_tf.client import Client

PAGE = Path(__file__).parents[1] / "docs" / "serving.md"
CONNECTIONS = 8
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
WARM = 0.25  # share of the time after which memory has to stay what it is
# 10 minutes are about 50 swaps and 30,000 requests on two busy cores, more on idle
# ones: the bound finds 0.6 MiB a swap, a tenth of what a version takes, or 1 KiB a
# request. Healthy is a growth of a few MiB, of the allocator's making.
BOUND = 32.0  # MiB


def main(arguments: list[str] | None = None) -> int:
    """Runs the soak, prints what came of it and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--swap-seconds", type=float, default=3)
    parser.add_argument(
        "--docs", action="store_true", help="put the result into docs/serving.md"
    )
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        result, faults = soak(Path(scratch), args.seconds, args.swap_seconds)
    print(result)
    print(faults, end="")
    if args.docs:
        today = time.strftime("%Y-%m-%d")
        write_between_marks(PAGE, {"soak": f"On {today}:\n\n```\n{result}\n```"})
    return 1 if faults else 0


def soak(scratch: Path, seconds: float, swap_seconds: float) -> tuple[str, str]:
    """Runs the soak.

    Args:
        scratch: Folder for the models and the log.
        seconds: How long.
        swap_seconds: Pause between two swaps of versions, seconds.

    Returns:
        What came of it, and what was wrong: empty if all was well.
    """
    hashers = Hashers(scratch / "exports")
    swaps = Swaps(scratch / "versions", hashers.folders)
    with ServerProcess(scratch / "log", str(scratch / "versions")) as server:
        processor = server.processor_seconds
        start = time.monotonic()
        with (
            Client(server.rest) as client,
            Load(hashers, swaps, [server.rest, server.grpc], CONNECTIONS) as load,
            MemoryLog(server) as memory,
        ):
            while (left := start + seconds - time.monotonic()) > 0:
                time.sleep(min(left, swap_seconds))
                swaps.swap(client)
        taken = time.monotonic() - start
        processor = server.processor_seconds - processor
    faults = server.log.count("Traceback")
    growth = memory.at(1) - memory.at(WARM)
    by_protocol = ", ".join(
        f"{count:,} {name}" for name, count in sorted(load.requests.items())
    )
    lines = [
        f"time             {taken:.0f} s",
        f"cores used       {processor / taken:.2f}",
        f"requests         {load.requests.total():,} ({by_protocol})",
        f"failed requests  {load.failed}",
        f"wrong answers    {load.wrong}",
        f"faults logged    {faults}",
        f"version swaps    {swaps.done}",
        *(f"memory at {share:4.0%}   {memory.at(share):.1f} MiB" for share in SHARES),
        f"growth           {growth:+.1f} MiB from {WARM:.0%} on (bound {BOUND:g}), "
        f"{memory.slope(WARM):+.2f} MiB a minute",
    ]
    is_bad = load.failed or load.wrong or faults or growth > BOUND
    messages = [*load.messages, server.log[-3000:], ""] if is_bad else []
    return "\n".join(lines), "\n".join(messages)


if __name__ == "__main__":
    raise SystemExit(main())
