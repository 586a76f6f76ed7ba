"""The pages of what leaves in a real browser: without script, accessible, at 320 pixels."""

import pytest
from playwright.sync_api import Browser, expect
from sample_run import CHILD
from test_web_browser import SIZES, browser, check_at_every_size, chromium, server, sign_in

pytestmark = pytest.mark.browser

__all__ = ["browser", "chromium", "server"]
LEAD, WRITER = "Information governance lead", "Children's practitioner"
PAGES = {
    "message": (WRITER, f"/people/{CHILD}/message/"),
    "contact": (WRITER, f"/people/{CHILD}/contact/"),
    "messages": (WRITER, "/messages/"),
    "tasks": (LEAD, "/tasks/"),
}


@pytest.fixture(scope="module")
def states(server, browser: Browser):
    """Both signed in; a message without a way out, a safe contact that waits for a second person, a claimed task."""
    address, users = server
    pages = {}
    for role in (LEAD, WRITER):
        pages[role] = browser.new_context(java_script_enabled=False).new_page()
        sign_in(pages[role], address, *users[role])
    writer, lead = pages[WRITER], pages[LEAD]
    writer.goto(f"{address}/reason/?next=/people/{CHILD}/message/")
    writer.check("input[value='school_from_ta']")
    writer.fill("#id_reference", "MTG-2026-041")
    writer.click("text=Continue")
    for _ in range(2):
        writer.goto(f"{address}/people/{CHILD}/message/")
        writer.check("input[value='organisation:northmere-council']")
        writer.select_option("#id_channel", "email")
        writer.fill("#id_body", "Please send the outcome letter.")
        writer.check("input[value='N']")
        writer.select_option("#id_gateway", index=1)
        writer.select_option("#id_necessity", "service_needed")
        writer.click("text=Put into the outbox")
        expect(writer.locator("#done")).to_contain_text("in the outbox")
    writer.goto(f"{address}/people/{CHILD}/contact/")
    writer.check("input[value='sms']")
    writer.fill("#id_contact-contacts", "07700 900123")
    writer.click("text=Enter safe contact")
    expect(writer.locator("#done")).to_contain_text("second person")
    for _ in range(60):
        lead.goto(f"{address}/tasks/")
        if lead.locator("text=Claim").count() >= 2:
            break
        lead.wait_for_timeout(500)
    lead.locator("button:has-text('Claim')").first.click()
    expect(lead.locator("#done")).to_contain_text("recorded")
    kept = {role: page.context.storage_state() for role, page in pages.items()}
    for page in pages.values():
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
    ("path", "button", "field"),
    [
        (f"/people/{CHILD}/message/", "Put into the outbox", "id_recipients"),
        (f"/people/{CHILD}/contact/", "Enter safe contact", "id_contact-channels"),
        (f"/people/{CHILD}/contact/", "Enter release", "id_release-location_kind"),
    ],
)
def test_a_form_left_empty_says_so_and_leads_to_its_field(path, button, field, server, browser, states):
    page = _open(server, browser, states, WRITER, path)
    page.click(f"button:has-text('{button}')")
    summary = page.locator(".govuk-error-summary").first
    expect(summary).to_contain_text("There is a problem")
    assert page.title().startswith("Error:")
    summary.locator(f"a[href='#{field}']").first.click()
    expect(page.locator(f"[id='{field}']")).to_be_visible()
    _check(page, f"error-{button.replace(' ', '-')}")
