"""A place for servers, which root's Postgres reaches as another user."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not under pytest's own directory: that is closed to others whenever a pytest starts."""
    with tempfile.TemporaryDirectory(prefix="flashboard-test-") as directory:
        yield Path(directory)
