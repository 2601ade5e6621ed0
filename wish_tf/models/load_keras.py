from __future__ import annotations

from pathlib import Path

import keras

from wish_tf.errors import InputError


def load_keras(path: str | Path) -> keras.Model:
    """Returns the model of a `.keras` file.

    Raises:
        InputError: when the file is missing or cannot be read.
    """
    if not Path(path).is_file():
        raise InputError(f"expected a .keras file at {path}; there is none")
    try:
        return keras.saving.load_model(path)
    except (ValueError, OSError, TypeError, KeyError) as error:
        raise InputError(
            f"expected a .keras file at {path}; it cannot be read: "
            f"{str(error).splitlines()[0]}"
        ) from error
