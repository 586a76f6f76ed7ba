"""Documents of a case in the real browser, over the real server with its guard: given without script, read at another
desk, replaced and withdrawn; each page for accessibility, narrow screens and print."""

import datetime as dt
from pathlib import Path

import files_given
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sample_run import CANARIES, VICTIM
from test_web_browser import SIZES, browser, chromium, keep_picture, server  # noqa: F401 - fixtures
from test_web_care_browser import ADVOCATE, HOSPITAL, desks, look_at_both, unfold  # noqa: F401

pytestmark = pytest.mark.browser
PATIENCE = 30
"""Seconds for the server's guard to read a document: it looks every second."""


def add(page: Page, name: str, content: bytes, title: str, tick: bool = False) -> None:
    """Fill in the form and send it; a browser says a type and a path of its own, which nobody keeps."""
    unfold(page, "Say what it is and who reads it")
    page.fill("#id_add-title", title)
    page.select_option("#id_add-kind", "assessment")
    page.fill("#id_add-given_by", "Health visitor")
    page.fill("#id_add-given_on", f"{dt.date.today()}")  # noqa: DTZ011 - the day of the desk
    page.select_option("#id_add-retention", "days_90")
    page.select_option("#id_add-gateway", "children_act_2004_s10")
    page.select_option("#id_add-necessity", "joint_decision")
    if tick:
        page.check("#id_add-read_through")
    page.set_input_files("#id_add-file", {"name": name, "mimeType": "text/html", "buffer": content})
    follow(page, page.get_by_role("button", name="Add it"))


def follow(page: Page, control: Locator) -> None:
    """Click it and wait for the page it leads to: a reload while another page arrives is refused by the browser."""
    with page.expect_navigation():
        control.click()


def wait_for(page: Page, words: str) -> None:
    """Reload until the words are there."""
    for _ in range(PATIENCE):
        page.reload(timeout=60_000)
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(words)


@pytest.mark.slow
def test_a_document_from_desk_to_desk(server, browser: Browser, desks, tmp_path: Path):  # noqa: F811
    address = server[0]
    advocate, hospital = desks[ADVOCATE], desks[HOSPITAL]
    advocate.goto(f"{address}/people/{VICTIM}/case/")
    advocate.select_option("#id_case_type", "marac")
    advocate.select_option("#id_agency", "advocate")
    advocate.select_option("#id_part", "harmed")
    advocate.click("text=Open the case")
    unfold(advocate, "Add whom it is about")
    advocate.select_option("#id_subject-part", "accused")
    advocate.fill("#id_subject-name_apart", "Max Apart")
    advocate.get_by_role("button", name="Add", exact=True).click()
    unfold(advocate, "Offer the case to a team")
    advocate.select_option("#id_offer-team", "hospital-safeguarding")
    advocate.select_option("#id_offer-agency", "health")
    advocate.select_option("#id_offer-right", "edit")
    advocate.select_option("#id_offer-sight", "whole")
    advocate.get_by_role("button", name="Offer", exact=True).click()
    hospital.goto(f"{address}/work-list/")
    hospital.locator("main table a[href^='/offers/']").first.click()
    hospital.click("text=Accept, and take part myself")
    advocate.get_by_role("link", name="Documents", exact=True).click()
    look_at_both(advocate, browser, "documents-none")
    add(advocate, "page.html", b"<script>alert(1)</script>", "A page")
    expect(advocate.locator(".govuk-error-summary")).to_contain_text("one of these kinds")
    keep_picture(advocate, "documents-fault-wide")
    advocate.set_viewport_size(SIZES["narrow"])
    keep_picture(advocate, "documents-fault-narrow")
    assert advocate.locator("html").bounding_box()["width"] <= SIZES["narrow"]["width"]
    advocate.set_viewport_size(SIZES["wide"])
    advocate.goto(advocate.url)
    letter = files_given.pdf("The assessment says that she needs therapy now.")
    add(advocate, "letter.pdf", letter, "Assessment of needs")
    expect(advocate.locator("#done")).to_contain_text("recorded")
    add(advocate, "where.docx", files_given.docx(f"She is at {CANARIES['address']}."), "Letter of the refuge")
    wait_for(advocate, "Held back from vale-hospital")
    look_at_both(advocate, browser, "documents")
    follow(hospital, hospital.get_by_role("link", name="Documents", exact=True))
    wait_for(hospital, "Assessment of needs")
    expect(hospital.locator("main")).not_to_contain_text("Letter of the refuge")
    with hospital.expect_download() as downloading:
        hospital.get_by_role("link", name="Download Assessment of needs").click()
    download = downloading.value
    assert download.suggested_filename.startswith("DC-") and download.suggested_filename.endswith("-v1.pdf")
    download.save_as(tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == letter
    look_at_both(hospital, browser, "documents-hospital")
    advocate.get_by_role("link", name="Assessment of needs", exact=True).click()
    look_at_both(advocate, browser, "document")
    unfold(advocate, "Replace it by a newer version")
    scan = files_given.scanned()
    advocate.set_input_files("#id_replace-file", {"name": "b.pdf", "mimeType": "application/pdf", "buffer": scan})
    advocate.get_by_role("button", name="Add the version").click()
    expect(advocate.locator(".govuk-error-summary")).to_contain_text("whose words cannot be searched")
    keep_picture(advocate, "document-fault-wide")
    advocate.goto(advocate.url)
    unfold(advocate, "Replace it by a newer version")
    advocate.check("#id_replace-read_through")
    advocate.set_input_files("#id_replace-file", {"name": "b.pdf", "mimeType": "application/pdf", "buffer": scan})
    advocate.get_by_role("button", name="Add the version").click()
    expect(advocate.locator("#done")).to_contain_text("recorded")
    follow(hospital, hospital.get_by_role("link", name="Assessment of needs", exact=True))
    wait_for(hospital, "Download version 2")
    unfold(advocate, "Withdraw it")
    advocate.select_option("#id_withdraw-reason", "wrong_file")
    follow(advocate, advocate.get_by_role("button", name="Withdraw, and erase its content"))
    look_at_both(advocate, browser, "document-withdrawn")
    hospital.reload()
    expect(hospital.locator("main")).to_contain_text("It is another file than was meant")
    advocate.get_by_role("link", name="Documents", exact=True).click()
    advocate.get_by_role("link", name="The case", exact=True).click()
    advocate.get_by_role("link", name="Documents of that side").click()
    look_at_both(advocate, browser, "documents-apart")
