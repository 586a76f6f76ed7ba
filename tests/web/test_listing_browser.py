"""The listing board in the real browser: accessible, narrow, on paper, and worked by keyboard alone without script."""

import pytest
from keyboard import Walk, check_error_is_reached, check_skip_link, walk_to_the_end
from playwright.sync_api import Browser, Page, expect
from print_checks import check_paper, check_print
from test_web_browser import (  # noqa: F401
    SIZES,
    WALKED,
    browser,
    check_accessible,
    check_at_every_size,
    chromium,
    keep_picture,
    server,
    sign_in,
)

pytestmark = pytest.mark.browser
OFFICER = "Listing officer"


@pytest.fixture(scope="module")
def signed_in(server, browser: Browser):  # noqa: F811
    """The state of a listing officer who has said why they look."""
    address, users = server
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, address, *users[OFFICER])
    page.goto(f"{address}/reason/")
    page.check("input[value=court_readiness]")
    page.fill("#id_reference", "MTG-2026-041")
    page.click("text=Continue")
    state = page.context.storage_state()
    page.context.close()
    return state


def open_page(server, browser: Browser, state, path: str) -> Page:  # noqa: F811
    page = browser.new_context(storage_state=state, viewport=SIZES["wide"]).new_page()
    page.goto(f"{server[0]}{path}")
    return page


def first_hearing(page: Page, words: str) -> str:
    """The address of a hearing on the board that is marked so."""
    return page.locator(f".app-court li:has-text('{words}') a").first.get_attribute("href")


def test_the_board_and_a_hearing_at_every_size_and_on_paper(server, browser, signed_in):  # noqa: F811
    board = open_page(server, browser, signed_in, "/listing/?judge=Judge+Ash&day=2026-12-03")
    expect(board.locator("h1")).to_have_text("Listing board")
    expect(board.locator("#judge-day + p")).to_contain_text("One more day of Judge Ash")
    expect(board.locator(".app-court")).to_contain_text("Taken: Tue 17 Nov")
    hearing = first_hearing(board, "Moved")
    check_at_every_size(board, "listing-board")
    board.locator("button:has-text('Print version')").click()
    check_paper(board, "listing-paper", "Listing board")
    board.goto(f"{server[0]}/listing/")
    check_print(board)
    board.context.close()
    page = open_page(server, browser, signed_in, f"{hearing}?judge=Judge+Birch&from=2026-12-01")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    check_at_every_size(page, "listing-hearing")
    check_print(page)
    page.context.close()


def test_what_is_refused_is_said_first(server, browser, signed_in):  # noqa: F811
    page = open_page(server, browser, signed_in, "/listing/?judge=Judge+Ash&day=soon")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the day as year-month-day")
    check_at_every_size(page, "listing-refused")
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("size", WALKED)
def test_accept_refuse_move_and_take_back_by_keyboard_alone(size, server, browser):  # noqa: F811
    """No mouse and no script: from signing in to a hearing that is accepted, refused, moved, and as it was."""
    address, users = server
    walk = Walk(browser.new_context(java_script_enabled=False, viewport=SIZES[size]).new_page())
    walk.go(f"{address}/listing/")
    walk.write("#id_username", users[OFFICER][0])
    walk.write("#id_password", users[OFFICER][1])
    walk.press("main button")
    walk.pick("purpose", "court_readiness")
    walk.write("#id_reference", "MTG-2026-041")
    walk.press("button:has-text('Continue')")
    check_skip_link(walk)
    if size == "narrow":
        walk_to_the_end(walk.page)
    else:
        check_grid_is_walked(walk.page)
        walk.go(f"{address}/listing/")
    hearing = first_hearing(walk.page, "Moved")
    walk.press(f"a[href='{hearing}']")
    walk.press("button:has-text('Accept it where it is')")
    expect(walk.page.locator("#done")).to_contain_text("It is accepted")
    walk.press("button:has-text('Take it back')")
    walk.unfold("Refuse it there")
    walk.press("button:text-is('Refuse it')")
    check_error_is_reached(walk, "Say why", "#id_refuse-reason")
    walk.choose("#id_refuse-reason", "attendance")
    walk.press("button:text-is('Refuse it')")
    expect(walk.page.locator("main")).to_contain_text("What it changed, of the hearings that you see")
    walk_to_the_end(walk.page)
    check_accessible_again(walk.page, browser, size)
    walk.press("button:has-text('Take it back')")
    walk.unfold("Move it")
    walk.choose("#asked-judge", "Judge Birch")
    walk.write("#asked-from", "2027-01-11")
    walk.press("button:has-text('Show sessions')")
    place = walk.page.locator("#id_move-place option").nth(1).get_attribute("value")
    walk.choose("#id_move-place", place)
    walk.choose("#id_move-reason", "child")
    walk.press("button:text-is('Move it')")
    expect(walk.page.locator("#done")).to_contain_text("It is moved")
    if size == "narrow":
        walk.press("a:text-is('Listing board')")
    walk.press("button:has-text('Take it back')")
    expect(walk.page.locator("#done")).to_contain_text("as it was before")
    walk.page.context.close()


def test_a_hearing_is_moved_on_the_grid_by_pointer(server, browser, signed_in):  # noqa: F811
    page = open_page(server, browser, signed_in, "/listing/")
    hearing = first_hearing(page, "Moved")
    page.locator(f"li:has(a[href='{hearing}']) a:text('Move')").first.click()
    expect(page.locator(".govuk-inset-text")).to_contain_text("is being moved")
    check_at_every_size(page, "listing-moving")
    page.locator(".app-court a:has-text('Move here')").first.click()
    place = page.locator("#id_move-place").input_value()
    assert place and page.locator("#move").get_attribute("open") is not None
    page.select_option("#id_move-reason", "child")
    page.click("button:text-is('Move it')")
    expect(page.locator("#done")).to_contain_text("It is moved")
    page.click("button:has-text('Take it back')")
    expect(page.locator("#done")).to_contain_text("as it was before")
    page.context.close()


def check_grid_is_walked(page: Page) -> None:
    """Beside each other cells hold several links: Tab goes through them judge by judge, in the order of reading."""
    page.locator("h1").click()
    links = page.locator(".app-court a").evaluate_all("all => all.map(one => one.href)")
    assert len(links) > 8
    page.locator(".app-court").focus()
    for link in links:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.href") == link
        assert page.evaluate("document.activeElement.checkVisibility()")


def check_accessible_again(page: Page, browser: Browser, size: str) -> None:  # noqa: F811
    """Open the same page with script, for what looks at it."""
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=SIZES[size])
    again = context.new_page()
    again.goto(page.url)
    keep_picture(again, f"listing-decided-{size}")
    assert again.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    check_accessible(again)
    context.close()
