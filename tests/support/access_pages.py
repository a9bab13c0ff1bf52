"""Opening pages of subject access and sending their forms, in tests of the console."""

import asyncio
from typing import Any

from werkzeug.test import TestResponse

from tests.integration.subject_access.test_journey import decide_texts, owners_answer
from tests.support.access_console import Desk
from tests.support.console import BASE
from tests.support.gateway import TODAY
from tests.support.subject_access import RECEIVED

HERE = "/subject-access"
REASON = "It would tell him that his words were reported."
PARTS = (
    "", "/identity", "/identity/ask", "/clarification", "/extension", "/data", "/add", "/items", "/masks",
    "/answer", "/history",
)  # fmt: skip
"""Pages of one case, after its address."""


def days(name: str, day: Any) -> dict[str, Any]:
    """The three numbers of a day, as a form sends them."""
    return {name: [str(day.day), str(day.month), str(day.year)]}


LETTER: dict[str, Any] = {
    "requester": "SUBJECT",
    "called": "LETTER",
    "words": "Send me what you said about me.",
    "given": "Marlon",
    "family": "Quillfeather",
    "system": "IDENTIFIER_SYSTEM_PRISON_NUMBER",
    "number": "A0417ZQ",
    "reply_to": "HMP Marlfield\nMerrowhythe",
    **days("born", TODAY.replace(year=1987)),
    **days("received_on", RECEIVED),
}


async def opened(desk: Desk, **changes: Any) -> str:
    """A case that was recorded through the page; its id."""
    await desk.browser.get(f"{HERE}/new")
    page = await desk.browser.post(f"{HERE}/new", LETTER | changes)
    assert page.status_code == 303, page.text
    return str(page.headers["Location"].rsplit("/", 1)[-1])


async def page_of(desk: Desk, path: str, status: int = 200) -> str:
    page = await desk.browser.get(path)
    assert page.status_code == status, page.text
    return str(page.text)


async def fetch(desk: Desk, path: str) -> TestResponse:
    """A file, as it is."""
    return await asyncio.to_thread(desk.browser.client.get, path, base_url=BASE)


async def send(desk: Desk, at: str, form: dict[str, Any], to: str = "") -> str:
    """Opens a page, sends its form, and gives where it leads; or what is wrong with it."""
    await page_of(desk, at)
    page = await desk.browser.post(to or at, form)
    return str(page.headers["Location"]) if page.status_code == 303 else str(page.text)


async def decide_all(desk: Desk, case_id: str) -> None:
    """Owners answer, and somebody decides what is left."""
    await owners_answer(desk.world)
    await decide_texts(desk.agency, case_id)


async def masked(desk: Desk, case_id: str) -> None:
    await desk.agency.call("MaskTexts", case_id=case_id)
    await desk.world.pump()


async def chosen(desk: Desk, case_id: str, items: list[str], action: str = "decide") -> str:
    """The page that choosing items leads to."""
    return await send(desk, f"{HERE}/{case_id}/items", {"item": items, "action": action})
