"""A data protection officer's journey through a breach case: opened, worked on, found what it concerns."""

from datetime import datetime, timedelta

from selenium.webdriver import Keys

from services.console.words import LONDON
from tests.console.conftest import SignIn, Visit
from tests.console.officers import AGENCY_OFFICER, choose, fill, follow, main_of, press
from tests.support.pages import PageChecker, expect, tab_to


def day_ago() -> dict[str, str]:
    """A day and time of day that have passed, within the 72 hours."""
    at = datetime.now(LONDON) - timedelta(days=1)
    return {"day": f"{at.day}/{at.month}/{at.year}", "clock": f"{at:%H:%M}"}


def test_a_breach_from_its_opening_to_what_it_concerns(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(AGENCY_OFFICER)
    visit("/breaches/")
    check_page("breaches")
    press(driver, "Open a case")
    expect(driver, "When did your organisation know?")
    press(driver, "Open the case and start its clock")
    expect(driver, "Select what happened")
    check_page("breach-open")
    choose(driver, "Somebody learned what they must not know")
    fill(driver, reason="A letter went to the wrong address.", **day_ago())
    press(driver, "Open the case and start its clock")
    expect(driver, "The case is open")
    assert "47 hours left" in main_of(driver)
    press(driver, "Note a step")
    choose(driver, "The breach was contained")
    fill(driver, reason="The letter came back unopened.", **day_ago())
    press(driver, "Note this step")
    expect(driver, "The step is noted")
    press(driver, "Find what it concerns")
    follow(driver, "A period")
    expect(driver, "Only with this organisation")
    check_page("breach-find")
    today = f"{datetime.now(LONDON):%d/%m/%Y}"
    fill(driver, since=today, until=today, reason="All that was sent today")
    press(driver, "Find and add exchanges")
    expect(driver, "The search added")
    check_page("breach-case")


def test_a_case_is_opened_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(AGENCY_OFFICER)
    visit("/breaches/open")
    when = day_ago()
    tab_to(driver, lambda at: at.get_attribute("name") == "kind").send_keys(Keys.SPACE)
    tab_to(driver, lambda at: at.get_attribute("name") == "day").send_keys(when["day"])
    tab_to(driver, lambda at: at.get_attribute("name") == "clock").send_keys(when["clock"])
    tab_to(driver, lambda at: at.get_attribute("name") == "reason").send_keys("An email went astray.")
    tab_to(driver, lambda at: at.text.startswith("Open the case")).send_keys(Keys.ENTER)
    expect(driver, "The case is open")
