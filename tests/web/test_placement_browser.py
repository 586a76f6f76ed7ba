"""The placement board in the real browser: a placement officer's morning by keyboard alone, and each page for
accessibility, narrow screens and print."""

import re

import pytest
from keyboard import Walk, check_error_is_reached, check_skip_link, walk_to_the_end
from playwright.sync_api import expect
from print_checks import check_paper, check_print
from test_web_browser import SIZES, WALKED, browser, check_at_every_size, chromium, server, sign_in  # noqa: F401

pytestmark = pytest.mark.browser
OFFICER = "Placement officer"


def begin(walk: Walk, server) -> None:  # noqa: F811
    address, users = server
    walk.go(f"{address}/placements/?show=all")
    walk.write("#id_username", users[OFFICER][0])
    walk.write("#id_password", users[OFFICER][1])
    walk.press("main button")
    walk.pick("purpose", "school_from_ta")
    walk.write("#id_reference", "MTG-2026-041")
    walk.press("button:has-text('Continue')")


@pytest.mark.slow
@pytest.mark.parametrize("size", WALKED)
def test_an_officer_decides_by_keyboard_alone(size, server, browser):  # noqa: F811
    walk = Walk(browser.new_context(java_script_enabled=False, viewport=SIZES[size]).new_page())
    begin(walk, server)
    page = walk.page
    expect(page.locator("h1")).to_have_text("Placement board")
    check_skip_link(walk)
    walk.press("main .app-person__name a")
    expect(page.locator("h1")).to_contain_text("HH-")
    household = page.url
    walk.unfold("Refuse the proposal")
    walk.press("button:text-is('Refuse it')")
    check_error_is_reached(walk, "choose a reason from the list", "#id_refuse-reason")
    walk.choose("#id_refuse-reason", "household_declined")
    walk.press("button:text-is('Refuse it')")
    expect(page.locator("#done")).to_contain_text("It is refused")
    walk.press("button:has-text('Take it back')")
    expect(page.locator("#done")).to_contain_text("taken back")
    walk.write("#why-not-unit", "N/2")
    walk.press("button:has-text('Ask why not')")
    expect(page.locator("h1")).to_have_text("Why not N/2?")
    expect(page.locator("main")).to_contain_text("A household has it, in the plan or by what was decided since")
    walk_to_the_end(page)
    walk.write("#why-not-unit", "n/")
    walk.press("button:has-text('Ask why not')")
    walk.press("main li a:text-is('N/4')")
    expect(page.locator("main")).to_contain_text("By the prices of the plan it counts")
    walk.go(household)
    walk.unfold("Choose another unit")
    walk.choose_second("#id_choose-unit")
    walk.choose("#id_choose-reason", "better_elsewhere")
    walk.write("#id_choose-words", "It is nearer to the family centre")
    walk.press("button:text-is('Choose it')")
    expect(page.locator("#done")).to_contain_text("The other unit is accepted")
    expect(page.locator("main")).to_contain_text("It is nearer to the family centre")
    walk.press("button:has-text('Take it back')")
    walk.press("button:has-text('Accept the whole chain')")
    expect(page.locator("#done")).to_contain_text("The chain is accepted")
    walk.go(f"{server[0]}/placements/?show=accepted")
    assert page.locator(".app-person").count() > 1
    for reference in page.locator(".app-person__name a").evaluate_all("all => all.map(one => one.href)"):
        walk.go(reference)
        walk.press("button:has-text('Take it back')")
    walk.go(household)
    walk_to_the_end(page)


def test_the_pages_are_accessible_fit_a_narrow_screen_and_print(server, browser):  # noqa: F811
    address, users = server
    page = browser.new_context(viewport=SIZES["wide"]).new_page()
    sign_in(page, address, *users[OFFICER])
    page.goto(f"{address}/reason/")
    page.check("input[value=school_from_ta]")
    page.fill("#id_reference", "MTG-2026-041")
    page.click("text=Continue")
    page.goto(f"{address}/placements/?show=all")
    refused = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    check_at_every_size(page, "placements")
    page.set_viewport_size(SIZES["wide"])
    page.locator(".app-person__name a").first.click()
    expect(page.locator(".app-sketch")).to_be_visible()
    for words in ("Choose another unit", "Refuse the proposal"):
        page.locator("summary", has_text=words).click()
    check_at_every_size(page, "placement")
    assert not refused, refused
    household = page.url
    page.goto(f"{household}why-not/?unit=N%2F4")
    check_at_every_size(page, "placement-why-not")
    page.goto(household)
    page.locator("button:has-text('Print version')").click()
    check_paper(page, "placement-paper", "Placement of HH-")
    page.goto(household)
    check_print(page)
    last_board = page.context.new_page()
    last_board.goto(f"{address}/placements/?show=all")
    last_board.locator("button:has-text('Print version')").click()
    check_paper(last_board, "placements-paper", "Placement board")
    other = page.context.new_page()
    other.goto(f"{address}/placements/?show=all")
    check_print(other)
    last = page.context.new_page()
    last.goto(household)
    with last.expect_download() as download:
        last.evaluate("location.href = '/placements/moves.ics'")
    assert re.fullmatch(r"moves\.ics", download.value.suggested_filename)
