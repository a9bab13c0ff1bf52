"""What every tier shares: the name of the repository's root, one broker and one database server."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.support.broker", "tests.support.databases"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT
