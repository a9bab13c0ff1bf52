"""A console beside a provider whose tokens last."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.console_process import RunningConsole, run_console


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    with run_console(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture
def browser(console: RunningConsole) -> Iterator[httpx.Client]:
    with console.browser() as opened:
        yield opened
