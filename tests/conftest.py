"""What every tier shares: the name of the repository's root, and one broker for whoever needs it."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.support.broker"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT
