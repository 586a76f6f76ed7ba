"""A request about somebody's data in a real browser, from the letter to the pack: without script, accessible."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP
from sample_run import CHILD
from test_web_browser import SIZES, browser, check_at_every_size, chromium, confirm, server, sign_in

pytestmark = pytest.mark.browser

__all__ = ["browser", "chromium", "server"]
LEAD, SECOND = "Information governance lead", "Information governance lead, second"
MOST_LOOKS = 60


@pytest.fixture(scope="module")
def request_page(server, browser: Browser):
    """Two leads, and the address of a request that Braid has gathered beside the pages."""
    address, users = server
    pages = {}
    for role in (LEAD, SECOND):
        pages[role] = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"]).new_page()
        sign_in(pages[role], address, *users[role])
    lead = pages[LEAD]
    confirm(lead, address, users[LEAD][1], TOTP(users["factors"][LEAD]).now())
    lead.wait_for_url(lambda url: "/confirm/" not in url)
    lead.goto(f"{address}/rights/")
    lead.fill("#id_asked-subject_id", CHILD)
    lead.select_option("#id_asked-asker", "self")
    lead.fill("#id_asked-received_on", "2026-11-02")
    lead.fill("#id_asked-shown_on", "2026-11-02")
    lead.select_option("#id_asked-channel", "bundle")
    lead.locator("form[aria-label='Somebody asks what is held'] button").click()
    expect(lead.locator("#done")).to_contain_text("The request is kept")
    lead.locator("main table a").first.click()
    lead.wait_for_url(f"{address}/rights/*-*/")
    wait_for_items(lead)
    kept = {role: page.context.storage_state() for role, page in pages.items()}
    request = lead.url.partition("?")[0]
    for page in pages.values():
        page.context.close()
    return address, {role: _opened(browser, state) for role, state in kept.items()}, request


def _opened(browser: Browser, state: dict) -> Page:
    return browser.new_context(storage_state=state, viewport=SIZES["wide"]).new_page()


def wait_for_items(page: Page) -> None:
    """Look again until what Braid does beside the pages is there."""
    for _ in range(MOST_LOOKS):
        if page.locator("text=Being decided").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    pytest.fail("nothing was gathered in a minute")


def test_every_page_of_rights_is_accessible_and_prints(request_page):
    address, pages, request = request_page
    lead = pages[LEAD]
    for name, path in (
        ("rights", f"{address}/rights/"),
        ("rights-item", f"{request}items/1/"),
        ("rights-pack", f"{request}pack/"),
        ("rights-request", request),
        ("rights-holds", f"{address}/rights/holds/"),
        ("rights-processing", f"{address}/rights/processing/"),
    ):
        lead.goto(path)
        assert lead.url == path, name
        check_at_every_size(lead, name)


def test_a_form_left_empty_says_so(request_page):
    address, pages, _ = request_page
    page = pages[SECOND]
    page.goto(f"{address}/rights/holds/")
    page.click("text=Place the hold")
    expect(page.locator(".govuk-error-summary")).to_contain_text("There is a problem")
    check_at_every_size(page, "error-rights-holds")
