"""Journeys of somebody who tries an exchange: chosen, refined, understood; and by keyboard alone."""

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, expect_address, tab_to

OFFICER, MANAGER = "Idris Fallowfield", "Callum Tidewright"


def choose(driver: WebDriver, name: str, text: str) -> None:
    Select(driver.find_element(By.CSS_SELECTOR, f"main [name='{name}']")).select_by_visible_text(text)


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def option_that(driver: WebDriver, name: str, value: str) -> str:
    css = f"main [name='{name}'] option[value='{value}']"
    return driver.find_element(By.CSS_SELECTOR, css).text


def test_what_would_wait_goes_once_it_is_said_to_be_so(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(MANAGER)
    visit("/try-it/")
    expect(driver, "Nothing tried yet")
    check_page("tryit")
    choose(driver, "to", option_that(driver, "to", "dwp-kent/mappa-spoc"))
    choose(driver, "document", option_that(driver, "document", "RestrictionNotice"))
    press(driver, "Try it")
    expect(driver, "Nothing would go yet")
    check_page("tryit-waits")
    choose(driver, "fact.mappa_managed", "Yes")
    choose(driver, "fact.offender_informed", "Yes")
    press(driver, "Try again")
    expect(driver, "Something would go")
    expect(driver, "What would stay")
    check_page("tryit-goes")
    driver.find_element(By.LINK_TEXT, "MAPPA-21.28").click()
    expect(driver, "Department for Work and Pensions may learn")


def test_it_is_tried_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(OFFICER)
    visit("/try-it/")
    tab_to(driver, lambda at: at.get_attribute("name") == "to").send_keys(
        option_that(driver, "to", "kent-childrens/front-door")
    )
    tab_to(driver, lambda at: at.get_attribute("name") == "document").send_keys(
        option_that(driver, "document", "ChildReferral")
    )
    tab_to(driver, lambda at: at.tag_name == "button" and at.text == "Try it").send_keys(Keys.ENTER)
    expect(driver, "What would")
    expect_address(driver, "document=ChildReferral")
    tab_to(driver, lambda at: at.tag_name == "summary").send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.find_element(By.XPATH, "..").get_attribute("open") is not None
