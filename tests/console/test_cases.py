"""Journeys of a co-ordinator: from a number to a case, to who it is, to what was said; and from a search."""

from collections.abc import Callable

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, tab_to

COORDINATOR = "Beatrix Holloway-Ash"
NAME, PNC = "Marlon Quillfeather", "2009/0190441M"
REASON = "To prepare the meeting of 24 November."


def text_of(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "main").text


def fill(driver: WebDriver, **fields: str) -> None:
    for name, value in fields.items():
        field = driver.find_element(By.NAME, name)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
        else:
            field.send_keys(value)


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def follow(driver: WebDriver, text: str) -> None:
    driver.find_element(By.PARTIAL_LINK_TEXT, text).click()


def named(name: str) -> Callable[[WebElement], bool]:
    return lambda at: at.get_attribute("name") == name


def search(driver: WebDriver, text: str) -> None:
    driver.find_element(By.NAME, "wanted").send_keys(text, Keys.ENTER)
    expect(driver, "Results")


def find_case(driver: WebDriver, visit: Visit) -> None:
    visit("/cases/")
    fill(driver, system="PNC", number=PNC, purpose="Manage risk", reason=REASON)
    press(driver, "Find")
    expect(driver, NAME)


def test_from_a_number_to_what_was_said(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(COORDINATOR)
    find_case(driver, visit)
    check_page("cases-found")
    follow(driver, "Open the case")
    assert NAME not in text_of(driver)
    expect(driver, "Agency contribution")
    check_page("cases-masked")
    driver.find_element(By.TAG_NAME, "summary").click()
    fill(driver, purpose="Manage risk", reason=REASON)
    press(driver, "Show who this is")
    expect(driver, NAME)
    check_page("cases-shown")
    follow(driver, "Mask again")
    assert NAME not in text_of(driver)
    follow(driver, "What we hold")
    check_page("cases-held")
    follow(driver, "Agency contribution")
    fill(driver, reason=REASON)
    press(driver, "Show what it says")
    expect(driver, NAME)
    expect(driver, REASON)
    check_page("inbox-shown")


def test_without_a_reason_nobody_is_shown(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(COORDINATOR)
    visit("/cases/")
    fill(driver, system="PNC", number=PNC)
    press(driver, "Find")
    expect(driver, "Enter why you need to see this")
    assert driver.find_element(By.NAME, "number").get_attribute("value") == PNC
    check_page("cases-incomplete")


def test_a_case_is_found_by_the_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/cases/")
    for name, keys in (("system", "PNC"), ("number", PNC), ("purpose", "Manage"), ("reason", REASON)):
        tab_to(driver, named(name)).send_keys(keys)
    tab_to(driver, lambda at: at.text == "Find").send_keys(Keys.ENTER)
    expect(driver, NAME)
    tab_to(driver, lambda at: at.text.startswith("Open the case")).send_keys(Keys.ENTER)
    assert NAME not in text_of(driver)
    expect(driver, "Agency contribution")


def test_an_id_is_found_from_the_search_box(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(COORDINATOR)
    find_case(driver, visit)
    follow(driver, "Open the case")
    subject = driver.current_url.rstrip("/").rpartition("/")[2]
    visit("/")
    search(driver, subject)
    check_page("search-found")
    follow(driver, f"Case {subject[:8]}")
    expect(driver, "Agency contribution")


def test_a_name_typed_in_the_search_box_goes_into_no_address(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/")
    search(driver, NAME)
    expect(driver, "Nothing found")
    assert "quillfeather" not in driver.current_url.lower()
