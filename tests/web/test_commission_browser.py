"""A joint commission in the real browser, from draft to a confirmed outcome and its payment: accessible and narrow."""

import datetime as dt

import pytest
from playwright.sync_api import Browser, Page, expect
from sample_run import VICTIM
from test_web_browser import (  # noqa: F401
    SIZES,
    browser,
    check_at_every_size,
    chromium,
    server,
    sign_in,
)

pytestmark = pytest.mark.browser
LEAD, SECOND, FINANCE = "Commissioner", "Commissioner, second", "Finance officer"
REFERRER, PROVIDER = "Victim advocate", "Partner in the response to abuse"
TITLE = "Therapy for people harmed by abuse"
TERMS = {
    "title": TITLE,
    "problem": "People harmed by abuse wait months for therapy.",
    "fund": "victims_pool",
    "value": "120000",
    "lot1-name": "Therapy",
    "lot1-volume": "100",
    "lot1-capacity": "40",
    "lot1-value": "120000",
    "lot1-share-block": "50",
    "lot1-share-attachment": "20",
    "lot1-share-outcome": "30",
    "lot1-attachment": "300",
    "lot1-achieved-therapy_wait_days": "500",
}


@pytest.fixture(scope="module")
def pages(server, browser: Browser):  # noqa: F811
    """A page for each human who takes part, signed in; those who see people have said why they look."""
    address, users = server
    found = {}
    for role in (LEAD, SECOND, FINANCE, REFERRER, PROVIDER):
        page = browser.new_context(viewport=SIZES["wide"]).new_page()
        sign_in(page, address, *users[role])
        if role in (REFERRER, PROVIDER):
            page.goto(f"{address}/reason/")
            if page.locator("input[value=victim_response]").count():
                page.check("input[value=victim_response]")
            page.fill("#id_reference", "MTG-2026-041")
            page.click("text=Continue")
        found[role] = page
    return address, found


def press(page: Page, text: str) -> None:
    page.click(f"main button:has-text('{text}')")
    expect(page.locator(".govuk-error-summary")).to_have_count(0)


def unfold(page: Page, text: str) -> None:
    page.click(f"main summary:has-text('{text}')")


def draw_up(page: Page, address: str, days: dict[str, str]) -> str:
    page.goto(f"{address}/commissions/")
    check_at_every_size(page, "commission-list")
    page.click("main a:has-text('Draw up')")
    page.select_option("#id_statement", "victim_response")
    page.click("main button")
    for name, value in {**TERMS, **days}.items():
        page.fill(f"[name='{name}']", value)
    page.check("[name=bodies][value=vale-authority]")
    page.check("[name=bodies][value=vale-hospital]")
    page.check("[name=outcomes][value=therapy_wait_days]")
    for name, value in (("lead", "vale-authority"), ("legal_basis", "nhs_s75"), ("lot1-service", "therapy")):
        page.select_option(f"[name='{name}']", value)
    page.select_option("[name='lot1-model']", "mixed")
    page.select_option("[name='lot1-prime']", "hospital-safeguarding")
    page.fill("[name='lot1-share-outcome']", "31")
    page.click("button:text-is('Keep these terms')")
    expect(page.locator(".govuk-error-summary")).to_contain_text("shares do not come to the whole")
    check_at_every_size(page, "commission-refused")
    page.fill("[name='lot1-share-outcome']", "30")
    page.click("button:text-is('Keep these terms')")
    expect(page.locator("h1")).to_have_text(TITLE)
    return page.url.split("?")[0]


@pytest.mark.slow
def test_a_commission_from_draft_to_a_confirmed_score_and_its_payment(pages):
    address, who = pages
    today = dt.datetime.now(dt.UTC).date()
    first, last = today - dt.timedelta(days=70), today + dt.timedelta(days=200)
    days = {"from_date": f"{first}", "to_date": f"{last}", "lot1-window_from": f"{first}", "lot1-window_to": f"{last}"}
    commission = draw_up(who[LEAD], address, days)
    press(who[LEAD], "Sign terms 1")
    who[SECOND].goto(commission)
    press(who[SECOND], "Sign terms 1")
    who[LEAD].goto(commission)
    press(who[LEAD], "Open to referrals")
    expect(who[LEAD].locator("main .govuk-tag").first).to_have_text("Open to referrals")

    page = who[REFERRER]
    page.goto(f"{address}/people/{VICTIM}/refer/")
    for name, value in {"team": "hospital-safeguarding", "service": "therapy", "urgency": "urgent"}.items():
        page.select_option(f"#id_{name}", value)
    page.select_option("#id_need_band", "high")
    page.click("main button")
    expect(page.locator(".govuk-error-summary")).to_have_count(0)

    page = who[PROVIDER]
    page.goto(f"{address}/work-list/")
    page.click("main a[href^='/referrals/']")
    press(page, "Accept")
    page.click("main a:has-text('Plan, sessions and report')")
    service = page.url
    press(page, "Assessed")
    unfold(page, "Submit an action plan")
    page.fill("#id_words", "Twelve sessions of therapy, weekly")
    press(page, "Submit")
    who[REFERRER].goto(service)
    press(who[REFERRER], "Approve the action plan")
    page.goto(service)
    unfold(page, "Plan a session")
    page.fill("#id_on", f"{today - dt.timedelta(days=1)}")
    page.fill("#id_at", "10:30")
    press(page, "Plan the session")
    check_at_every_size(page, "commission-service")
    press(page, "Write down")
    press(page, "Conclude")
    unfold(page, "Give the report")
    page.select_option("#id_score-therapy_wait_days", "achieved")
    page.fill("#id_evidence-therapy_wait_days", "Therapy began in the second week")
    page.fill("#id_own_view", "It helped me to go out again")
    press(page, "Give the report")
    who[REFERRER].goto(service)
    expect(who[REFERRER].locator("main")).to_contain_text("Said by the provider")
    press(who[REFERRER], "Confirm")
    expect(who[REFERRER].locator("#score-1 + p")).to_contain_text("Confirmed by the referrer")
    check_at_every_size(who[REFERRER], "commission-confirmed")

    drawn = who[REFERRER].locator("main:has-text('drawn by chance to be verified')").count()
    page = who[FINANCE]
    page.goto(commission)
    expect(page.locator("#due-table")).to_be_visible()
    due = page.locator(".app-scroll:has(#due-table)")
    expect(due).to_contain_text("Therapy: block")
    expect(due).not_to_contain_text("£500.00")
    press(page, "Post this payment")
    expect(page.locator("main")).to_contain_text("Nothing is due")
    check_at_every_size(page, "commission-paid")
    who[LEAD].goto(f"{commission}rounds/")
    unfold(who[LEAD], "Ask for returns")
    who[LEAD].fill("#id_from_date", f"{first}")
    who[LEAD].fill("#id_to_date", f"{today}")
    who[LEAD].fill("#id_due_date", f"{today + dt.timedelta(days=10)}")
    press(who[LEAD], "Ask every provider")
    check_at_every_size(who[LEAD], "commission-rounds")
    page = who[PROVIDER]
    page.goto(f"{address}/commission-returns/")
    check_at_every_size(page, "commission-returns")
    page.click("main table a")
    check_at_every_size(page, "commission-return")
    for step in ("Close to referrals", "End and settle"):
        who[LEAD].goto(commission)
        press(who[LEAD], step)
    expect(who[LEAD].locator("main")).to_contain_text("Nothing is due")
    page = who[FINANCE]
    page.goto(commission)
    press(page, "Post this payment")
    lines = page.locator(".app-scroll:has(#postings-table)")
    expect(lines).to_contain_text("£300.00")
    expect(lines.locator("td:text-is('£500.00')")).to_have_count(0 if drawn else 1)
    check_at_every_size(page, "commission-settled")
