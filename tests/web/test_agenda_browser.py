"""The agenda of a meeting in the real browser: ordered by keyboard alone and without a script, dragged by pointer, on
paper and at each size, and by two coordinators at once."""

import datetime as dt
import re

import pytest
from keyboard import Walk, check_error_is_reached, walk_to_the_end
from playwright.sync_api import Browser, BrowserContext, Page, expect
from print_checks import check_print
from sample_run import VICTIM
from test_web_browser import (  # noqa: F401
    SIZES,
    browser,
    check_at_every_size,
    chromium,
    keep_picture,
    server,
    sign_in,
)

pytestmark = pytest.mark.browser
ADVOCATE, COORDINATOR, HOSPITAL = "Victim advocate", "Meeting coordinator", "Partner in the response to abuse"
WITH_HOSPITAL = (True, False, True, False)
"""Of the four cases, in which the hospital takes part: in order it sits through one of the others."""


def desk(browser: Browser, address: str, user: tuple[str, str]) -> Page:  # noqa: F811
    page = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"]).new_page()
    sign_in(page, address, *user)
    page.goto(f"{address}/reason/")
    page.check("input[value=victim_response]")
    page.fill("#id_reference", "MTG-2026-041")
    page.click("text=Continue")
    return page


def open_case(advocate: Page, address: str) -> str:
    """Open a case, another one where there is one already; return its address."""
    advocate.goto(f"{address}/people/{VICTIM}/case/")
    for field, value in (("case_type", "marac"), ("agency", "advocate"), ("part", "harmed")):
        advocate.select_option(f"#id_{field}", value)
    advocate.click("text=Open the case")
    if advocate.locator("#id_another").count():
        advocate.select_option("#id_another", "yes")
        advocate.click("text=Open the case")
    expect(advocate.locator("h1")).to_contain_text("JC-")
    return advocate.url.split("?")[0]


def bring_in(advocate: Page, case: str, other: Page, address: str, team: str, seat: str) -> None:
    """Offer the case to a team, where somebody accepts."""
    advocate.goto(case)
    advocate.locator("summary", has_text="Offer the case to a team").click()
    for field, value in (("team", team), ("agency", seat), ("right", "edit"), ("sight", "whole")):
        advocate.select_option(f"#id_offer-{field}", value)
    advocate.get_by_role("button", name="Offer", exact=True).click()
    other.goto(f"{address}/work-list/")
    other.locator("main table a[href^='/offers/']").first.click()
    other.click("text=Accept, and take part myself")


@pytest.fixture(scope="module")
def cases(server, browser: Browser):  # noqa: F811
    """The coordinator's page, and the references of four cases on which they work."""
    address, users = server
    advocate, coordinator, hospital = (
        desk(browser, address, users[role]) for role in (ADVOCATE, COORDINATOR, HOSPITAL)
    )
    references = []
    for with_hospital in WITH_HOSPITAL:
        case = open_case(advocate, address)
        references.append(advocate.locator("h1").inner_text())
        bring_in(advocate, case, coordinator, address, "vale-coordination", "coordination")
        if with_hospital:
            bring_in(advocate, case, hospital, address, "hospital-safeguarding", "health")
    return coordinator, references


def plan(coordinator: Page, address: str, references: list[str], days: int) -> str:
    """Plan a meeting with these cases on it; return the address of its agenda. The meeting's page is open."""
    coordinator.goto(f"{address}/meetings/")
    coordinator.select_option("#id_case_type", "marac")
    coordinator.fill("#id_starts_at", f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)} 10:00")
    coordinator.click("text=Plan it")
    for reference in references:
        if not coordinator.locator("details[open] > summary", has_text="Put a case on the agenda").count():
            coordinator.locator("summary", has_text="Put a case on the agenda").click()
        coordinator.select_option("#id_case", label=reference)
        coordinator.click("text=Put it on")
    return coordinator.url.split("?")[0] + "agenda/"


def order_of(page: Page) -> list[str]:
    words = page.locator("section[aria-labelledby=now] .app-slot strong a").all_inner_texts()
    return [word.strip() for word in words]


def with_script(browser: Browser, page: Page, size: str = "wide") -> tuple[BrowserContext, Page]:  # noqa: F811
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=SIZES[size])
    return context, context.new_page()


def test_an_agenda_is_ordered_by_keyboard_alone(server, browser, cases):  # noqa: F811
    coordinator, references = cases
    agenda = plan(coordinator, server[0], references[:3], 9)
    first, second, third = references[:3]
    walk = Walk(coordinator)
    walk.begin()
    walk.press("a:text-is('Order and times of the agenda, and cases that wait')")
    page = coordinator
    assert page.url == agenda and order_of(page) == references[:3]
    expect(page.locator("main")).to_contain_text("The order as it stands costs 15 minutes more")
    walk.press("td button:has-text('Put it on')")
    expect(page.locator("#done")).to_contain_text("The case is on the agenda")
    walk.press("button:has-text('Accept the proposed order')")
    expect(page.locator("main")).to_contain_text("It stands as proposed: it is proved that no order is better")
    accepted = order_of(page)
    assert abs(accepted.index(first) - accepted.index(third)) == 1
    walk.press("button:has-text('Down')")
    expect(page.locator("#done")).to_contain_text("held at its new place")
    assert order_of(page)[1] == accepted[0]
    walk.press(f"summary:has-text('Place, time and minutes of {second}')", "Space")
    walk.page.evaluate("window.lastStop = document.activeElement")
    walk.begin()
    row = f"li.app-slot:has(a:text-is('{second}'))"
    walk.write(f"{row} input[name=time]", "noon")
    walk.press(f"{row} button:has-text('Hold until then')")
    check_error_is_reached(walk, "Enter a time such as 10:30", f"{row} input[name=time]")
    walk.write(f"{row} input[name=time]", "10:45")
    walk.press(f"{row} button:has-text('Hold until then')")
    expect(page.locator("main")).to_contain_text("Held: not before 10:45")
    expect(page.locator("main")).to_contain_text("Every proposal keeps it until it is taken back")
    walk.press("button:has-text('Take back the time')")
    walk.press("button:has-text('Take back the place')")
    expect(page.locator("main")).not_to_contain_text("Held by hand")
    expect(page.locator("main")).to_contain_text("It stands as proposed" if order_of(page) == accepted else "Proposed")
    walk_to_the_end(page)


def test_a_case_is_dragged_to_a_place_and_an_order_refused(server, browser, cases):  # noqa: F811
    coordinator, references = cases
    agenda = plan(coordinator, server[0], references, 16)
    context, page = with_script(browser, coordinator)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    page.goto(agenda)
    assert not refused, refused
    expect(page.locator(".app-slot__handle")).to_have_count(4)
    check_at_every_size(page, "agenda")
    page.set_viewport_size(SIZES["wide"])
    page.locator(".app-slot__handle").nth(3).scroll_into_view_if_needed()
    handle = page.locator(".app-slot__handle").nth(3).bounding_box()
    target = page.locator("section[aria-labelledby=now] .app-slot").nth(1).bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 50, target["y"] + 20, steps=5)
    expect(page.locator(".app-slot--moving")).to_have_count(1)
    expect(page.locator(".app-slot--before")).to_have_count(1)
    keep_picture(page, "agenda-dragged")
    page.keyboard.press("Escape")
    expect(page.locator(".app-slot--moving")).to_have_count(0)
    page.mouse.up()
    assert order_of(page) == references, "let go of by Escape, nothing is sent"
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 50, target["y"] + 20, steps=5)
    with page.expect_navigation():
        page.mouse.up()
    expect(page.locator("#done")).to_contain_text("held at that place")
    assert order_of(page) == [references[at] for at in (0, 3, 1, 2)]
    expect(page.locator("main")).to_contain_text("Held at place 2")
    keep_picture(page, "agenda-held")
    page.locator("summary", has_text="Refuse the proposed order").click()
    page.get_by_role("button", name="Refuse it").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose from the list why")
    page.select_option("#reason", "arranged")
    page.get_by_role("button", name="Refuse it").click()
    expect(page.locator("main")).to_contain_text(re.compile("Refused by .*the times are arranged with people already"))
    check_at_every_size(page, "agenda-refused")
    context.close()


def test_a_finger_drags_on_a_narrow_screen(server, browser, cases):  # noqa: F811
    coordinator, references = cases
    agenda = plan(coordinator, server[0], references, 23)
    context = browser.new_context(
        storage_state=coordinator.context.storage_state(), viewport=SIZES["narrow"], has_touch=True
    )
    page = context.new_page()
    page.goto(agenda)
    page.locator(".app-slot__handle").nth(0).scroll_into_view_if_needed()
    handle = page.locator(".app-slot__handle").nth(0).bounding_box()
    target = page.locator("section[aria-labelledby=now] .app-slot").nth(1).bounding_box()
    here = {"x": handle["x"] + 8, "y": handle["y"] + 8}
    there = {"x": handle["x"] + 8, "y": target["y"] + target["height"] - 4}
    devtools = context.new_cdp_session(page)
    for kind, points in (("touchStart", [here]), ("touchMove", [there]), ("touchEnd", [])):
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_url("**done=place")
    assert order_of(page) == [references[at] for at in (1, 0, 2, 3)]
    context.close()


def test_two_coordinators_at_once_and_the_agenda_on_paper(server, browser, cases):  # noqa: F811
    coordinator, references = cases
    agenda = plan(coordinator, server[0], references, 30)
    context, page = with_script(browser, coordinator)
    page.goto(agenda)
    coordinator.goto(agenda)
    page.locator("button", has_text="Down").first.click()
    expect(page.locator("#done")).to_contain_text("held at its new place")
    coordinator.get_by_role("button", name="Accept the proposed order").click()
    expect(coordinator.locator(".govuk-error-summary")).to_contain_text("Somebody else changed this")
    expect(coordinator.locator("main")).to_contain_text("Held at place 2")
    with page.expect_download() as saved:
        page.locator("a", has_text="Calendar file of these times").click()
    assert saved.value.suggested_filename == "agenda.ics"
    keep_picture(page, "agenda-before-print")
    page.emulate_media(media="print")
    keep_picture(page, "agenda-print")
    check_print(page)
    context.close()
