"""What HTTP alone costs: the server's own connections, and an answer always the same.

    python serving_http.py PORT

It reads requests as the embedded server does, and looks at nothing in them.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

from wish_tf.server import ModelConfig, ServerOptions
from wish_tf.server.http_message import HttpAnswer, HttpRequest, headers_of
from wish_tf.server.http_server import HttpServer

ROW = {
    "bits": [0, 1] * 4,
    "code_bytes": {"b64": "VQ=="},
    "probabilities": [0.12345] * 8,
}
BODY = json.dumps({"predictions": [ROW]}).encode()
HEADERS = headers_of(b"application/json")


class Constant:
    """Answers every request alike."""

    max_body_bytes = 2**20

    def refusal(self, request: HttpRequest) -> None:
        """Refuses nothing."""

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Looks at nothing in the request."""
        return 200, HEADERS, BODY


if __name__ == "__main__":
    options = ServerOptions(ModelConfig("none", Path("none")))
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    HttpServer(Constant(), options).run(listener)
