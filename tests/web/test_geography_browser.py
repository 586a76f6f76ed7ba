"""A ground in the real browser: whole without script; with it moved and enlarged under the policy, from one host."""

import pytest
from playwright.sync_api import Browser, expect
from print_checks import check_print
from test_web_browser import (  # noqa: F401
    SIZES,
    browser,
    check_accessible,
    check_at_every_size,
    chromium,
    keep_picture,
    server,
    sign_in,
)

pytestmark = pytest.mark.browser
BODY = "/bodies/vale-family-court/"


@pytest.fixture(scope="module")
def state(server, browser: Browser):  # noqa: F811
    """The state of a board member, who needs no reason: nothing here is about anybody."""
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, server[0], *server[1]["Board member"])
    found = page.context.storage_state()
    page.context.close()
    return found


def test_without_script_a_ground_is_drawn_and_told(server, browser, state):  # noqa: F811
    context = browser.new_context(storage_state=state, viewport=SIZES["wide"], java_script_enabled=False)
    page = context.new_page()
    page.goto(server[0] + BODY)
    expect(page.locator("svg[role=img]")).to_be_visible()
    expect(page.locator("text=Move and enlarge the map")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Its bound runs through Southwick Down")
    check_print(page)
    context.close()


def test_with_script_it_is_moved_and_enlarged_under_the_policy(server, browser, state):  # noqa: F811
    context = browser.new_context(storage_state=state, viewport=SIZES["wide"])
    page = context.new_page()
    told, asked = [], []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server[0] + BODY)
    assert not [url for url in asked if "maplibre" in url], "nothing is loaded until it is asked for"
    page.click("text=Move and enlarge the map")
    expect(page.locator("[data-drawn]")).to_be_visible(timeout=30_000)
    expect(page.locator(".app-map__name")).to_have_text(["Northmere", "Southwick Down"])
    assert not [text for text in told if "Security Policy" in text or "Error" in text], told
    assert all(url.startswith(server[0]) for url in asked if not url.startswith(("blob:", "data:")))
    first = page.locator(".maplibregl-canvas").screenshot()
    page.click("text=Enlarge")
    page.wait_for_timeout(1_000)
    assert page.locator(".maplibregl-canvas").screenshot() != first
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("ArrowRight")
    keep_picture(page, "body-moved")
    check_accessible(page)
    page.set_viewport_size(SIZES["narrow"])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["narrow"]["width"]
    context.close()
