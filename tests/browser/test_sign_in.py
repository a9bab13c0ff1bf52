"""Signing in at the bundled provider, in a browser, for a system that waits on a port of this machine."""

import ssl
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest
from joserfc import jwt
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from services.identity.keys import SigningKeys
from services.kit.access.loopback import sign_in_at_browser
from services.kit.access.sign_in import PersonToken
from services.kit.clock import SystemClock
from tests.support.browser import find_faults
from tests.support.provider import CLIENT, PASSWORD, PERSON, USER, Provider

WAIT_S = 20


@dataclass(frozen=True)
class Asking:
    """A system that has asked for somebody to sign in: where, and what will come of it."""

    url: str
    token: Future[PersonToken]


def ask(provider: Provider, pool: ThreadPoolExecutor) -> Asking:
    """The relying party: it listens on the loopback, and fetches the token for the code that arrives."""
    trust = ssl.create_default_context(cafile=provider.files.authority)
    trust.load_cert_chain(provider.files.certificate, provider.files.key)
    told: SimpleQueue[str] = SimpleQueue()
    token = pool.submit(sign_in_at_browser, provider.issuer, CLIENT, trust, tell=told.put, patience_s=WAIT_S)
    return Asking(told.get(timeout=WAIT_S), token)


def fill_in(chromium: WebDriver, user: str, password: str) -> None:
    chromium.find_element(By.ID, "user").send_keys(user)
    chromium.find_element(By.ID, "password").send_keys(password, Keys.ENTER)


def wait_for(chromium: WebDriver, text: str) -> None:
    """Waits until the page says so; while it changes, there may be no body, or one that is gone."""
    waiting = WebDriverWait(
        chromium, WAIT_S, ignored_exceptions=(NoSuchElementException, StaleElementReferenceException)
    )
    waiting.until(
        lambda driver: text in driver.find_element(By.TAG_NAME, "body").text, f"it does not say {text!r}"
    )


def claims_of(provider: Provider, token: PersonToken) -> dict[str, object]:
    key = SigningKeys(provider.folder / "keys", SystemClock().now).current()
    return jwt.decode(token.token, key, algorithms=["ES256"]).claims


def test_a_person_signs_in(provider: Provider, chromium: WebDriver) -> None:
    with ThreadPoolExecutor(1) as pool:
        asking = ask(provider, pool)
        chromium.get(asking.url)
        assert chromium.title.startswith("Sign in")
        fill_in(chromium, USER, PASSWORD)
        wait_for(chromium, "You are signed in")
        token = asking.token.result(WAIT_S)

    assert claims_of(provider, token)["name"] == PERSON["name"]
    assert chromium.current_url.startswith("http://127.0.0.1:")


def test_a_wrong_password_is_said_and_can_be_corrected(provider: Provider, chromium: WebDriver) -> None:
    with ThreadPoolExecutor(1) as pool:
        asking = ask(provider, pool)
        chromium.get(asking.url)
        fill_in(chromium, USER, "not the password")
        wait_for(chromium, "The user name or password is not right.")
        assert chromium.title.startswith("Error: Sign in")
        assert chromium.find_element(By.ID, "user").get_attribute("value") == USER
        assert chromium.find_element(By.ID, "password").get_attribute("value") == ""
        assert not asking.token.done()
        chromium.find_element(By.ID, "password").send_keys(PASSWORD, Keys.ENTER)
        wait_for(chromium, "You are signed in")
        assert asking.token.result(WAIT_S).token


def test_who_has_signed_out_must_sign_in_again(provider: Provider, chromium: WebDriver) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = ask(provider, pool)
        chromium.get(first.url)
        fill_in(chromium, USER, PASSWORD)
        wait_for(chromium, "You are signed in")
        first.token.result(WAIT_S)
        again = ask(provider, pool)
        chromium.get(again.url)
        wait_for(chromium, "You are signed in")  # at once: the session lasts
        assert again.token.result(WAIT_S).token

        chromium.get(f"{provider.issuer}/sign-out")
        chromium.find_element(By.TAG_NAME, "button").click()
        wait_for(chromium, "You have signed out")

        last = ask(provider, pool)
        chromium.get(last.url)
        assert chromium.title.startswith("Sign in")
        fill_in(chromium, USER, PASSWORD)
        last.token.result(WAIT_S)


def test_the_keyboard_is_enough(provider: Provider, chromium: WebDriver) -> None:
    with ThreadPoolExecutor(1) as pool:
        asking = ask(provider, pool)
        chromium.get(asking.url)
        focused = []
        for text in ("", USER, PASSWORD, Keys.ENTER):
            chromium.switch_to.active_element.send_keys(Keys.TAB)
            focused.append(
                chromium.switch_to.active_element.text
                or chromium.switch_to.active_element.get_attribute("id")
            )
            if text:
                chromium.switch_to.active_element.send_keys(text)
        wait_for(chromium, "You are signed in")
        asking.token.result(WAIT_S)

    assert focused == ["Skip to main content", "user", "password", "Sign in"]


@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_is_accessible(
    provider: Provider, chromium: WebDriver, width: int, tmp_path: Path
) -> None:
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        faults[name] = find_faults(chromium)
        scrolled = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert chromium.execute_script(scrolled) <= 0, f"{name} must be scrolled sideways (WCAG 1.4.10)"
        assert chromium.save_screenshot(str(tmp_path / f"{name}-{width}.png"))

    metrics = {"width": width, "height": 1024, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    with ThreadPoolExecutor(1) as pool:
        asking = ask(provider, pool)
        chromium.get(asking.url)
        look("sign-in")
        fill_in(chromium, USER, "not the password")
        wait_for(chromium, "is not right")
        look("wrong-password")
        chromium.find_element(By.ID, "password").send_keys(PASSWORD, Keys.ENTER)
        wait_for(chromium, "You are signed in")
        asking.token.result(WAIT_S)
    for name, path in (("start", "/"), ("sign-out", "/sign-out"), ("problem", "/authorize?client_id=nobody")):
        chromium.get(provider.issuer + path)
        look(name)
    chromium.get(f"{provider.issuer}/sign-out")
    chromium.find_element(By.TAG_NAME, "button").click()
    wait_for(chromium, "You have signed out")
    look("signed-out")

    assert faults == {name: [] for name in faults}
    assert len(faults) == 6


def test_axe_finds_what_is_wrong(chromium: WebDriver) -> None:
    """The check itself: a page with faults that it must find."""
    chromium.get("data:text/html,<html><img src=x><input></html>")

    found = {fault.split(":")[0] for fault in find_faults(chromium)}

    assert {"image-alt", "label", "document-title", "html-has-lang"} <= found
