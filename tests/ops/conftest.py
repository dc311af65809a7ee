"""A shop to run: the sample in Postgres, and in the board of whoever is running."""

import pytest


@pytest.fixture
def sample_shop(app, runner):
    """The sample shop."""
    done = runner.invoke(args=["catalog", "sample"])
    assert done.exit_code == 0, done.output
