"""The lead's pages, declarations and emergency access in a real browser: without script, accessible, at 320 pixels."""

import pytest
from playwright.sync_api import Browser, expect
from sample_run import CHILD, VICTIM
from test_web_browser import SIZES, browser, check_at_every_size, chromium, server, sign_in

pytestmark = pytest.mark.browser

__all__ = ["browser", "chromium", "server"]
LEAD, SECOND, OFFICER = (
    "Information governance lead",
    "Information governance lead, second",
    "Placement officer",
)
PAGES = {
    "trust": (LEAD, "/trust/"),
    "trust-agreements": (LEAD, "/trust/agreements/"),
    "trust-agreement": (LEAD, "/trust/agreements/sample-school_from_ta/"),
    "trust-agreement-suspended": (LEAD, "/trust/agreements/sample-victim_response/"),
    "trust-matrix": (LEAD, "/trust/matrix/?role=practitioner&purpose=school_from_ta"),
    "trust-matrix-advocate": (LEAD, "/trust/matrix/?role=advocate&purpose=victim_response"),
    "trust-overlay": (LEAD, "/trust/overlay/"),
    "trust-overlay-entry": (LEAD, "/trust/overlay/exclusion/1/"),
    "trust-overlay-entry-proposed": (SECOND, "/trust/overlay/exclusion/2/"),
    "trust-break-glass": (LEAD, "/trust/break-glass/"),
    "trust-review": (LEAD, "/trust/break-glass/1/"),
    "break-glass": (OFFICER, "/break-glass/"),
    "conflicts": (OFFICER, "/conflicts/"),
    "conflicts-done": (OFFICER, "/conflicts/?done=recorded"),
    "status": ("Board member", "/status/"),
}


@pytest.fixture(scope="module")
def states(server, browser: Browser):
    """Everybody signed in, and through the pages: two entries, one proposal, one access, one suspension."""
    address, users = server
    kept, pages = {}, {}
    for role in (LEAD, SECOND, OFFICER, "Board member"):
        page = browser.new_context(java_script_enabled=False).new_page()
        sign_in(page, address, *users[role])
        pages[role] = page
    lead, officer = pages[LEAD], pages[OFFICER]
    for user, until in (("demo-analyst", ""), ("demo-practitioner", "2027-03-31")):
        lead.goto(f"{address}/trust/overlay/")
        lead.fill("#id_exclusion-subject_id", CHILD)
        lead.fill("#id_exclusion-barred_username", user)
        lead.select_option("#id_exclusion-reason", "relative")
        lead.fill("#id_exclusion-until", until)
        lead.click("text=Add exclusion")
        expect(lead.locator("#done")).to_contain_text("The entry is in force")
    lead.goto(f"{address}/trust/overlay/exclusion/2/")
    lead.click("text=Propose to lift it")
    lead.goto(f"{address}/trust/agreements/sample-victim_response/")
    lead.select_option("#id_reason", "breach")
    lead.click("text=Suspend now")
    lead.click("text=Ask to lift it")
    officer.goto(f"{address}/break-glass/")
    officer.fill("#id_person_id", VICTIM)
    officer.select_option("#id_purpose", "school_from_ta")
    officer.select_option("#id_reason", "missing_person")
    officer.select_option("#id_reference_kind", "incident")
    officer.fill("#id_reference", "INC-2026-77")
    officer.fill("#id_colleague", "demo-practitioner")
    officer.click("text=Ask for four hours")
    expect(officer.locator("#done")).to_contain_text("Granted for four hours")
    for role, page in pages.items():
        kept[role] = page.context.storage_state()
        page.context.close()
    return kept


def _open(server, browser, states, role, path):
    page = browser.new_context(storage_state=states[role], viewport=SIZES["wide"]).new_page()
    page.goto(server[0] + path)
    return page


def _check(page, name: str) -> None:
    check_at_every_size(page, name)
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_do_not_scroll_sideways(name, server, browser, states):
    role, path = PAGES[name]
    page = _open(server, browser, states, role, path)
    assert "not found" not in page.title()
    _check(page, name)


@pytest.mark.parametrize(
    ("role", "path", "button", "field"),
    [
        (LEAD, "/trust/overlay/", "Add exclusion", "id_exclusion-subject_id"),
        (LEAD, "/trust/overlay/", "Add restriction", "id_restriction-subject_id"),
        (LEAD, "/trust/overlay/exclusion/1/", "Set the date", "id_until"),
        (LEAD, "/trust/break-glass/1/", "Write down the finding", "id_finding"),
        (LEAD, "/trust/agreements/sample-school_from_ta/", "Suspend now", "id_reason"),
        (OFFICER, "/break-glass/", "Ask for four hours", "id_person_id"),
        (OFFICER, "/conflicts/", "Keep me from this person", "id_subject_id"),
    ],
)
def test_a_form_left_empty_says_so_and_leads_to_its_field(role, path, button, field, server, browser, states):
    page = _open(server, browser, states, role, path)
    page.click(f"text={button}")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("There is a problem")
    assert page.title().startswith("Error:")
    summary.locator(f"a[href='#{field}']").first.click()
    expect(page.locator(f"[id='{field}']")).to_be_visible()
    _check(page, f"error-{button.replace(' ', '-')}")
