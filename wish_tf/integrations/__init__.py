"""Codes in the systems that people run already; see docs/databases.md."""

from importlib import import_module
from typing import Any

# Each needs a library of its own, which is imported with the name that needs it.
_HOMES = {
    "ParquetCodes": "wish_tf.integrations.parquet_codes",
    "ParquetCodesWriter": "wish_tf.integrations.parquet_codes_writer",
    "PostgresCodes": "wish_tf.integrations.postgres_codes",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
