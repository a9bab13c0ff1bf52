"""Time limits and notifications in a browser: what is due for whom, and what cannot be seen."""

from selenium.webdriver.common.by import By

from tests.console.conftest import SignIn, Visit
from tests.console.test_holds import press
from tests.support.pages import PageChecker, expect, expect_address

COORDINATOR, SERGEANT = "Beatrix Holloway-Ash", "Hester Quenby"


def test_from_the_counts_of_an_agency_to_one_of_its_time_limits(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/clocks/")
    expect(driver, "By agency")
    check_page("clocks-board")
    driver.find_element(By.CSS_SELECTOR, "#counts tbody a").click()
    expect_address(driver, "agency=")
    driver.find_element(By.CSS_SELECTOR, "tbody a[href^='/clocks/']").click()
    expect(driver, "Who owes it")
    check_page("clocks-clock")


def test_what_ended_late_is_listed_newest_first(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/clocks/")
    field = driver.find_element(By.ID, "filter-view")
    next(each for each in field.find_elements(By.TAG_NAME, "option") if each.text == "Came late").click()
    press(driver, "Apply filters")
    expect_address(driver, "view=late")
    shown = driver.find_element(By.TAG_NAME, "main").text
    assert "\nCame " in shown or "No time limit has ended so" in shown


def test_an_organisation_has_its_own_board_and_its_calls(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(SERGEANT)
    visit("/clocks/")
    expect(driver, "Time limits")
    visit("/clocks/not-confirmed")
    expect(driver, "Somebody is in danger: telephone the desk now")
    check_page("clocks-not-confirmed")


def test_notifications_say_what_they_cannot_see(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/notifications/")
    expect(driver, "What it cannot see")
    check_page("notifications")
