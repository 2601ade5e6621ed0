"""Loads an export as TF-Serving does, and prints the codes of some texts.

    python -m venv old && old/bin/pip install tensorflow==2.10.1 tensorflow-text==2.10.0
    old/bin/python scripts/load_export.py saved_models/NAME/1

Needs no wish_tf, so that it runs with the TensorFlow of an older server. The codes have
to be those that the same line prints with this project's own TensorFlow.
"""

import sys

import tensorflow as tf
import tensorflow_text  # noqa: F401  the operations that a server links in

TEXTS = ["Red blue INDEX", "東京都", "E\u0301TE\u0301 straße", ""]

with tf.compat.v1.Session(graph=tf.Graph()) as session:
    graph = tf.compat.v1.saved_model.loader.load(session, ["serve"], sys.argv[1])
    signature = graph.signature_def["serving_default"]
    text = signature.inputs["text"].name
    bits = session.run(signature.outputs["bits"].name, {text: TEXTS})
print(tf.__version__, ["".join(map(str, code)) for code in bits])
