"""Journeys in the rulebook: from a paragraph to a rule and what it waits for; by words; by keyboard."""

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, tab_to

OFFICER, COORDINATOR = "Idris Fallowfield", "Beatrix Holloway-Ash"


def search(driver: WebDriver, **fields: str) -> None:
    for name, value in fields.items():
        field = driver.find_element(By.CSS_SELECTOR, f"main [name={name}]")
        field.clear()
        field.send_keys(value)
    driver.find_element(By.XPATH, "//main//button[normalize-space()='Search']").click()


def test_from_a_paragraph_to_the_rule_and_what_it_waits_for(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/rulebook/")
    expect(driver, "in force since")
    check_page("rulebook")
    search(driver, paragraph="MAPPA 21.29")
    expect(driver, "MAPPA-21.29")
    check_page("rulebook-found")
    driver.find_element(By.LINK_TEXT, "MAPPA-21.29").click()
    expect(driver, "talked through with the DWP")
    check_page("rulebook-rule")
    driver.find_element(By.LINK_TEXT, "DWP_CONTACT_CONSULTED").click()
    expect(driver, "Who may lift it")
    check_page("rulebook-prerequisite")


def test_words_find_rules_and_stand_in_no_address(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/rulebook/")
    search(driver, text="adoption zebra")
    expect(driver, "Nothing found")
    assert "zebra" not in driver.current_url
    check_page("rulebook-nothing")
    search(driver, text="counter-terrorism")
    expect(driver, "MAPPA-24.26")
    assert "terrorism" not in driver.current_url


def test_a_time_limit_and_breach_law_are_read_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(OFFICER)
    visit("/rulebook/?kind=breach-duties")
    expect(driver, "Duties after a breach")
    link = tab_to(driver, lambda at: at.tag_name == "a" and at.text == "CAUSE")
    link.send_keys(Keys.ENTER)
    expect(driver, "DPA 2018 s.67(6)")
    tab_to(driver, lambda at: at.text == "CAUSE_RECORDED").send_keys(Keys.ENTER)
    expect(driver, "Step about a breach")
