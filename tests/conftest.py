"""What every tier shares: the name of the repository's root, one broker and one database server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

pytest_plugins = ["tests.support.broker", "tests.support.databases"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """A command that a test runs in process sets up logs on the test's own output, which then is closed."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT
