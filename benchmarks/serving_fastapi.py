"""A SavedModel behind FastAPI and uvicorn, as most people serve one.

    python serving_fastapi.py VERSION_FOLDER PORT

The endpoint is a plain function, which FastAPI runs in a pool of threads.
"""

from __future__ import annotations

import base64
import sys

import tensorflow as tf
import tensorflow_text  # noqa: F401  ops the model may have
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Texts(BaseModel):
    """The body of a request."""

    instances: list[str]


def create_app(folder: str) -> FastAPI:
    """Returns an application that answers as TF-Serving does, in rows."""
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    app = FastAPI()

    @app.post("/v1/models/wish:predict", response_model=None)
    def predict(texts: Texts) -> dict[str, list[dict]]:
        outputs = signature(text=tf.constant(texts.instances))
        columns = {name: tensor.numpy().tolist() for name, tensor in outputs.items()}
        columns["code_bytes"] = [
            {"b64": base64.b64encode(code).decode()} for code in columns["code_bytes"]
        ]
        rows = zip(*columns.values(), strict=True)
        return {"predictions": [dict(zip(columns, row, strict=True)) for row in rows]}

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
