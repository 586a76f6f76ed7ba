"""Signing in, in the real browser: one's own page, a key by the browser's own virtual authenticator, every size."""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP
from test_web_browser import SIZES, browser, check_at_every_size, chromium, server, sign_in  # noqa: F401

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def by_name(address: str) -> str:
    """The address by name: a browser binds no key to a number."""
    return f"http://localhost:{urlsplit(address).port}"


def with_authenticator(browser: Browser, **other: object) -> tuple[Page, object]:  # noqa: F811
    """A page of its own with a virtual authenticator, and what speaks to it."""
    page = browser.new_context(viewport=SIZES["wide"]).new_page()
    spoken = page.context.new_cdp_session(page)
    spoken.send("WebAuthn.enable")
    spoken.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **other}})
    return page, spoken


def test_a_key_is_added_used_at_both_steps_and_removed(server, browser):  # noqa: F811
    address, users = by_name(server[0]), server[1]
    name, password = users["Signer"]
    page, _ = with_authenticator(browser)
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{address}/sign-in/")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.click("main button")
    expect(page.locator("h1")).to_have_text("Your second factor")
    check_at_every_size(page, "sign-in-factor-code")
    codes = TOTP(users["factors"]["Signer"])
    page.fill("#id_code", codes.now())
    page.click("main button")
    expect(page.locator("h1")).to_contain_text("Sample Vale")
    page.goto(f"{address}/your-sign-in/")
    check_at_every_size(page, "your-sign-in")
    page.click("text=Add a security key")
    expect(page.locator("h1")).to_have_text("Confirm it is you")
    check_at_every_size(page, "confirm-account")
    page.fill("#id_password", password)
    page.fill("#id_code", codes.at(time.time() + 30))  # the code of now was taken
    page.click("main button:has-text('Continue')")
    expect(page.locator("h1")).to_have_text("Add a security key")
    check_at_every_size(page, "add-key")
    page.fill("#id_name", "blue key")
    page.click("main button")
    expect(page.locator("#done")).to_contain_text("The key is yours")
    check_at_every_size(page, "your-sign-in-with-key")
    page.goto(f"{address}/sign-out/")
    page.click("main button")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.click("main button")
    expect(page.locator("#key button")).to_be_enabled()
    check_at_every_size(page, "sign-in-factor-key")
    page.click("#key button")
    expect(page.locator("h1")).to_contain_text("Sample Vale")
    page.goto(f"{address}/your-sign-in/")
    page.click("text=Remove")
    page.click("#key button")
    expect(page.locator("h1")).to_contain_text("Remove the key blue key?")
    check_at_every_size(page, "remove-key")
    page.click("main button")
    expect(page.locator("#done")).to_contain_text("The key is removed")
    page.goto(f"{address}/your-sign-in/password/")
    check_at_every_size(page, "own-password")
    assert not refused, refused
    page.context.close()


def test_a_key_that_does_not_ask_who_holds_it_is_not_added(server, browser):  # noqa: F811
    address, users = by_name(server[0]), server[1]
    page, _ = with_authenticator(browser, isUserVerified=False)
    sign_in(page, address, *users["Board member"])
    page.goto(f"{address}/your-sign-in/keys/")
    page.fill("#id_password", users["Board member"][1])
    page.fill("#id_code", TOTP(users["factors"]["Board member"]).now())
    page.click("main button:has-text('Continue')")
    page.fill("#id_name", "no PIN")
    page.click("main button")
    expect(page.locator("[data-words]")).to_contain_text("did not answer")
    page.context.close()
