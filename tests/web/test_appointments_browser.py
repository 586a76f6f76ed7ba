"""Appointments of a joint case in the real browser: from what is needed to what is agreed, by keyboard alone; each page
for accessibility, narrow screens and print."""

import datetime as dt

import pytest
from keyboard import Walk, check_error_is_reached, walk_to_the_end
from playwright.sync_api import Browser, expect
from print_checks import check_print
from sample_run import VICTIM
from test_web_browser import SIZES, WALKED, browser, check_at_every_size, chromium, server  # noqa: F401

pytestmark = pytest.mark.browser
ADVOCATE = "Victim advocate"


def day(number: int) -> str:
    return f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=number)}"


@pytest.mark.slow
@pytest.mark.parametrize("size", WALKED)
def test_an_advocate_plans_appointments_by_keyboard_alone(size, server, browser: Browser):  # noqa: F811
    address, users = server
    walk = Walk(browser.new_context(java_script_enabled=False, viewport=SIZES[size]).new_page())
    page = walk.go(f"{address}/people/{VICTIM}/case/")
    walk.write("#id_username", users[ADVOCATE][0])
    walk.write("#id_password", users[ADVOCATE][1])
    walk.press("main button")
    walk.pick("purpose", "victim_response")
    walk.write("#id_reference", "MTG-2026-041")
    walk.press("button:has-text('Continue')")
    for field, value in (("case_type", "marac"), ("agency", "advocate"), ("part", "harmed")):
        walk.choose(f"#id_{field}", value)
    walk.press("button:has-text('Open the case')")
    if "/people/" in page.url:  # there is one already, made by the same test at another size
        walk.go(f"{address}/cases/")
        walk.press("main a[href^='/cases/']")
    walk.press("a:text-is('Appointments as one plan')")
    walk.unfold("Add an appointment that is needed")
    walk.press("button:text-is('Add it')")
    check_error_is_reached(walk, "Choose a service", "#id_need-service")
    walk.choose("#id_need-service", "forensic_examination")
    walk.write("#id_need-from_date", day(0))
    walk.write("#id_need-by_date", day(5))
    walk.press("button:text-is('Add it')")
    walk.unfold("Add a time that a service has")
    walk.choose("#id_offer-service", "forensic_examination")
    walk.write("#id_offer-who", "Nurse on duty")
    walk.choose("#id_offer-sex", "female")
    walk.choose("#id_offer-building", "vale-hospital")
    walk.write("#id_offer-date", day(1 + list(SIZES).index(size)))
    walk.write("#id_offer-starts", "10:00")
    walk.write("#id_offer-ends", "11:30")
    walk.press("button:text-is('Add the time')")
    walk.press("button:text-is('Plan it')")
    expect(page.locator("#done")).to_contain_text("It is planned")
    walk.go(page.url.partition("#")[0])
    walk.unfold("Choose a time yourself")
    walk.press("button:text-is('Choose it and plan again')")
    check_error_is_reached(walk, "Choose the appointment", "#id_choose-need")
    for field in ("need", "offer"):
        walk.choose(f"#id_choose-{field}", page.locator(f"#id_choose-{field} option").last.get_attribute("value"))
    walk.write("#id_choose-starts", "10:30")
    walk.press("button:text-is('Choose it and plan again')")
    expect(page.locator("main")).to_contain_text("10:30 to 11:30")
    walk.press("button:has-text('Agreed with them')")
    expect(page.locator("main")).to_contain_text("Agreed")
    walk_to_the_end(page)
    where = page.url.split("?")[0]
    again = browser.new_context(storage_state=page.context.storage_state(), viewport=SIZES["wide"])
    other = again.new_page()
    other.goto(where)
    check_at_every_size(other, "appointments")
    other.goto(f"{where}accused/")
    check_at_every_size(other, "appointments-accused")
    other.set_viewport_size(SIZES["wide"])
    other.goto(where)
    check_print(other)
    again.close()
