"""Coming in, finding one's way and leaving: by keyboard alone, and nothing is left in the browser."""

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from deploy.local.world import World
from tests.console.conftest import SignIn, Visit, console_of
from tests.support.console_world import log_in_of
from tests.support.pages import PageChecker, expect, tab_to, wait_for

NAME = "Ola Brandt"


def type_in(driver: WebDriver, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()


def test_by_keyboard_alone_somebody_comes_in_looks_round_and_leaves(
    console_world: World, browser: WebDriver
) -> None:
    entry = log_in_of(console_world, NAME)
    browser.delete_all_cookies()
    browser.get(console_of(console_world, NAME).address)
    wait_for(browser, "[name=password]")
    tab_to(browser, lambda at: at.get_attribute("name") == "user")
    type_in(browser, entry.person.user, Keys.TAB, entry.password, Keys.ENTER)
    expect(browser, "What needs doing today")

    type_in(browser, Keys.TAB, Keys.ENTER)  # the skip link comes first
    assert browser.current_url.endswith("#main-content")
    tab_to(browser, lambda at: at.tag_name == "a" and at.text == "Time limits")
    type_in(browser, Keys.ENTER)
    wait_for(browser, ".moj-sub-navigation")
    assert browser.current_url.endswith("/clocks/")

    tab_to(browser, lambda at: at.text == "Sign out")
    type_in(browser, Keys.ENTER)
    expect(browser, "You are signed out")
    assert not browser.get_cookies()


def test_after_signing_out_the_back_button_shows_nothing(
    signed_in: SignIn, visit: Visit, browser: WebDriver
) -> None:
    signed_in(NAME)
    visit("/help/")
    visit("/")
    browser.find_element(By.CSS_SELECTOR, ".app-header__button").click()
    expect(browser, "You are signed out")

    browser.back()
    browser.back()

    wait_for(browser, "[name=password]")
    assert NAME not in browser.page_source


def test_pages_of_what_went_wrong_and_of_the_console_itself_can_be_used_by_everybody(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    signed_in(NAME)
    for path, name in (
        ("/", "home"),
        ("/nothing-here", "not-found"),
        ("/about/accessibility", "accessibility"),
        ("/about/cookies", "cookies"),
        ("/help/decisions", "help-topic"),
    ):
        visit(path)
        check_page(name)


def test_no_page_asks_a_browser_for_what_the_policy_forbids(
    signed_in: SignIn, visit: Visit, browser: WebDriver
) -> None:
    assert isinstance(browser, Chrome)
    signed_in(NAME)
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    for path in ("/", "/help/", "/clocks/", "/figures/"):
        visit(path)

    said = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]
    assert not [text for text in said if "Content Security Policy" in text or "Refused to" in text]
