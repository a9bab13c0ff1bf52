"""Looking at a page of the console as people do who see little, use no mouse, or have a small screen.

A page is checked as it stands in a real Chromium: axe (WCAG 2.2 A and AA), 320 px without sideways scrolling,
200 per cent zoom, every interactive element reached by the tab key with a visible focus, nobody named in
the address or the title, the headers, and a picture of the whole page for people to look at.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.browser import TAGS, find_faults

SCREENS: Final = Path(__file__).resolve().parents[2] / "build" / "screens"
PATIENCE_S: Final = 30
WCAG: Final = tuple(tag for tag in TAGS if tag.startswith("wcag"))
"""Not what axe's authors recommend besides: the layout of GOV.UK has back links outside of any landmark."""

_WIDE: Final = 1280
_HIGH: Final = 1024
_NARROW: Final = 320
_MOST_TABS: Final = 400
_TALLEST: Final = 6000

_FOCUSED = """
const at = document.activeElement, look = getComputedStyle(at), before = getComputedStyle(at, '::before');
const label = at.id && document.querySelector(`label[for="${CSS.escape(at.id)}"]`);
const beside = label ? getComputedStyle(label, '::before') : null;
const shows = style => style && (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  || style.boxShadow !== 'none');
const box = at.getBoundingClientRect();
return {
  number: [...document.querySelectorAll('*')].indexOf(at),
  name: at.outerHTML.slice(0, 120),
  body: at === document.body || at === document.documentElement,
  visible: shows(look) || shows(before) || shows(beside),
};
"""
_INTERACTIVE = """
const selector = 'a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), '
  + 'select:not([disabled]), textarea:not([disabled]), summary, [tabindex]:not([tabindex^="-"])';
const all = [...document.querySelectorAll('*')];
const groups = new Set();
return [...document.querySelectorAll(selector)].filter(each => {
  if (each.tabIndex < 0 || !each.checkVisibility({visibilityProperty: true})) return false;
  if (each.closest('details:not([open])') && !each.matches('summary')) return false;
  if (each.type === 'radio') {  // one stop for each group
    const group = (each.form ? [...document.forms].indexOf(each.form) : '') + ' ' + each.name;
    if (groups.has(group)) return false;
    groups.add(group);
    const chosen = [...document.getElementsByName(each.name)].find(one => one.checked);
    return !chosen || chosen === each;
  }
  return true;
}).map(each => [all.indexOf(each), each.outerHTML.slice(0, 120)]);
"""
_SIDEWAYS = """
const limit = document.documentElement.clientWidth;
const over = [...document.querySelectorAll('body *')].filter(each => {
  const box = each.getBoundingClientRect();
  if (!box.width || box.right <= limit + 1) return false;
  for (let up = each.parentElement; up; up = up.parentElement) {
    const overflow = getComputedStyle(up).overflowX;
    if (overflow === 'hidden' || overflow === 'clip') return false;
  }
  return getComputedStyle(each).position !== 'absolute' || box.left < limit;
});
return {
  width: document.documentElement.scrollWidth, limit,
  over: over.slice(-3).map(each => each.outerHTML.slice(0, 100)),
};
"""


@dataclass
class PageChecker:
    """Checks the page that is open.

    Args:
        driver: with the page.
        personal: texts that may stand in no address and no title: names and identifiers of people.
        folder: for pictures.
    """

    driver: WebDriver
    personal: Iterable[str] = field(default=(), repr=False)
    folder: Path = SCREENS

    def __call__(self, name: str) -> None:
        """All checks; AssertionError lists everything that is wrong with the page."""
        faults = [*self._faults_of_address(), *find_faults(self.driver, WCAG), *self._faults_of_keyboard()]
        self.photograph(name)  # before its width changes: what goes with that takes a moment to come back
        faults += self._faults_of_width(_NARROW, "at 320 px")
        faults += self._faults_of_width(_WIDE // 2, "at 200 % zoom", scale=2)
        assert not faults, f"{name} ({urlsplit(self.driver.current_url).path}):\n" + "\n".join(faults)

    def photograph(self, name: str) -> Path:
        """A picture of the whole page, 1280 px wide."""
        self.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": _WIDE, "height": min(size["height"], _TALLEST), "scale": 1}
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def _faults_of_address(self) -> list[str]:
        parts = urlsplit(self.driver.current_url)
        shown = unquote(f"{parts.path} {parts.query} {parts.fragment} {self.driver.title}").casefold()
        return [
            "something personal stands in the address or the title"
            for text in self.personal
            if re.search(rf"\b{re.escape(text.casefold())}\b", shown)
        ]

    def _faults_of_width(self, width: int, what: str, scale: int = 1) -> list[str]:
        metrics = {"width": width, "height": _HIGH // scale, "deviceScaleFactor": scale, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        try:
            found: dict[str, Any] = self.driver.execute_script(_SIDEWAYS)
            faults = [] if found["width"] <= found["limit"] else [f"{what}: scrolls sideways: {found}"]
            if width == _NARROW:
                faults += [f"{what}: {each}" for each in find_faults(self.driver, WCAG)]
            return faults
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def _faults_of_keyboard(self) -> list[str]:
        wanted = dict(self.driver.execute_script(_INTERACTIVE))
        self.driver.execute_script(
            "const at = document.body; at.tabIndex = -1; at.focus(); at.removeAttribute('tabindex');"
            "window.scrollTo(0, 0)"  # whatever took the focus when the page came
        )
        seen, faults = set(), []
        for _ in range(min(len(wanted) + 3, _MOST_TABS)):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            found: dict[str, Any] = self.driver.execute_script(_FOCUSED)
            if found["body"] or found["number"] in seen:
                break
            seen.add(found["number"])
            if not found["visible"]:
                faults.append(f"the focus is not seen: {found['name']}")
        if len(wanted) < _MOST_TABS:
            missed = [name for number, name in wanted.items() if number not in seen]
            faults += [f"not reached by the tab key: {name}" for name in missed]
        return faults


def wait_for(driver: WebDriver, css: str) -> Any:
    """The first element of a kind, once the page has it."""
    return WebDriverWait(driver, PATIENCE_S).until(lambda at: at.find_element(By.CSS_SELECTOR, css))


def tab_to(driver: WebDriver, is_wanted: Callable[[WebElement], bool]) -> WebElement:
    """What the tab key comes to, one press after another, until it is what was wanted."""
    for _ in range(_MOST_TABS):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        at = driver.switch_to.active_element
        if is_wanted(at):
            return at
    raise AssertionError("the tab key does not come to it")


def expect(driver: WebDriver, text: str) -> None:
    """Waits until the page says something."""
    WebDriverWait(driver, PATIENCE_S, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda at: text in at.find_element(By.TAG_NAME, "main").text, f"the page does not say: {text}"
    )


def expect_address(driver: WebDriver, text: str) -> None:
    """Waits until the address of the page has something in it: what was pressed leads there in its time."""
    WebDriverWait(driver, PATIENCE_S).until(lambda at: text in at.current_url, f"not in the address: {text}")
