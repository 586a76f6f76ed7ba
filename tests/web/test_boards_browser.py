"""A whole meeting of a board in the real browser: planned, papers out, held, decided, asked, its minutes agreed."""

import datetime as dt

import pytest
from playwright.sync_api import Browser, Page, expect
from print_checks import check_print
from test_web_browser import (  # noqa: F401
    SIZES,
    browser,
    check_accessible,
    check_at_every_size,
    chromium,
    server,
    sign_in,
)

from braid.language.dates import LONDON

pytestmark = pytest.mark.browser


def open_as(server, browser: Browser, role: str, path: str) -> Page:  # noqa: F811
    """Sign in as a role and open a page."""
    address, users = server
    page = browser.new_context(viewport=SIZES["wide"]).new_page()
    sign_in(page, address, *users[role])
    page.goto(f"{address}{path}")
    return page


def unfold(page: Page, title: str):
    """Open the form of a title; return the part of the page that holds it."""
    part = page.locator("details", has=page.locator(f"summary:has-text('{title}')")).first
    part.locator("summary").click()
    return part


def fill(part, **values: str) -> None:
    """Fill fields in by the end of their names."""
    for name, value in values.items():
        field = part.locator(f"[name$='-{name}']").first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def send(part) -> None:
    part.locator("button[type=submit]").first.click()


def open_all(page: Page) -> None:
    """Unfold every form, so that what stands in it is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_a_whole_meeting_at_every_size_and_on_paper(server, browser):  # noqa: F811
    page = open_as(server, browser, "Commissioner", "/boards/justice/")
    expect(page.locator("h1")).to_have_text("Sample Justice Board")
    begins = dt.datetime.now(LONDON) + dt.timedelta(minutes=10)
    part = unfold(page, "Plan a meeting")
    fill(part, date=f"{begins:%Y-%m-%d}", time=f"{begins:%H:%M}", length="90")
    send(part)
    expect(page.locator("#done")).to_be_visible()
    page.locator("h2#meetings ~ table a").first.click()
    expect(page.locator("main")).to_contain_text("Nothing is on it")
    here = page.url.partition("?")[0]
    part = unfold(page, "Put an item on the agenda")
    fill(part, title="More lettings", kind="decision", asks="Agree to six a month", minutes="30", confidential="no")
    send(part)
    page.click("a:has-text('Write a paper')")
    part = unfold(page, "Write the paper")
    fill(part, heading="Six lettings a month", summary="Lists grow", recommendation="Let six", body="All of it")
    send(part)
    expect(page.locator("h1")).to_have_text("Six lettings a month")
    open_all(page)
    check_at_every_size(page, "board-paper")
    page.goto(here)
    part = unfold(page, "Send the papers out")
    send(part)
    expect(page.locator(".govuk-error-summary")).to_contain_text("clear working days")
    open_all(page)
    check_at_every_size(page, "board-refused")
    page.goto(here)
    part = unfold(page, "Send the papers out")
    fill(part, urgency="The lists grew last week")
    send(part)
    part = unfold(page, "Write down who is there")
    for number in range(4):
        fill(part, **{f"m{number}": "present"})
    send(part)
    expect(page.locator("main")).to_contain_text("There is a quorum.")
    part = unfold(page, "Write down a decision on item 1")
    today = dt.datetime.now(LONDON).date()
    review = today + dt.timedelta(days=90)
    fill(part, title="Six lettings a month", words="Six lettings a month from January", reasons="Lists grow")
    fill(part, review_date=review.isoformat(), owner_body="northmere-council", vote1="against", dissent1="Too few")
    send(part)
    expect(page.locator("main")).to_contain_text("2 for, 1 against")
    part = unfold(page, "Ask for an action from item 1")
    fill(part, words="Name the homes", due_date=review.isoformat(), body="northmere-council")
    send(part)
    part = unfold(page, "Write the minutes of item 1")
    fill(part, words="The court set out how the lists grew.\nThe councils answered.")
    send(part)
    open_all(page)
    check_at_every_size(page, "board-meeting")
    page.locator(".app-blocker a").first.click()
    expect(page.locator("main")).to_contain_text("Too few")
    part = unfold(page, "Say what else it is about")
    fill(part, link_kind="outcome", reference="weeks-to-letting")
    send(part)
    expect(page.locator("main")).to_contain_text("weeks-to-letting (not found)")
    open_all(page)
    check_at_every_size(page, "board-decision")
    decision = page.locator(".govuk-caption-l").inner_text().rpartition(" ")[2]
    part_of_board = f"{server[0]}/boards/justice/"
    page.goto(part_of_board)
    part = unfold(page, "Write down a priority that was decided")
    fill(part, title="Fewer on the lists", why="They wait", position="1")
    fill(part, from_date=today.isoformat(), to_date=review.isoformat())
    part.locator("select[name='priority-decision']").select_option(index=1)
    part.locator("input[type=checkbox]").first.check()
    send(part)
    expect(page.locator("h2#priorities ~ table").first).to_contain_text(decision)
    part = unfold(page, "Write a risk down")
    fill(part, cause="Homes are few", event="Six are not found", effect="Lists grow on", owner_body="northmere-council")
    fill(part, likelihood_before="4", impact_before="4", likelihood_after="3", impact_after="3", response="treat")
    part.locator("[name='risk-words']").fill("Ask the housing associations")
    fill(part, review_date=review.isoformat())
    send(part)
    expect(page.locator("svg[role=img]")).to_be_visible()
    open_all(page)
    check_at_every_size(page, "board-whole")
    check_print(page)
    page.context.close()

    chairing = open_as(server, browser, "Board member", "/boards/actions/")
    check_at_every_size(chairing, "board-actions-open")
    chairing.click("a:has-text('Name the homes')")
    part = unfold(chairing, "Take a step with it")
    fill(part, step="report", words="They are named")
    send(part)
    expect(chairing.locator("main")).to_contain_text("Reported done")
    check_at_every_size(chairing, "board-action")
    chairing.goto(here)
    chairing.click("button:has-text('Agree the minutes')")
    expect(chairing.locator("main")).to_contain_text("Minutes agreed")
    check_accessible(chairing)
    with chairing.expect_download() as download:
        chairing.click("a:text-is('PDF')")
    assert download.value.suggested_filename.startswith("board-minutes")
    check_print(chairing)
    chairing.context.close()
