"""The portfolio in the real browser: accessible, narrow, on paper, from the question to what a board chose."""

import pytest
from playwright.sync_api import Browser, Page, expect
from print_checks import check_print
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
STUDY_MS = 90_000


def open_as(server, browser: Browser, role: str, path: str) -> Page:  # noqa: F811
    address, users = server
    page = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"]).new_page()
    sign_in(page, address, *users[role])
    state = page.context.storage_state()
    page.context.close()
    page = browser.new_context(storage_state=state, viewport=SIZES["wide"]).new_page()
    page.goto(f"{address}{path}")
    return page


def wait_for_study(page: Page) -> None:
    """The page looks again by itself until the study is there."""
    expect(page.locator("#price")).to_be_visible(timeout=STUDY_MS)


@pytest.mark.slow
def test_a_board_reads_asks_and_chooses(server, browser):  # noqa: F811
    page = open_as(server, browser, "Board member", "/portfolio/")
    expect(page.locator("h1")).to_have_text("Portfolio")
    wait_for_study(page)
    check_at_every_size(page, "portfolio")
    check_print(page)
    keep_picture(page, "portfolio-printed")
    page.emulate_media(media="screen")
    with page.expect_download() as download:
        page.locator("a:has-text('CSV')").first.click()
    assert download.value.suggested_filename.startswith("portfolio-interventions")
    page.click("main a:has-text('Ask about other budgets')")
    check_at_every_size(page, "portfolio-ask")
    page.fill("#id_purse0", "much")
    page.click("button:text-is('Ask')")
    expect(page.locator(".govuk-error-summary")).to_contain_text("as whole pounds")
    check_at_every_size(page, "portfolio-ask-refused")
    page.fill("#id_purse0", "1400")
    page.click("button:text-is('Ask')")
    wait_for_study(page)
    expect(page.locator("h1")).to_have_text("Portfolio with other budgets")
    expect(page.locator("#bodies-table + thead, #bodies-table").first).to_be_visible()
    assert page.locator("text=Write down the choice").count() == 0, "a board member writes nothing down"
    address = page.url
    page.context.close()

    page = open_as(server, browser, "Commissioner", "/portfolio/")
    page.goto(address)
    page.select_option("#id_plan", "no_loser")
    page.select_option("#id_because", "nobody_loses")
    page.fill("#id_board", "a board!")
    page.fill("#id_chosen_on", "2026-11-20")
    page.click("button:text-is('Write down the choice')")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the id of the board")
    check_at_every_size(page, "portfolio-choice-refused")
    page.fill("#id_board", "justice")
    page.click("button:text-is('Write down the choice')")
    expect(page.locator("#done")).to_contain_text("written down")
    expect(page.locator("#choice + p")).to_contain_text("One purse, nobody loses")
    check_at_every_size(page, "portfolio-chosen")
    page.context.close()
