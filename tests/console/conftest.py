"""The console in a browser: a whole private system with a generated area, and whoever signs in to it.

Fixtures: `console_world` (session) is what runs; `signed_in(name)` signs somebody in by typing and gives the
browser; `visit(path)` opens a page of that person's console; `check_page(name)` checks what is open.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from deploy.area.names import FAMILIES
from deploy.local.consoles import ConsolePlace
from deploy.local.world import World
from tests.support.console_world import forget, log_in_of, open_browser, open_path, run_consoles, sign_in
from tests.support.pages import PageChecker

TIMEOUT_S: Final = 1800

SignIn = Callable[[str], WebDriver]
Visit = Callable[[str], WebDriver]


@pytest.fixture(scope="session")
def console_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with run_consoles(tmp_path_factory.mktemp("console") / "system") as world:
        yield world


@pytest.fixture(scope="session")
def browser(console_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with open_browser(console_world, tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def signed_in(console_world: World, browser: WebDriver) -> Iterator[SignIn]:
    def enter(name: str) -> WebDriver:
        sign_in(browser, console_world, name)
        return browser

    yield enter
    forget(browser)


@pytest.fixture
def visit(browser: WebDriver) -> Visit:
    def open_page(path: str) -> WebDriver:
        open_path(browser, path)
        return browser

    return open_page


@pytest.fixture
def check_page(browser: WebDriver) -> PageChecker:
    """Checks the page that is open, under the name of its picture in build/screens."""
    return PageChecker(browser, personal=FAMILIES)


def console_of(world: World, name: str) -> ConsolePlace:
    """The console of somebody's organisation."""
    return world.consoles[log_in_of(world, name).person.organisation]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time for each: whichever comes first also loads the area and starts the system."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))
