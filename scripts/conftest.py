"""What the tests of the research share with those of the package."""

from tests.conftest import data_dir, docs_file

__all__ = ["data_dir", "docs_file"]
