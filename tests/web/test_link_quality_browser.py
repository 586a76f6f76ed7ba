"""The page *Quality of links* and a sitting of drawn pairs in the real browser: every size, paper, keyboard."""

import pytest
from keyboard import Walk, check_skip_link
from playwright.sync_api import expect
from print_checks import check_print
from test_boards_browser import open_as
from test_web_browser import browser, check_at_every_size, chromium, server  # noqa: F401

pytestmark = pytest.mark.browser


def test_the_page_fits_every_size_and_paper(server, browser):  # noqa: F811
    page = open_as(server, browser, "Board member", "/link-quality/")
    expect(page.locator("h1")).to_have_text("How often linking errs")
    expect(page.locator("#errors-table")).to_be_visible()
    check_at_every_size(page, "link-quality")
    check_print(page)
    page.context.close()


def test_by_keyboard_from_the_page_to_a_pair_that_was_drawn(server, browser):  # noqa: F811
    page = open_as(server, browser, "Analyst", "/link-quality/")
    walk = Walk(page)
    check_skip_link(walk)
    walk.begin()
    walk.press("main a[href='/links/']")
    expect(page.locator("h1")).to_have_text("Links to review")
    check_at_every_size(page, "links-with-a-sample")
    walk.begin()
    walk.write("#id_reference", "LR-2026-8")
    walk.press("button[name=what]")
    expect(page.locator("h1")).to_contain_text("one person?")
    check_at_every_size(page, "link-review-drawn")
    page.context.close()
