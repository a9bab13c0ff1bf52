"""Takes the pictures of the guides: docs/screens/*.png. `python -m tests.console.screens`.

Everybody in them is invented: the area is generated, and the story is the demonstration's.
"""

import base64
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from deploy.local.world import World
from tests.support.console_world import open_browser, open_path, run_consoles, sign_in
from tests.support.pages import PATIENCE_S

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "screens"
COORDINATOR: Final = "Beatrix Holloway-Ash"
OFFICER: Final = "Ola Brandt"
AGENCY_OFFICER: Final = "Idris Fallowfield"
_WIDE: Final = 1200
_HIGH: Final = 1000
_TALLEST: Final = 1300
_SCALE: Final = 0.75
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Screen:
    """A picture: its name, who sees it, and how they come to it.

    Attributes:
        path: opened first.
        steps: what is done there: a link to follow by a part of its address or text.
    """

    name: str
    person: str
    path: str
    steps: tuple[Callable[[WebDriver], None], ...] = ()


def main() -> int:
    """Takes all of them; 0 if there is one of each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screens-") as folder,
        run_consoles(Path(folder) / "system") as world,
        open_browser(world, Path(folder) / "profile") as driver,
    ):
        failed = _take_all(driver, world)
    _say(f"{len(SCREENS) - len(failed)} pictures in docs/screens" + (f"; none of {failed}" if failed else ""))
    return 1 if failed else 0


def _take_all(driver: WebDriver, world: World) -> list[str]:
    driver.set_window_size(_WIDE, _HIGH)
    failed, signed_in = [], ""
    for screen in SCREENS:
        if screen.person != signed_in:
            sign_in(driver, world, screen.person)
            signed_in = screen.person
        if not _take(driver, screen):
            failed.append(screen.name)
    return failed


def follow(part: str) -> Callable[[WebDriver], None]:
    """Follows the first link in the page whose address has that part."""

    def step(driver: WebDriver) -> None:
        _find(driver, f"main a[href*='{part}']").click()

    return step


def follow_text(words: str) -> Callable[[WebDriver], None]:
    """Follows the first link in the page's table that says these words."""

    def step(driver: WebDriver) -> None:
        _find(driver, "main table")
        driver.find_element(By.XPATH, f"//main//table//a[contains(normalize-space(), '{words}')]").click()

    return step


def follow_in_table(driver: WebDriver) -> None:
    """Opens the first of what a table lists."""
    _find(driver, "main table tbody a[href]").click()


def say_why(purpose: str, reason: str) -> Callable[[WebDriver], None]:
    """Fills in a form that asks for a purpose and a reason, if it is asked for."""

    def step(driver: WebDriver) -> None:
        asked = driver.find_elements(By.CSS_SELECTOR, "main textarea[name=reason]")
        if asked:
            _find(driver, f"main input[name=purpose][value='{purpose}'], main input[name=purpose]").click()
            asked[0].send_keys(reason)
            _find(driver, "main form button[type=submit], main form button").click()

    return step


_WHY: Final = say_why("INVESTIGATION", "A parent asks who was told of her daughter's address.")

_RESTRICTIONS: Final = follow_text("Restriction notice")
"""The story's exchange of which one recipient got less than the other."""

SCREENS: Final = (
    Screen("home-coordinator", COORDINATOR, "/"),
    Screen("register", COORDINATOR, "/register/"),
    Screen("exchange", COORDINATOR, "/register/", (_RESTRICTIONS,)),
    Screen("case", COORDINATOR, "/register/", (_RESTRICTIONS, follow("/cases/"))),
    Screen("held-queue", COORDINATOR, "/holds/"),
    Screen("hold", COORDINATOR, "/holds/ours", (follow_in_table,)),
    Screen("time-limits", COORDINATOR, "/clocks/"),
    Screen("notifications", COORDINATOR, "/notifications/"),
    Screen("inbox", COORDINATOR, "/inbox/"),
    Screen("referrals", COORDINATOR, "/referrals/"),
    Screen("requests", COORDINATOR, "/requests/"),
    Screen("figures", COORDINATOR, "/figures/"),
    Screen("find-a-case", COORDINATOR, "/cases/"),
    Screen("home-officer", OFFICER, "/"),
    Screen("log-purpose", OFFICER, "/log/purpose"),
    Screen("log", OFFICER, "/log/?kind=DISCLOSURE", (_WHY,)),
    Screen("log-record", OFFICER, "/log/?kind=DISCLOSURE", (_WHY, follow("/log/records/"))),
    Screen("readers", OFFICER, "/readers/", (_WHY,)),
    Screen("export", OFFICER, "/export/", (_WHY,)),
    Screen("alarms", OFFICER, "/alarms/"),
    Screen("breaches", OFFICER, "/breaches/open"),
    Screen("breach-list", OFFICER, "/breaches/"),
    Screen("legal-holds", OFFICER, "/retention/"),
    Screen("subject-access", OFFICER, "/subject-access/"),
    Screen("agreements", OFFICER, "/agreements/"),
    Screen("agreement", OFFICER, "/agreements/", (follow("/agreements/kent-mappa"),)),
    Screen("agreement-compared", OFFICER, "/agreements/kent-domestic-abuse/compare"),
    Screen("rulebook", OFFICER, "/rulebook/"),
    Screen("try-it", OFFICER, "/try-it/"),
    Screen("candidates", OFFICER, "/candidates/"),
    Screen("subject-access-new", AGENCY_OFFICER, "/subject-access/new"),
)


def _take(driver: WebDriver, screen: Screen) -> bool:
    try:
        open_path(driver, screen.path)
        _find(driver, "main h1")
        for step in screen.steps:
            step(driver)
            _find(driver, "main h1")
    except WebDriverException as error:
        _say(f"{screen.name}: {type(error).__name__} at {driver.title}")
        return False
    heading = driver.find_element(By.CSS_SELECTOR, "main h1").text
    (FOLDER / f"{screen.name}.png").write_bytes(squeeze(_photograph(driver)))
    _say(f"{screen.name}: {heading}")
    return True


def _photograph(driver: WebDriver) -> bytes:
    driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": _WIDE, "height": min(size["height"], _TALLEST), "scale": _SCALE}
    shot = driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
    )
    return base64.b64decode(shot["data"])


def squeeze(png: bytes) -> bytes:
    """The same picture with its pixels packed as tightly as PNG's own compression can (RFC 2083)."""
    packed, rest = b"", []
    for kind, data in _chunks(png):
        if kind == b"IDAT":
            packed += data
        elif kind in {b"IHDR", b"PLTE", b"tRNS"}:
            rest.append(_chunk(kind, data))
    body = zlib.compress(zlib.decompress(packed), 9)
    return b"".join([_MAGIC, *rest, _chunk(b"IDAT", body), _chunk(b"IEND", b"")])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_MAGIC)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _find(driver: WebDriver, css: str) -> WebElement:
    return WebDriverWait(driver, PATIENCE_S).until(lambda at: at.find_element(By.CSS_SELECTOR, css))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
