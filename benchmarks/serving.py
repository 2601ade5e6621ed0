"""How fast the embedded server is, beside FastAPI, bare HTTP and the bare signature.

    pip install fastapi                    # for this page only
    python benchmarks/serving.py           # trains a small model; 15 minutes
    python benchmarks/serving.py --model saved_models/NAME
    python benchmarks/serving.py --quick   # no more than a check
    python benchmarks/serving.py --before CHECKOUT  # with another state of the server

Each server runs in a process of its own, one at a time, and takes turns with the
others, so that a busy machine slows all of them; client and server share it. Writes
`benchmarks/results/serving.json` and the table of `docs/serving.md`; `--table` only
writes the table anew.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from generated_page import add_page_options, measure_for_page
from serving_client import http_request, measure_load
from worker_output import output_of, quiet

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "serving.json"
PAGE = HERE.parent / "docs" / "serving.md"
NAME = "wish"
PATH = f"/v1/models/{NAME}:predict"
CONNECTIONS = (1, 8, 64)
SIZES = (1, 16, 256)
BODIES = 32  # different requests of each size
FLOOR = "signature"
MANY = max(CONNECTIONS)  # the most texts that single-text requests can fill a run with
HTTP = "http"
BEFORE = "before"
SERVERS = {
    "batched": "embedded server",
    "unbatched": "embedded server, no batching",
    "fastapi": "FastAPI and uvicorn",
    HTTP: "HTTP alone",
    BEFORE: "embedded server, before",
}
START_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, help="an export: saved_models/NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="for each figure")
    parser.add_argument("--before", type=Path, help="a checkout of another commit")
    parser.add_argument("--quick", action="store_true", help="half a second, one round")
    add_page_options(parser, RESULTS)
    args = parser.parse_args()
    measure_for_page(args, measure, table, RESULTS, PAGE, "serving")


def measure(args: argparse.Namespace, scratch: Path) -> dict:
    """Runs everything, and returns what is written as JSON."""
    names = ("tensorflow", "starlette", "uvicorn", "fastapi")
    try:
        versions = {name: version(name) for name in names}
    except PackageNotFoundError as error:
        raise SystemExit(
            f"the comparison needs {error.name}, which is not installed: "
            f"pip install {error.name}"
        ) from error
    model = args.model or train(scratch, args.quick)
    folder = newest(model)
    texts = read_texts(scratch)
    seconds = 0.5 if args.quick else args.seconds
    load_before = os.getloadavg()
    rounds = []
    for number in range(1 if args.quick else args.rounds):
        floor = run_floor(folder, scratch / "texts.json", seconds)
        bits = floor.pop("bits")
        rounds.append({FLOOR: floor})
        for server in SERVERS:
            if server == BEFORE and args.before is None:
                continue
            sys.stderr.write(f"round {number + 1}: {SERVERS[server]}\n")
            with running(server, model, folder, scratch, args.before) as (port, pid):
                sizes = SIZES
                if server == HTTP:
                    sizes = SIZES[:1]  # it answers with one row whatever it is asked
                else:
                    check_answer(port, texts[0], bits)
                rounds[-1][server] = measure_server(port, pid, texts, sizes, seconds)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "quick": args.quick,
        "versions": versions,
        "cores": os.cpu_count(),
        "load_before": load_before,
        "load_after": os.getloadavg(),
        "model": str(args.model) if args.model else "8 bits, python-docs-labelled",
        "bytes_a_text": sum(len(text.encode()) for text in texts) / len(texts),
        "seconds": seconds,
        "rounds": rounds,
    }


def train(scratch: Path, quick: bool) -> Path:
    """Trains and exports a hasher of 8 bits; the quick one knows few words."""
    run, model = scratch / "run", scratch / "model"
    limit = ["--limit", "500"] if quick else ["--limit", "4000"]
    wish_tf("train", "python-docs-labelled", "--bits", "8", "--out", str(run), *limit)
    wish_tf("export", str(run), str(model))
    return model


def wish_tf(*arguments: str) -> None:
    sys.stderr.write(f"wish-tf {' '.join(arguments)}\n")
    output_of([sys.executable, "-m", "wish_tf", *arguments])


def newest(model: Path) -> Path:
    """Returns the folder of the newest version of an export."""
    code = (
        "import sys; from wish_tf.saved_model.versions import newest_version;"
        "print(newest_version(sys.argv[1]))"
    )
    return Path(output_of([sys.executable, "-c", code, str(model)]).strip())


def read_texts(scratch: Path) -> list[str]:
    """Returns docstrings, and leaves them in a file for the other processes."""
    file = scratch / "texts.json"
    code = (
        "import json, sys; from wish_tf.corpora import load_corpus;"
        "texts = load_corpus('python-docs-labelled', limit=int(sys.argv[2])).texts;"
        "json.dump(list(texts), open(sys.argv[1], 'w'))"
    )
    count = BODIES * max(SIZES)
    output_of([sys.executable, "-c", code, str(file), str(count)])
    texts = json.loads(file.read_text())
    if len(texts) < max(SIZES):
        raise SystemExit(f"expected {max(SIZES)} docstrings or more; got {len(texts)}")
    return texts


def run_floor(folder: Path, texts: Path, seconds: float) -> dict:
    sizes = [str(size) for size in (*SIZES, MANY)]
    program = [sys.executable, str(HERE / "serving_floor.py")]
    output = output_of([*program, str(folder), str(texts), str(seconds), *sizes])
    return json.loads(output.splitlines()[-1])


@contextmanager
def running(
    server: str, model: Path, folder: Path, scratch: Path, before: Path | None
) -> Iterator[tuple[int, int]]:
    """Starts a server, yields its port and its process, and stops it."""
    port = free_port()
    if server == "fastapi":
        command = [str(HERE / "serving_fastapi.py"), str(folder), str(port)]
    elif server == HTTP:
        command = [str(HERE / "serving_http.py"), str(port)]
    else:
        batching = str(server != "unbatched").lower()
        command = ["-m", "wish_tf", "serve", str(model), "--name", NAME, "--port", "0"]
        command += ["--rest_api_port", str(port), f"--enable_batching={batching}"]
    with (scratch / f"{server}.log").open("w+") as log:
        environment = quiet()
        if server == BEFORE:
            environment |= {"PYTHONPATH": str(before)}
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=log, stderr=log
        )
        try:
            wait_for(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, log) -> None:
    """Waits until a server accepts connections."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    log.seek(0)
    raise SystemExit(f"a server did not start:\n{log.read()[-2000:]}")


def body(texts: list[str]) -> bytes:
    return json.dumps({"instances": texts}).encode()


def check_answer(port: int, text: str, bits: list) -> None:
    """Makes sure that a server gives the code that the signature gives."""
    url = f"http://127.0.0.1:{port}{PATH}"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body([text]), headers)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)["predictions"]
    if [row["bits"] for row in answer] != bits:
        raise SystemExit(f"expected the bits {bits}; the server gave {answer}")


def processor_seconds(pid: int) -> float:
    """Processor time of another process; on systems with /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_server(
    port: int, pid: int, texts: list[str], sizes: tuple[int, ...], seconds: float
) -> dict:
    result = {}
    for size in sizes:
        starts = range(0, len(texts) - size + 1, size)[:BODIES]
        requests = [http_request(PATH, body(texts[at : at + size])) for at in starts]
        result[str(size)] = {}
        for connections in CONNECTIONS:
            cpu = processor_seconds(pid)
            load = measure_load(port, requests, connections, seconds, seconds / 4)
            cpu = processor_seconds(pid) - cpu
            result[str(size)][str(connections)] = asdict(load) | {
                "cpu_a_text": cpu / load.answered / size
            }
    return result


def table(result: dict) -> str:
    rounds, software = result["rounds"], result["versions"]
    servers = {name: what for name, what in SERVERS.items() if name in rounds[0]}
    cells = [
        load
        for measured in rounds
        for server in servers
        for by_connections in measured[server].values()
        for load in by_connections.values()
    ]
    client = max(load["client_cores"] for load in cells)
    lines = [
        f"Measured {result['date']} on {result['cores']} cores, load "
        f"{result['load_before'][0]:.1f} before and "
        f"{result['load_after'][0]:.1f} after; TensorFlow {software['tensorflow']}, "
        f"Starlette {software['starlette']}, "
        f"uvicorn {software['uvicorn']}, FastAPI {software['fastapi']}. Model: "
        f"{result['model']}; {result['bytes_a_text']:.0f} bytes a text. "
        f"{result['seconds']:g} s a figure, medians of {len(rounds)} round(s). The "
        f"client took {client:.2f} of a core at most."
        + (" **A quick check, not a measurement.**" if result["quick"] else "")
        + (
            " **The machine was busy with other work before it began: of these figures "
            "only the processor times can be compared.**"
            if result["load_before"][0] > result["cores"]
            else ""
        ),
        "",
        "Texts a second, and in brackets the median and the 99th percentile of the "
        "time of a request, milliseconds:",
        "",
        "| texts a request | connections | bare signature, one thread | "
        + " | ".join(servers.values())
        + " |",
        "|---" * (3 + len(servers)) + "|",
    ]
    for size in map(str, SIZES):
        for connections in map(str, CONNECTIONS):
            loads = [
                [r[server][size][connections] for r in rounds]
                if size in rounds[0][server]
                else []
                for server in servers
            ]
            floor = ""
            if connections == "1":
                floor = cell([measured[FLOOR][size] for measured in rounds], size)
            figures = " | ".join([floor, *(cell(load, size) for load in loads)])
            lines.append(f"| {size} | {connections} | {figures} |")
    return "\n".join([*lines, "", *goals(rounds)])


def goals(rounds: list[dict]) -> list[str]:
    """What the figures say of the goals, and of what could be had at most."""

    def middle(what: str, server: str, size: str, connections: str = "") -> float:
        cells = [measured[server][size] for measured in rounds]
        return median((c[connections] if connections else c)[what] for c in cells)

    rate, cpu, most = "requests_a_second", "cpu_a_text", str(MANY)
    batched, unbatched, fastapi, http = (
        {what: middle(what, server, "1", most) for what in (rate, cpu)}
        for server in ("batched", "unbatched", "fastapi", HTTP)
    )
    full = middle(cpu, FLOOR, most)
    times = batched[rate] / unbatched[rate]

    def slower(size: str) -> float:
        return middle(rate, FLOOR, size) / middle(rate, "batched", size, "1")

    large = str(max(SIZES))
    lines = [
        f"- {most} connections, a text each: {times:.1f} times the texts of the server "
        f"without batching (goal: 4), {batched[rate] / fastapi[rate]:.1f} times those "
        "of FastAPI.",
        f"- Processor time a text there, microseconds: {1e6 * batched[cpu]:.0f} with "
        f"batching, {1e6 * unbatched[cpu]:.0f} without, {1e6 * fastapi[cpu]:.0f} "
        f"FastAPI, {1e6 * http[cpu]:.0f} HTTP alone: "
        f"batching saves {unbatched[cpu] / batched[cpu]:.1f} times. To save 4 times a "
        f"text would have to take {1e6 * unbatched[cpu] / 4:.0f}. HTTP alone and the "
        f"graph in runs of {most} take {1e6 * (http[cpu] + full):.0f} of that, which "
        f"leaves {1e6 * (unbatched[cpu] / 4 - http[cpu] - full):.0f} for JSON, arrays, "
        "merging and counting.",
        f"- One connection: a text takes {slower('1'):.2f} times as long as the bare "
        f"signature (goal: 1.3), {large} texts {slower(large):.2f} times (goal: 1.25).",
    ]
    if BEFORE in rounds[0]:
        was = {what: middle(what, BEFORE, "1", most) for what in (rate, cpu)}
        lines.append(
            f"- Before, {most} connections with a text each: {was[rate]:,.0f} texts/s, "
            f"{1e6 * was[cpu]:.0f} microseconds of processor time a text; now "
            f"{batched[rate]:,.0f} and {1e6 * batched[cpu]:.0f}."
        )
    return lines


def cell(loads: list[dict], size: str) -> str:
    if not loads:
        return ""
    rate = int(size) * median(load["requests_a_second"] for load in loads)
    p50, p99 = (1000 * median(load[name] for load in loads) for name in ("p50", "p99"))
    return f"{rate:,.0f} ({p50:.1f}, {p99:.1f})"


if __name__ == "__main__":
    main()
