"""Board packs in the real browser: made from the form, read at every size and on paper, with its pictures told."""

import pytest
from playwright.sync_api import expect
from print_checks import check_print
from test_boards_browser import open_as
from test_web_browser import browser, check_at_every_size, chromium, server  # noqa: F401

pytestmark = pytest.mark.browser


def test_a_pack_is_made_and_read_at_every_size_and_on_paper(server, browser):  # noqa: F811
    page = open_as(server, browser, "Commissioner", "/boards/justice/packs/")
    expect(page.locator("main")).to_contain_text("None was made yet")
    check_at_every_size(page, "board-packs-none")
    page.select_option("select[name=made_for]", "members")
    page.click("text=Make the pack")
    expect(page.locator("h1")).to_contain_text("Confidential: Board pack of Sample Justice Board")
    here = page.url
    for words in (
        "What changed since the last pack",
        "Outcomes",
        "Waits",
        "What may be bought jointly",
        "What this was made of",
    ):
        expect(page.locator("main")).to_contain_text(words)
    assert page.locator("svg[role=img]").count() >= 2
    assert all(page.locator("svg[role=img]").nth(n).get_attribute("aria-label") for n in range(2))
    check_at_every_size(page, "board-pack")
    page.goto(here)
    with page.expect_download() as download:
        page.click("text=PDF to read and print")
    assert download.value.suggested_filename.endswith(".pdf")
    page.goto(here.partition("/packs/")[0] + "/boards/justice/packs/")
    expect(page.locator("table")).to_contain_text("Members alone")
    check_at_every_size(page, "board-packs")
    page.goto(here)
    check_print(page)


def test_who_does_not_sit_reads_of_no_pack_for_members(server, browser):  # noqa: F811
    page = open_as(server, browser, "Analyst", "/boards/justice/packs/")
    expect(page.locator("main")).not_to_contain_text("Members alone")
    expect(page.locator("main")).to_contain_text("The commissioner of the board makes its packs")
