"""What HTTP alone costs: uvicorn, and an answer that is always the same.

    python serving_http.py PORT

It reads requests as the embedded server does, with the same libraries, and looks at
nothing in them.
"""

from __future__ import annotations

import json
import sys

import uvicorn

ROW = {
    "bits": [0, 1] * 4,
    "code_bytes": {"b64": "VQ=="},
    "probabilities": [0.12345] * 8,
}
BODY = json.dumps({"predictions": [ROW]}, indent=4).encode()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def app(scope, receive, send) -> None:
    """Reads a request and answers it, as ASGI has it."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        ws="none",
    )
