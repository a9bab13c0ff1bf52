"""A whole private system with consoles and a generated area, and signing in to it in a browser."""

import asyncio
import os
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from deploy.area.__main__ import target_of
from deploy.area.forms import Form, read_forms
from deploy.area.loader import YEARS, Size, load_area
from deploy.area.names import invent
from deploy.demo.performance import open_clients
from deploy.local.launcher import LocalSystem
from deploy.local.people import LogIn, find_log_in, read_people
from deploy.local.world import World
from deploy.story.model import read_story
from tests.support.browser import open_chromium
from tests.support.pages import PATIENCE_S
from tests.support.world import play

UNIT: Final = "kent-mappa-unit"
WAITING: Final = ("LevelReferral", "MinutesRequest", "MappaNotification", "MentalHealthPatientNotice")
SMALL: Final = Size(subjects=200, exchanges=2000)
FULL: Final = Size(subjects=5_000, exchanges=200_000)
SIZE_SETTING: Final = "CONSOLE_AREA"
"""In the environment: `full` for two years of an area; `make test-all` sets it, and loading takes minutes."""

CONSOLES: Final = ("kent-mappa-unit", "kent-police", "kent-probation")


@contextmanager
def run_consoles(folder: Path) -> Iterator[World]:
    """Everything that runs, in a new folder: the area is loaded first, then the story is played on top."""
    story = read_story()
    world = World.create(folder, story.cast, consoles=CONSOLES, age=YEARS + timedelta(days=7))
    try:
        size = FULL if os.environ.get(SIZE_SETTING) == "full" else SMALL
        asyncio.run(load_area(target_of(world.folder), size, lambda *_: None, datetime.now(UTC)))
        with LocalSystem(world, patience_s=400) as system:
            asyncio.run(play(system, story))
            asyncio.run(_send_more(world))
            yield world
    finally:
        world.release()


@contextmanager
def open_browser(world: World, folder: Path) -> Iterator[WebDriver]:
    """A browser that believes the provider and the consoles of this system, and nobody else."""
    certificates = [place.certificate for place in world.consoles.values()]
    certificates.append(world.identity.folder / "tls" / "service.crt")
    with open_chromium(folder, certificates) as driver:
        yield driver


def sign_in(driver: WebDriver, world: World, name: str) -> None:
    """Signs somebody in by typing, with nothing left of whoever was before."""
    log_in = log_in_of(world, name)
    forget(driver)
    driver.get(world.consoles[log_in.person.organisation].address + "/")
    wait = WebDriverWait(driver, PATIENCE_S)
    wait.until(lambda at: at.find_elements(By.ID, "user") or at.find_elements(By.LINK_TEXT, "Sign in"))
    if not driver.find_elements(By.ID, "user"):  # a page that says who may come in before it asks
        driver.find_element(By.LINK_TEXT, "Sign in").click()
        wait.until(lambda at: at.find_element(By.ID, "user"))
    driver.find_element(By.ID, "user").send_keys(log_in.person.user)
    driver.find_element(By.ID, "password").send_keys(log_in.password)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait.until(lambda at: not at.find_elements(By.ID, "password"))


def forget(driver: WebDriver) -> None:
    """Leaves nothing of whoever was signed in."""
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    driver.get("about:blank")


def open_path(driver: WebDriver, path: str) -> None:
    """Opens a page of the console that is open."""
    scheme, _, rest = driver.current_url.partition("//")
    driver.get(f"{scheme}//{rest.partition('/')[0]}{path}")


def log_in_of(world: World, name: str) -> LogIn:
    """How somebody signs in."""
    everybody = world.identity.log_ins
    organisation = next(item.person.organisation for item in everybody if item.person.name == name)
    return find_log_in(everybody, organisation, name)


async def _send_more(world: World) -> None:
    """What agencies' own stores would be without: referrals and requests that wait at the unit."""
    random, desks = Random(8), {member.id: member.organisation.desks[0].desk for member in world.members}  # noqa: S311
    async with open_clients(world) as clients:
        for number, form in enumerate(_to_the_unit(clients)):
            author = next(each for each in read_people() if each.organisation == form.sender)
            header = form.build_header((author.name, author.job), f"area-{number:04}", desks)
            await clients[form.sender].send(header, form.build_document(invent(number, form.kind, random)))


def _to_the_unit(senders: Container[str]) -> list[Form]:
    """One form of each kind from each sender, to the unit alone."""
    found = {
        (form.document_type, form.sender): replace(form, to=(UNIT,))
        for form in read_forms()
        if form.sender in senders and form.sender != UNIT and form.document_type in WAITING
    }
    return list(found.values())
