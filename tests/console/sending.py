"""What agencies send while a browser looks on: real exchanges of the private system."""

import asyncio
from collections.abc import Callable
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Header
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from deploy.demo.performance import open_clients
from deploy.local.world import World
from deploy.story.model import read_story
from tests.support.world import build, sending

LONG_S: Final = 150
"""What goes over the broker and back takes its time where much else runs."""


def send(world: World, step: str, document: Message | None = None) -> str:
    """Sends what a step of the story sends, or another document to the same desk; the exchange's id."""
    said = sending(read_story(), step)
    header, original = build(said)
    if document is not None:
        del header.provenance[:]  # of the story's own document
    return asyncio.run(_send(world, said.sender.partition("/")[0], header, document or original))


async def _send(world: World, organisation: str, header: Header, document: Message) -> str:
    async with open_clients(world) as clients:
        accepted = await clients[organisation].send(header, document)
        return str(accepted.exchange_id)


def come_to(driver: WebDriver, path: str, is_there: Callable[[WebDriver], bool]) -> None:
    """Opens a page again and again until what was sent shows on it."""
    scheme, _, rest = driver.current_url.partition("//")
    address = f"{scheme}//{rest.partition('/')[0]}{path}"

    def look(at: WebDriver) -> bool:
        at.get(address)
        return is_there(at)

    try:
        WebDriverWait(driver, LONG_S, poll_frequency=1).until(look)
    except TimeoutException:
        shown = driver.find_element(By.TAG_NAME, "main").text
        raise AssertionError(f"{path} does not show it, but:\n{shown}") from None
