"""Figures in a browser: charts that have tables, other periods, a narrower look; once by keyboard alone."""

from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, expect_address, tab_to

COORDINATOR, OFFICER = "Beatrix Holloway-Ash", "Idris Fallowfield"
ALL_FIGURES = "All figures, and the period before"


def test_a_co_ordinator_looks_at_a_year(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(COORDINATOR)
    visit("/figures/")
    expect(driver, "exchanges decided")
    check_page("figures")
    Select(driver.find_element(By.NAME, "length")).select_by_visible_text("12 months, by month")
    driver.find_element(By.XPATH, "//main//form//button").click()
    expect(driver, "Decisions over time")
    expect_address(driver, "length=12-months")
    charts = driver.find_elements(By.CSS_SELECTOR, "svg[role=img]")
    shown = [each.is_displayed() for each in charts]
    assert set(zip(shown[::2], shown[1::2], strict=True)) == {(True, False), (False, True)}
    assert len(charts) == 2 * len(driver.find_elements(By.XPATH, "//summary[contains(., 'Table: ')]"))
    for each in driver.find_elements(By.TAG_NAME, "summary"):
        each.click()
    check_page("figures-year")


def test_an_officer_sees_the_own_organisation_s(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/figures/?length=52-weeks")
    expect(driver, "your organisation sent")
    expect(driver, "What came in")
    check_page("figures-officer")


def test_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/figures/")
    tab_to(driver, lambda at: at.get_attribute("name") == "length")
    ActionChains(driver).send_keys("28").perform()
    tab_to(driver, lambda at: at.tag_name == "button" and at.text == "Show").send_keys(Keys.ENTER)
    expect(driver, "Figures")
    expect_address(driver, "length=28-days")
    tab_to(driver, lambda at: at.text == ALL_FIGURES).send_keys(Keys.ENTER)
    expect(driver, "Period before")
    tab_to(driver, lambda at: at.text == "Earlier period").send_keys(Keys.ENTER)
    expect(driver, "Later period")
