"""The console in a browser: a whole private system with a generated area, and whoever signs in to it.

Fixtures: `console_world` (session) is what runs; `signed_in(name)` signs somebody in by typing and gives the
browser; `visit(path)` opens a page of that person's console; `check_page(name)` checks what is open.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from deploy.area.__main__ import target_of
from deploy.area.loader import YEARS, Size, load_area
from deploy.area.names import FAMILIES
from deploy.local.consoles import ConsolePlace
from deploy.local.launcher import LocalSystem
from deploy.local.people import LogIn, find_log_in
from deploy.local.world import World
from deploy.story.model import read_story
from tests.support.browser import open_chromium
from tests.support.pages import PATIENCE_S, PageChecker
from tests.support.world import play

TIMEOUT_S: Final = 600
SMALL: Final = Size(subjects=200, exchanges=2000)
CONSOLES: Final = ("kent-mappa-unit", "kent-police", "kent-probation")

SignIn = Callable[[str], WebDriver]
Visit = Callable[[str], WebDriver]


@pytest.fixture(scope="session")
def console_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything that runs: the area is loaded first, then the story is played on top of it."""
    story = read_story()
    world = World.create(
        tmp_path_factory.mktemp("console") / "system",
        story.cast,
        consoles=CONSOLES,
        age=YEARS + timedelta(days=7),
    )
    try:
        target = target_of(world.folder)
        asyncio.run(load_area(target, SMALL, lambda *_: None, datetime.now(UTC)))
        with LocalSystem(world, patience_s=180) as system:
            asyncio.run(play(system, story))
            yield world
    finally:
        world.release()


@pytest.fixture(scope="session")
def browser(console_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """One browser that believes the provider and the consoles of this system, and nobody else."""
    certificates = [place.certificate for place in console_world.consoles.values()]
    certificates.append(console_world.identity.folder / "tls" / "service.crt")
    with open_chromium(tmp_path_factory.mktemp("profile"), certificates) as driver:
        yield driver


@pytest.fixture
def signed_in(console_world: World, browser: WebDriver) -> Iterator[SignIn]:
    """Signs somebody in at the bundled provider by typing, with nothing left of whoever was before."""

    def sign_in(name: str) -> WebDriver:
        log_in = _log_in(console_world, name)
        _forget(browser)
        browser.get(console_world.consoles[log_in.person.organisation].address + "/")
        _type(browser, log_in)
        return browser

    yield sign_in
    _forget(browser)


@pytest.fixture
def visit(browser: WebDriver) -> Visit:
    """Opens a page of the console in which somebody is signed in."""

    def open_page(path: str) -> WebDriver:
        start, _, _ = browser.current_url.partition("//")
        host = browser.current_url.partition("//")[2].partition("/")[0]
        browser.get(f"{start}//{host}{path}")
        return browser

    return open_page


@pytest.fixture
def check_page(browser: WebDriver) -> PageChecker:
    """Checks the page that is open, under the name of its picture in build/screens."""
    return PageChecker(browser, personal=FAMILIES)


def console_of(world: World, name: str) -> ConsolePlace:
    """The console of somebody's organisation."""
    return world.consoles[_log_in(world, name).person.organisation]


def _log_in(world: World, name: str) -> LogIn:
    everybody = world.identity.log_ins
    organisation = next(item.person.organisation for item in everybody if item.person.name == name)
    return find_log_in(everybody, organisation, name)


def _type(driver: WebDriver, log_in: LogIn) -> None:
    wait = WebDriverWait(driver, PATIENCE_S)
    wait.until(lambda at: at.find_elements(By.ID, "user") or at.find_elements(By.LINK_TEXT, "Sign in"))
    if not driver.find_elements(By.ID, "user"):  # a page that says who may come in before it asks
        driver.find_element(By.LINK_TEXT, "Sign in").click()
        wait.until(lambda at: at.find_element(By.ID, "user"))
    driver.find_element(By.ID, "user").send_keys(log_in.person.user)
    driver.find_element(By.ID, "password").send_keys(log_in.password)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait.until(lambda at: not at.find_elements(By.ID, "password"))


def _forget(driver: WebDriver) -> None:
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    driver.get("about:blank")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time for each: whichever comes first also loads the area and starts the system."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))
