"""Every page of every area, as everybody who has use for it: found by following what pages offer.

A page is looked at in full the first time that it is come to, whoever sees it; for others who come to one of
the same kind it is enough that it is there and that axe finds nothing.
"""

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from services.console.areas import AREAS, Area
from services.kit.access.actor import Role
from tests.console.conftest import SignIn, Visit
from tests.support.browser import find_faults
from tests.support.console_paths import kind_of, start_of
from tests.support.pages import WCAG, PageChecker

PEOPLE = {
    "Ola Brandt": (Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER),
    "Beatrix Holloway-Ash": (Role.MAPPA_COORDINATOR, Role.PRACTITIONER),
    "Idris Fallowfield": (Role.DATA_PROTECTION_OFFICER,),
    "Bettina Marrowby": (Role.SUPERVISOR, Role.AGREEMENT_SIGNATORY),
}
EVERYTHING = "Ola Brandt"
"""Whose roles open most pages; what the others see of them is looked at with the large budgets."""

MOST_PAGES = 25
"""Of one area, for one person."""

ITEMS = [
    pytest.param(
        name,
        area,
        id=f"{area.name}-{name.split()[0].lower()}",
        marks=[] if name == EVERYTHING else [pytest.mark.large],
    )
    for name, roles in PEOPLE.items()
    for area in AREAS
    if area.is_for(roles) and area.name not in {"sign_in", "exchange"}  # reached from others
]
_LINKS = """
return [...document.querySelectorAll('main a[href]:not([download]), .moj-sub-navigation a[href]')]
  .map(each => each.href).filter(each => each.startsWith(location.origin + '/'));
"""


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Kinds of pages that were looked at in full."""
    return set()


@pytest.mark.parametrize(("name", "area"), ITEMS)
def test_every_page_can_be_used_by_everybody(  # noqa: PLR0917  # the browser, and earlier pages
    signed_in: SignIn, visit: Visit, check_page: PageChecker, looked_at: set[str], name: str, area: Area
) -> None:
    driver = signed_in(name)
    start = start_of(area)
    waiting, seen, faults = deque([start]), {kind_of(start)}, []
    while waiting and len(seen) <= MOST_PAGES:
        kind = kind_of(waiting[0])
        visit(waiting.popleft())
        faults += _faults_of(driver, check_page, kind, looked_at)
        for link in _links(driver, area, start):
            if kind_of(link) not in seen:
                seen.add(kind_of(link))
                waiting.append(link)
    assert not faults, "\n\n".join(faults)


def _faults_of(driver: WebDriver, check: PageChecker, kind: str, looked_at: set[str]) -> list[str]:
    if not driver.find_elements(By.CSS_SELECTOR, "main h1"):
        return [f"{kind}: no page with a heading came: {driver.title}"]
    if not driver.find_elements(By.CSS_SELECTOR, "main") or "problem" in driver.title.casefold():
        return [f"{kind}: {driver.title}"]
    if kind in looked_at:
        return [f"{kind}: {each}" for each in find_faults(driver, WCAG)]
    looked_at.add(kind)
    try:
        check(_picture(kind))
    except AssertionError as error:
        return [str(error)]
    return []


def _links(driver: WebDriver, area: Area, start: str) -> list[str]:
    """What the page offers within its area, as paths."""
    parts = (urlsplit(link) for link in driver.execute_script(_LINKS))
    paths = [each.path + (f"?{each.query}" if each.query else "") for each in parts]
    prefix = "/" + start.strip("/").partition("/")[0]
    return [each for each in paths if area.name != "home" and each.startswith(prefix)]


def _picture(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.casefold()).strip("-") or "home"
