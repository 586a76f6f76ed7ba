"""Chains and forecasts in the real browser: read by everybody, at every size and on paper."""

import pytest
from playwright.sync_api import expect
from print_checks import check_print
from test_boards_browser import open_all, open_as
from test_web_browser import browser, check_at_every_size, chromium, server  # noqa: F401

pytestmark = pytest.mark.browser


def test_a_chain_at_every_size_and_on_paper(server, browser):  # noqa: F811
    page = open_as(server, browser, "Finance officer", "/chains/")
    expect(page.locator("main")).to_contain_text("Homes first")
    check_at_every_size(page, "chains")
    page.click("main table a:has-text('Homes first')")
    expect(page.locator("h1")).to_have_text("Homes first")
    expect(page.locator("main")).to_contain_text("The first gap: outcome")
    check_at_every_size(page, "chain")
    check_print(page)


def test_a_decision_with_its_forecast_and_what_came_of_it(server, browser):  # noqa: F811
    page = open_as(server, browser, "Board member", "/chains/")
    page.click("main table a:has-text('Homes first')")
    page.locator("main a[href^='/boards/decisions/']").first.click()
    expect(page.locator("h1")).to_have_text("More lettings")
    expect(page.locator("main")).to_contain_text("What was published since: three more lettings")
    expect(page.locator("main")).to_contain_text("Outside the band on")
    open_all(page)
    check_at_every_size(page, "decision-with-forecast")
    check_print(page)


def test_a_paper_shows_what_it_would_do_and_offers_scenarios(server, browser):  # noqa: F811
    page = open_as(server, browser, "Commissioner", "/chains/")
    page.click("main table a:has-text('Homes first')")
    page.locator("main a[href^='/boards/decisions/']").first.click()
    page.locator("main a[href*='/meetings/']").first.click()
    page.locator("main a[href*='/papers/']").first.click()
    expect(page.locator("main")).to_contain_text("What it would do to every queue")
    open_all(page)
    check_at_every_size(page, "paper-with-forecast")
