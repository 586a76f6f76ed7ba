"""Simulations in the real browser: accessible, narrow, on paper, and from the form to the answer by keyboard alone."""

import re

import pytest
from keyboard import REMEMBER, Walk, check_error_is_reached, check_skip_link, walk_to_the_end
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError
from print_checks import check_print
from test_web_browser import (  # noqa: F401
    SIZES,
    WALKED,
    browser,
    check_accessible,
    check_at_every_size,
    chromium,
    keep_picture,
    server,
    sign_in,
)

pytestmark = pytest.mark.browser
MEMBER = "Board member"
ANSWER_MS = 30_000


@pytest.fixture(scope="module")
def signed_in(server, browser: Browser):  # noqa: F811
    """The state of a board member, who needs no reason: nothing here is about anybody."""
    address, users = server
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, address, *users[MEMBER])
    state = page.context.storage_state()
    page.context.close()
    return state


def open_page(server, browser: Browser, state, path: str) -> Page:  # noqa: F811
    page = browser.new_context(storage_state=state, viewport=SIZES["wide"]).new_page()
    page.goto(f"{server[0]}{path}")
    return page


def wait_for_answer(page: Page) -> None:
    """The page looks again by itself until the answer is there."""
    expect(page.locator("#made")).to_be_visible()
    expect(page.locator("#progress")).to_have_count(0, timeout=ANSWER_MS)


def look_until_answered(walk: Walk) -> None:
    """Press the link of the page until the answer is there, as whoever stopped it from looking by itself does."""
    for _ in range(ANSWER_MS // 1000):
        if not walk.page.locator("#progress").count():
            break
        walk.page.wait_for_timeout(1_000)
        walk.begin()
        try:
            walk.press("a:text-is('Look again')")
        except (AssertionError, PlaywrightError):
            if walk.page.locator("#progress").count():  # else the page had looked by itself, and the answer came
                raise
    walk.begin()


def test_list_form_and_answer_at_every_size_and_on_paper(server, browser, signed_in):  # noqa: F811
    page = open_page(server, browser, signed_in, "/simulations/")
    expect(page.locator("h1")).to_have_text("Simulations")
    check_at_every_size(page, "simulation-list")
    page.click("main a:has-text('Ask a question')")
    page.fill("#id_name", "More lettings, or more school places?")
    page.fill("#id_s1-name", "Four more lettings a week")
    page.fill("#id_s1-service0-add", "4")
    page.click("button:has-text('Add another scenario')")
    page.fill("#id_s2-name", "And three more school places")
    page.fill("#id_s2-service0-add", "4")
    page.fill("#id_s2-service1-add", "3")
    page.fill("#id_s2-service1-from", "26")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    check_at_every_size(page, "simulation-form")
    page.fill("#id_weeks", "")
    page.click("button:text-is('Ask')")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter how many weeks to look ahead")
    check_at_every_size(page, "simulation-refused")
    page.fill("#id_weeks", "104")
    page.click("button:text-is('Ask')")
    check_accessible(page)
    wait_for_answer(page)
    expect(page.locator("#worse-1")).to_contain_text("what gets worse")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    check_at_every_size(page, "simulation-answer")
    address = page.url
    check_print(page)
    keep_picture(page, "simulation-answer-printed")
    page.emulate_media(media="screen")
    page.goto(address)
    with page.expect_download() as download:
        page.locator("a:has-text('CSV')").first.click()
    assert download.value.suggested_filename.startswith("simulation-measures")
    page.context.close()


def test_a_target_at_every_size_and_on_paper(server, browser, signed_in):  # noqa: F811
    page = open_page(server, browser, signed_in, "/simulations/target/")
    page.fill("#id_name", "Fifty families at most")
    page.select_option("#id_service", "0")
    page.select_option("#id_measure", "list.lettings")
    page.fill("#id_value", "50")
    page.fill("#id_most", "8")
    page.fill("#id_in_steps", "10")
    check_at_every_size(page, "simulation-target")
    page.click("button:text-is('Ask')")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter a step of at most what is tried")
    page.fill("#id_in_steps", "0.5")
    page.click("button:text-is('Ask')")
    wait_for_answer(page)
    expect(page.locator("#reach + p")).to_contain_text("more slots a week of Lettings reach the target")
    check_at_every_size(page, "simulation-reach")
    check_print(page)
    page.context.close()


def test_what_moves_a_measure_at_every_size_and_on_paper(server, browser, signed_in):  # noqa: F811
    page = open_page(server, browser, signed_in, "/simulations/sensitivity/")
    page.fill("#id_name", "What moves the list of lettings?")
    page.select_option("#id_measure", "list.lettings")
    check_at_every_size(page, "simulation-sensitivity")
    page.click("button:text-is('Ask')")
    wait_for_answer(page)
    expect(page.locator("#swings + p")).to_contain_text("It is moved most by")
    check_at_every_size(page, "simulation-swings")
    check_print(page)
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("size", WALKED)
def test_from_the_form_to_the_answer_by_keyboard_alone(size, server, browser):  # noqa: F811
    """No mouse and no script: asked, refused, mended, answered, named, run again and taken away."""
    address, users = server
    walk = Walk(browser.new_context(java_script_enabled=False, viewport=SIZES[size]).new_page())
    walk.go(f"{address}/simulations/")
    walk.write("#id_username", users[MEMBER][0])
    walk.write("#id_password", users[MEMBER][1])
    walk.press("main button")
    check_skip_link(walk)
    walk.press("a:text-is('Ask a question')")
    walk.write("#id_name", "By keyboard")
    walk.write("#id_s1-name", "More lettings")
    walk.write("#id_s1-service0-add", "some")
    walk.press("button:text-is('Ask')")
    check_error_is_reached(walk, "Enter the change of Lettings as a number", "#id_s1-service0-add")
    walk.write("#id_s1-service0-add", "4")
    walk.press("summary:has-text('Who is next, and priorities')", "Space")
    walk.page.evaluate(REMEMBER)
    walk.choose("#id_s1-service1-order", "clock")
    walk.press("button:text-is('Add another scenario')")
    expect(walk.page.locator("#id_s1-service1-order")).to_have_value("clock")
    walk.press("button:text-is('Take scenario 2 away')")
    walk.press("button:text-is('Ask')")
    walk.press("a:text-is('Stop that')")
    look_until_answered(walk)
    expect(walk.page.locator("#worse-1")).to_be_visible()
    walk_to_the_end(walk.page)
    walk.begin()
    walk.press("button:has-text('Run it again')")
    look_until_answered(walk)
    expect(walk.page.locator("#again")).to_contain_text("the same digits")
    walk.write("#id_name", "Named by keyboard")
    walk.press("button:text-is('Rename it')")
    expect(walk.page.locator("h1")).to_have_text("Named by keyboard")
    walk.press("button:has-text('Take it away')")
    expect(walk.page).to_have_url(re.compile("done=taken_away"))
    expect(walk.page.locator("main")).not_to_contain_text("Named by keyboard")
    walk.page.context.close()
