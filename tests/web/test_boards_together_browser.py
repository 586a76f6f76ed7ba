"""A session of two boards in the real browser: the common agenda, what is not known, and the pack for both."""

import io
from pathlib import Path

import openpyxl
import pypdf
import pytest
from keyboard import Walk, check_skip_link
from playwright.sync_api import expect
from print_checks import check_print
from test_boards_browser import open_as
from test_web_browser import SIZES, browser, check_at_every_size, chromium, server, sign_in  # noqa: F401

pytestmark = pytest.mark.browser
SESSION = "/boards-together/?one=justice&other=safety"
BOTH = "Sample Justice Board and Sample Safety Partnership"


def words_of(one) -> str:
    return "".join(one.split())


def opened(page, link: str) -> bytes:
    with page.expect_download() as download:
        page.click(f"main a:text-is('{link}')")
    return Path(download.value.path()).read_bytes()


def test_two_boards_settle_from_one_agenda_and_open_the_pack(server, browser):  # noqa: F811
    page = open_as(server, browser, "Board member", SESSION)
    expect(page.locator("h2#common")).to_have_text(BOTH)
    agenda, gaps = page.locator("table:has(#agenda-table) tbody tr"), page.locator("h3#gaps ~ ul")
    rows = agenda.all_inner_texts()
    assert any("408 to 412 people" in row for row in rows)
    assert any("about 60%" in row and "wait on lists of Sample Safety Partnership" in row for row in rows)
    unknown = gaps.first.locator("li").all_inner_texts()
    assert "Sample Safety Partnership has no target for any outcome." in unknown
    assert not any("on both lists" in words for words in unknown), "what is published is not a gap"
    assert page.locator("main svg[role=img]").count() >= 1
    titles = agenda.locator("th").all_inner_texts()
    check_at_every_size(page, "boards-session")
    page.set_viewport_size(SIZES["wide"])
    pdf = pypdf.PdfReader(io.BytesIO(opened(page, "PDF")))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] and pdf.trailer["/Root"]["/Lang"]
    said = words_of("".join(one.extract_text() for one in pdf.pages))
    for words in (BOTH, "408 to 412 people", *titles, *unknown):
        assert words_of(words) in said, words
    book = openpyxl.load_workbook(io.BytesIO(opened(page, "workbook")))
    cells = {
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    }
    assert set(titles) <= cells
    check_print(page)


def test_other_boards_are_chosen_and_the_pack_reached_by_keyboard_alone(server, browser):  # noqa: F811
    address, users = server
    page = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"]).new_page()
    sign_in(page, address, *users["Finance officer"])
    walk = Walk(page)
    walk.go(f"{address}/boards-together/")
    check_skip_link(walk)
    walk.choose("#id_one", "safety")
    walk.choose("#id_other", "justice")
    walk.press("main form button")
    expect(page.locator("h2#common")).to_have_text("Sample Safety Partnership and Sample Justice Board")
    walk.tab_to("main a:text-is('PDF')")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".pdf")


def test_one_board_with_itself_says_what_to_do(server, browser):  # noqa: F811
    page = open_as(server, browser, "Analyst", "/boards-together/?one=justice&other=justice")
    expect(page.locator("#nothing")).to_contain_text("Choose two different boards")
    check_at_every_size(page, "boards-session-refused")
