"""Writes the model of the conformance suite, and a configuration for it.

    python -m tests.server.conformance.export FOLDER

FOLDER then holds the model (versions 3 and 12) and `models.config`, for a server
that finds FOLDER as /models/conformance.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.server.example_model import export_example

MOUNTED = Path("/models/conformance")


def export(folder: Path, mounted: Path = MOUNTED) -> Path:
    """Writes the model and the configuration, which names where it is mounted."""
    for version in (3, 12):
        export_example(folder, version)
    config = folder / "models.config"
    config.write_text(
        "model_config_list { config {\n"
        f"  name: 'conformance' base_path: '{mounted}'\n"
        "  model_platform: 'tensorflow'\n"
        "  model_version_policy { all {} }\n"
        "  version_labels { key: 'old' value: 3 }\n"
        "  version_labels { key: 'new' value: 12 }\n"
        "} }\n"
    )
    return config


if __name__ == "__main__":
    export(Path(sys.argv[1]))
