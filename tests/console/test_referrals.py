"""The referral inbox in a browser: a real referral is received and decided, and the decision goes its way."""

from selenium.webdriver.common.by import By

from deploy.local.world import World
from tests.console.conftest import SignIn, Visit
from tests.console.sending import come_to, send
from tests.console.test_holds import press
from tests.support.clocks import valid_document
from tests.support.pages import PageChecker, expect

COORDINATOR = "Beatrix Holloway-Ash"


def test_a_referral_is_decided_and_what_became_of_the_decision_is_seen(
    console_world: World, signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    exchange_id = send(console_world, "contribution", valid_document("LevelReferral"))
    address = f"/referrals/{exchange_id}"
    driver = signed_in(COORDINATOR)
    visit("/referrals/")
    check_page("referrals-inbox")
    come_to(driver, address, lambda at: "Decide this referral" in at.page_source)
    check_page("referrals-referral")
    driver.find_element(By.LINK_TEXT, "Decide this referral").click()
    expect(driver, "What the referral says")
    check_page("referrals-decide")
    driver.find_element(By.CSS_SELECTOR, "input[name=accepted][value=no]").click()
    press(driver, "Send the decision")
    expect(driver, "Give the reasons for refusing the referral")
    check_page("referrals-decide-error")
    driver.find_element(By.NAME, "reasons").send_keys("Level 1 is enough.")
    press(driver, "Send the decision")
    expect(driver, "The decision is on its way")
    come_to(driver, address, lambda at: "See the outcome and reasons" in at.page_source)
    driver.find_element(By.LINK_TEXT, "See the outcome and reasons").click()
    driver.find_element(By.NAME, "reason").send_keys("Probation rang about it.")
    press(driver, "Show the decision")
    expect(driver, "Level 1 is enough.")
    check_page("referrals-decision")
    visit(address)
    driver.find_element(By.PARTIAL_LINK_TEXT, "See whether it was released").click()
    expect(driver, "What each recipient got")
