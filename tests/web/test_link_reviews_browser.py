"""The review of links in the real browser: by keyboard alone, at every size, on paper, and how fast it lets one go."""

import pytest
from keyboard import Walk, check_skip_link
from playwright.sync_api import expect
from print_checks import check_print
from test_boards_browser import open_as
from test_web_browser import browser, check_at_every_size, chromium, server  # noqa: F401

pytestmark = pytest.mark.browser


def begin(page) -> None:
    page.fill("#id_reference", "LR-2026-7")
    page.keyboard.press("Enter")
    expect(page.locator("fieldset legend")).to_contain_text("Are they one person?")


def test_a_pair_is_read_decided_and_the_next_comes_by_keyboard_alone(server, browser):  # noqa: F811
    page = open_as(server, browser, "Analyst", "/links/")
    walk = Walk(page)
    check_skip_link(walk)
    walk.begin()
    walk.write("#id_reference", "LR-2026-7")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = page.url
    walk.begin()
    walk.press("main button[type=submit]")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose what you say of the two records")
    walk.press(".govuk-error-summary a")
    expect(page.locator("#id_reason")).to_be_focused()
    walk.begin()
    walk.pick("reason", "relatives")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Your answer is kept. This is the next pair.")
    assert page.url.partition("?")[0] != first
    here = page.url
    expect(page.locator("input[value=agrees]")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("input[value=agrees]")).to_be_checked()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url != here
    page.context.close()


def test_the_pages_fit_every_size_and_paper(server, browser):  # noqa: F811
    page = open_as(server, browser, "Information governance lead", "/links/")
    check_at_every_size(page, "links-to-review")
    begin(page)
    check_at_every_size(page, "link-review")
    here = page.url
    page.click("main button[type=submit]")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    check_at_every_size(page, "link-review-refused")
    page.goto(here)
    page.click("text=What rests on who they are now")
    expect(page.locator("h1")).to_have_text("What rests on who they are now")
    check_at_every_size(page, "link-relied")
    page.goto(f"{server[0]}/links/")
    page.click("text=Decided pair 1")
    expect(page.locator("legend")).to_contain_text("Decide anew")
    check_at_every_size(page, "link-decided")
    page.goto(here)
    check_print(page)
    page.context.close()


def test_the_software_holds_nobody_up(server, browser):  # noqa: F811
    """Two keys a pair, and the next page is there."""
    page = open_as(server, browser, "Information governance lead", "/links/")
    begin(page)
    pairs = 0
    while "/links/?" not in page.url and pairs < 8:
        expect(page.locator("input[value=agrees]")).to_be_focused()
        page.keyboard.press("Space")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        pairs += 1
    assert pairs == 8
    page.context.close()
