"""The held queue in a browser: whom to telephone, a grant by whoever owns the answer, and one by keyboard."""

from time import monotonic

from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select

from deploy.local.world import World
from tests.console.conftest import SignIn, Visit
from tests.console.sending import LONG_S, come_to, send
from tests.support.pages import PageChecker, expect, expect_address, tab_to

COORDINATOR, SERGEANT = "Beatrix Holloway-Ash", "Hester Quenby"
REASON = "The meeting cannot plan for her safety without it."


def test_a_co_ordinator_sees_what_waits_and_whom_to_telephone(
    console_world: World, signed_in: SignIn, check_page: PageChecker
) -> None:
    send(console_world, "contribution")
    driver = signed_in(COORDINATOR)
    come_to(driver, "/holds/", lambda at: "kent-police" in owners(at))
    expect(driver, "What waits in your area")
    check_page("holds-queue")
    Select(driver.find_element(By.ID, "filter-owner")).select_by_value("kent-police")
    driver.find_element(By.XPATH, "//button[contains(., 'Apply filters')]").click()
    expect(driver, "Clear filters")
    expect_address(driver, "owner=kent-police")
    driver.find_element(By.CSS_SELECTOR, "tbody a").click()
    expect(driver, "Whom to telephone")
    assert driver.find_elements(By.CSS_SELECTOR, "a[href^='tel:']")
    check_page("holds-hold")


def test_whoever_owns_the_answer_grants_it(
    console_world: World, signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    exchange_id = send(console_world, "contribution")
    driver = signed_in(SERGEANT)
    address = open_asked(driver, exchange_id)
    check_page("holds-own")
    driver.find_element(By.LINK_TEXT, "Grant with evidence").click()
    expect(driver, "Grant this hold")
    check_page("holds-grant")
    press(driver, "Grant")
    expect(driver, "There is a problem")
    check_page("holds-grant-error")
    driver.find_element(By.NAME, "reason").send_keys(REASON)
    press(driver, "Grant")
    expect(driver, "Your answer is on its way")
    come_to(driver, address, lambda at: "Granted" in at.find_element(By.TAG_NAME, "main").text)
    visit("/holds/ours")
    check_page("holds-asked")


def test_a_hold_is_declined_by_keyboard_alone(console_world: World, signed_in: SignIn) -> None:
    exchange_id = send(console_world, "contribution")
    driver = signed_in(SERGEANT)
    address = open_asked(driver, exchange_id)
    tab_to(driver, lambda at: at.text == "Decline")
    type_keys(driver, Keys.ENTER)
    expect(driver, "Decline this hold")
    tab_to(driver, lambda at: at.get_attribute("name") == "reason")
    type_keys(driver, "It would tell him who spoke.")
    tab_to(driver, lambda at: at.text == "Decline")
    type_keys(driver, Keys.ENTER)
    expect(driver, "Your answer is on its way")
    come_to(driver, address, lambda at: "Declined" in at.find_element(By.TAG_NAME, "main").text)


def open_asked(driver: WebDriver, exchange_id: str) -> str:
    """Opens a hold of an exchange that the own organisation is asked, once it is there; its path."""
    until = monotonic() + LONG_S
    while monotonic() < until:
        come_to(driver, "/holds/ours", lambda at: bool(links(at)))
        for path in reversed(links(driver)):
            come_to(driver, path, lambda at: bool(at.find_elements(By.TAG_NAME, "h1")))
            if exchange_id in driver.page_source and "Grant with evidence" in driver.page_source:
                return path
    raise AssertionError("the hold does not arrive")


def links(driver: WebDriver) -> list[str]:
    found = driver.find_elements(By.CSS_SELECTOR, "tbody a[href^='/holds/']")
    return [each.get_dom_attribute("href") or "" for each in found]


def owners(driver: WebDriver) -> list[str]:
    options = driver.find_element(By.ID, "filter-owner").find_elements(By.TAG_NAME, "option")
    return [str(each.get_attribute("value")) for each in options]


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def type_keys(driver: WebDriver, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()
