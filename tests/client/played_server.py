"""An HTTP server that answers as TF-Serving does, and fails when it is told to."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from tests.client.toy_model import BITS, toy_hash, toy_search, toy_topics

NAME = "half plus/two"
MODEL = "/v1/models/half%20plus%2Ftwo"
STATUS = {
    "model_version_status": [
        {
            "version": "12",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        },
        {
            "version": "13",
            "state": "END",
            "status": {"error_code": "NOT_FOUND", "error_message": "no such file"},
        },
    ]
}
_TENSOR = {
    "dtype": "DT_FLOAT",
    "tensor_shape": {
        "dim": [{"size": "-1", "name": ""}, {"size": str(BITS), "name": ""}],
        "unknown_rank": False,
    },
    "name": "StatefulPartitionedCall:3",
}
METADATA = {
    "model_spec": {"name": NAME, "signature_name": "", "version": "12"},
    "metadata": {
        "signature_def": {
            "signature_def": {"hash": {"outputs": {"probabilities": _TENSOR}}}
        }
    },
}

Fault = Callable[["_Handler"], None]


class PlayedServer:
    """A server on this machine.

    Args:
        context: For TLS.
        port: Where to listen; 0 for any free port.

    Attributes:
        faults: What is done with the next requests instead of answering.
        requests: (method, path, headers, body) of each request.
        connections: How many connections were made.
        pause: How long an answer takes, seconds.
        most_at_once: The most requests that were answered at the same time.
    """

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.faults: deque[Fault] = deque()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.pause = 0.0
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"played": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True
            )
        scheme = "http" if context is None else "https"
        self.root = f"{scheme}://localhost:{self._server.server_address[1]}"
        self.url = f"{self.root}{MODEL}"
        threading.Thread(
            target=self._server.serve_forever, args=[0.01], daemon=True
        ).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: _Handler, body: bytes) -> None:
        """Answers a request, or does what is told instead."""
        with self._lock:
            headers = dict(handler.headers)
            self.requests.append((handler.command, handler.path, headers, body))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            fault = self.faults.popleft() if self.faults else None
        time.sleep(self.pause)
        if fault is not None:
            fault(handler)
        elif handler.command == "POST":
            handler.send_json(200, predict(json.loads(body)))
        elif handler.path.endswith("/metadata"):
            handler.send_json(200, METADATA)
        else:
            handler.send_json(200, STATUS)
        with self._lock:
            self._at_once -= 1


def predict(request: dict) -> dict:
    """TF-Serving's answer in row format."""
    if request["signature_name"] == "topics":
        (k,) = request["instances"]
        outputs = toy_topics(k)
    elif request["signature_name"] == "search":
        rows = request["instances"]
        outputs = toy_search([row["text"] for row in rows], [row["k"] for row in rows])
    else:
        outputs = toy_hash(request["instances"])
        codes = [{"b64": base64.b64encode(c).decode()} for c in outputs["code_bytes"]]
        outputs["code_bytes"] = codes
    columns = {
        # The shortest digits that give the same float32, as TF-Serving writes.
        name: json.loads(json.dumps(values, default=_plain))
        for name, values in outputs.items()
    }
    rows = zip(*columns.values(), strict=True)
    return {"predictions": [dict(zip(columns, row, strict=True)) for row in rows]}


def _plain(values):
    if values.dtype == "float32":
        values = np.vectorize(lambda number: float(str(number)), [float])(values)
    return values.tolist()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    played: PlayedServer

    def setup(self) -> None:
        super().setup()
        self.played.connections += 1

    def do_GET(self) -> None:
        self.played.answer(self, b"")

    def do_POST(self) -> None:
        self.played.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

    def send_json(self, status: int, value: object, **headers: str) -> None:
        body = json.dumps(value, indent=4, ensure_ascii=False).encode()
        self.send_bytes(status, body, **headers)

    def send_bytes(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the output of the tests clean."""


def fail(status: int, message: str = "no", **headers: str) -> Fault:
    """TF-Serving's answer for an error."""
    return lambda handler: handler.send_json(status, {"error": message}, **headers)


def send(value: object) -> Fault:
    """An answer with status 200 and this JSON."""
    return lambda handler: handler.send_json(200, value)


def send_text(body: bytes, status: int = 200) -> Fault:
    """An answer with this body."""
    return lambda handler: handler.send_bytes(status, body)


def reset(handler: _Handler) -> None:
    """Breaks the connection without an answer."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def cut_short(handler: _Handler) -> None:
    """Breaks the connection in the midst of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"predictions": [')
    handler.close_connection = True


def drip(handler: _Handler) -> None:
    """Sends a byte now and then, for longer than a test waits."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        for _ in range(30):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass  # the client has gone, as it should
    handler.close_connection = True


def hang_up_after(handler: _Handler) -> None:
    """Answers, then closes the connection without having said so."""
    request = json.loads(handler.played.requests[-1][3])
    handler.send_json(200, predict(request))
    handler.close_connection = True


def chunked(handler: _Handler) -> None:
    """Answers in chunks, as a proxy may."""
    body = json.dumps(predict(json.loads(handler.played.requests[-1][3]))).encode()
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in range(0, len(body), 100):
        piece = body[start : start + 100]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")
