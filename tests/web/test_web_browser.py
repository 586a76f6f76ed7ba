"""The pages in a real browser against the real server: accessibility, narrow screens, keyboard, no script, print."""

import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pyotp import TOTP
from sample_run import CHILD, VICTIM

from drawn import IS_FULL

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parents[2]
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update".split()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 320, "height": 800}}
WALKED = tuple(SIZES) if IS_FULL else ("narrow",)
"""At which sizes pages are walked by the keyboard and held to the rules of accessibility: the harder one always."""
PAGES = {
    "place": ("Analyst", "/"),
    "blockers": ("Analyst", "/blockers/"),
    "problem": ("Analyst", "/problems/court_readiness/"),
    "what-if-cohort": (
        "Analyst",
        "/problems/school_from_ta/what-if/?change_a=moves_council&when_a=week+6&change_b=home_let&when_b=week+9",
    ),
    "what-if-compared": (
        "Analyst",
        f"/people/{CHILD}/what-if/?change_a=placement_ends&when_a=week+6&when_b=week+9&look=week+9",
    ),
    "what-if-refused": ("Analyst", f"/people/{CHILD}/what-if/?change_a=home_let&when_a=soon"),
    "backlogs": ("Board member", "/backlogs/"),
    "backlog": ("Board member", "/backlogs/rtt/"),
    "backlog-refused": ("Board member", "/backlogs/register/?size=300&demand=ten&capacity=12&target=0&weeks=26"),
    "boards": ("Board member", "/boards/"),
    "board": ("Commissioner", "/boards/justice/"),
    "board-seats": ("Information governance lead", "/boards/justice/"),
    "board-actions": ("Analyst", "/boards/actions/"),
    "boards-together": ("Board member", "/boards-together/"),
    "funds": ("Finance officer", "/funds/"),
    "costs": ("Board member", "/costs/"),
    "commissions": ("Commissioner", "/commissions/"),
    "chains": ("Board member", "/chains/"),
    "bodies": ("Board member", "/bodies/"),
    "feeds": ("Analyst", "/feeds/"),
    "crosswalk": ("Meeting coordinator", "/crosswalk/"),
    "bodies-parts": ("Board member", "/bodies/?body=court&wait=rtt&by=part"),
    "body": ("Board member", "/bodies/far-court/"),
    "simulations": ("Analyst", "/simulations/"),
    "portfolio": ("Board member", "/portfolio/?watch=no"),
    "portfolio-ask": ("Board member", "/portfolio/ask/"),
    "outcomes": ("Board member", "/outcomes/"),
    "outcome": ("Board member", "/outcomes/attendance_90/"),
    "simulation-ask": ("Information governance lead", "/simulations/ask/"),
    "reason": ("Analyst", "/reason/"),
    "people": ("Analyst", "/people/"),
    "people-narrowed": ("Analyst", "/people/?problem=school_from_ta&sort=blockers&page=2"),
    "people-refused": ("Analyst", "/people/?sort=name"),
    "person": ("Analyst", f"/people/{CHILD}/"),
    "person-household": ("Children's practitioner", f"/people/{CHILD}/"),
    "person-protected": ("Victim advocate", f"/people/{VICTIM}/"),
    "location": ("Victim advocate", f"/people/{VICTIM}/location/address/"),
    "confirm": ("Victim advocate", "/confirm/"),
    "not-found": ("Analyst", f"/people/{VICTIM}/"),
    "rules": ("Board member", "/rules/"),
    "ranking": ("Analyst", "/ranking/"),
    "forbidden": ("Board member", "/people/"),
    "audit": ("Information governance lead", "/audit/"),
    "audit-refused": ("Information governance lead", "/audit/?since=x"),
    "audit-log": ("Information governance lead", "/audit/log/"),
    "audit-snooping": ("Information governance lead", "/audit/snooping/"),
    "audit-person": ("Information governance lead", f"/audit/person/{CHILD}/"),
    "sign-out": ("Analyst", "/sign-out/"),
    "accessibility": ("Board member", "/accessibility/"),
}
NOTHING = "\N{EN DASH}"
PURPOSES = {
    "Analyst": "school_from_ta",
    "Children's practitioner": "school_from_ta",
    "Victim advocate": "victim_response",
}


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no browser: install chromium")
        pytest.skip("no browser: install chromium to run these")
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, chromium: str):
    """The address of the sample, served by its own process, and the users by role name."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    left_out = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    command = [sys.executable, str(Path(__file__).parent / "serve_sample.py"), folder / "place", port, folder / "users"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([str(part) for part in command], env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield f"http://127.0.0.1:{port}", json.loads((folder / "users").read_text())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(900):
        if process.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text()[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the server did not answer in three minutes")


@pytest.fixture(scope="module")
def browser(chromium: str):
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def states(server, browser: Browser):
    """The signed-in state of each role that the pages need, with a reason where the role sees people."""
    address, users = server
    kept = {}
    for role in {role for role, _ in PAGES.values()}:
        context = browser.new_context()
        page = context.new_page()
        sign_in(page, address, *users[role])
        if role in PURPOSES:
            page.goto(f"{address}/reason/")
            page.check(f"input[value={PURPOSES[role]}]")
            page.fill("#id_reference", "MTG-2026-041")
            page.click("text=Continue")
        if role == "Victim advocate":
            confirm(page, address, users[role][1], TOTP(users["factors"][role]).now())
        kept[role] = context.storage_state()
        context.close()
    return kept


def confirm(page: Page, address: str, password: str, code: str) -> None:
    page.goto(f"{address}/confirm/")
    page.fill("#id_password", password)
    page.fill("#id_code", code)
    page.click("main button")


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("main button")
    expect(page.locator("h1")).to_contain_text("Sample Vale")


def keep_picture(page: Page, name: str) -> None:
    """Keep a screenshot where BRAID_PICTURES names a folder, to be looked at."""
    folder = os.environ.get("BRAID_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def check_accessible(page: Page) -> None:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    found = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]} ({len(violation['nodes'])})"
        for violation in results.response["violations"]
    ]
    assert not found, "\n".join(found)


def check_at_every_size(page: Page, name: str) -> None:
    """Nothing to complain of and nothing off the side, wide and narrow, of one page that is loaded once."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        keep_picture(page, f"{name}-{size}")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], size
        if size in WALKED:
            check_accessible(page)


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_do_not_scroll_sideways(name, server, browser, states):
    role, path = PAGES[name]
    context = browser.new_context(storage_state=states[role], viewport=SIZES["wide"])
    page = context.new_page()
    refused = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.goto(server[0] + path)
    assert not refused, refused
    check_at_every_size(page, name)
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_sign_in_page_and_its_error(size, server, browser):
    context = browser.new_context(viewport=SIZES[size])
    page = context.new_page()
    page.goto(server[0] + "/sign-in/")
    check_accessible(page)
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("main button")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter a correct username and password")
    keep_picture(page, f"sign-in-{size}")
    check_accessible(page)
    context.close()


def test_a_location_is_asked_for_confirmed_and_shown_for_one_answer(server, browser, states):
    """From the person's page by its link, through the confirmation and its error, to the field: without script."""
    address, users = server
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["narrow"])
    page = context.new_page()
    sign_in(page, address, *users["Victim advocate"])
    page.goto(f"{address}/people/{VICTIM}/")
    page.check("input[value=victim_response]")
    page.fill("#id_reference", "MTG-2026-041")
    page.click("text=Continue")
    page.click("text=Show (asks for your code) postcode")
    expect(page.locator("h1")).to_have_text("Confirm it is you")
    page.fill("#id_password", users["Victim advocate"][1])
    page.fill("#id_code", "000000")
    page.click("main button")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter your correct password and a new code")
    keep_picture(page, "confirm-refused-narrow")
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)  # the code of now was taken by `states`
    page.fill("#id_password", users["Victim advocate"][1])
    page.fill("#id_code", TOTP(users["factors"]["Victim advocate"]).at(ahead))
    page.click("main button")
    expect(page.locator("main")).to_contain_text("QB99 9ZZ")
    expect(page.locator("main")).not_to_contain_text("Willow")
    context.close()


def test_without_script_and_with_keyboard_alone(server, browser):
    """From signing in to a person: no script, no mouse."""
    address, users = server
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"])
    page = context.new_page()
    page.goto(f"{address}/people/")
    tab_to(page, "#id_username")
    page.keyboard.type(users["Analyst"][0])
    page.keyboard.press("Tab")
    page.keyboard.type(users["Analyst"][1])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Why are you looking?")
    tab_to(page, "#id_purpose")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("mtg-2026-041")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("People waiting in several backlogs")
    tab_to(page, "#id_sort")
    page.keyboard.press("ArrowDown")
    tab_to(page, "form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=total**")
    tab_to(page, ".app-person a")
    page.keyboard.press("Enter")
    expect(page.locator("#waits")).to_be_visible()
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first element of the selector has the focus; the focus must be on the screen."""
    wanted = page.locator(selector).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            expect(wanted).to_be_in_viewport()
            return
    pytest.fail(f"{selector} cannot be reached by keyboard")


def test_print_shows_the_details_and_no_forms(server, browser, states):
    context = browser.new_context(storage_state=states["Analyst"])
    page = context.new_page()
    page.goto(f"{server[0]}/people/{CHILD}/")
    page.emulate_media(media="print")
    expect(page.get_by_text("Counted in calendar days").first).to_be_visible()
    expect(page.get_by_text("Sign out")).to_be_hidden()
    keep_picture(page, "person-print")
    page.goto(f"{server[0]}/people/")
    page.emulate_media(media="print")
    expect(page.locator(".app-filters")).to_be_hidden()
    context.close()


def test_the_drawings_say_what_the_tables_say(server, browser, states):
    """Every figure drawn on the place page stands in the table beside it."""
    context = browser.new_context(storage_state=states["Analyst"])
    page = context.new_page()
    page.goto(server[0] + "/")
    drawn = page.locator("svg[aria-labelledby^=median-chart] text").all_text_contents()
    rows = page.locator("table:has(#running-waits) tbody tr").all()
    table = {row.locator("th").inner_text(): row.locator("td").nth(2).inner_text() for row in rows}
    chart = dict(zip(drawn[::2], drawn[1::2], strict=True))
    assert len(chart) == len(table) > 10
    for kind, median in table.items():
        assert chart[kind] == ("not shown" if median in ("Too few", NOTHING) else median)
    context.close()


def test_the_drawings_of_queues_say_what_the_tables_say(server, browser, states):
    """What began and what ended as drawn, and each size as drawn, stand in the tables beside."""
    context = browser.new_context(storage_state=states["Board member"])
    page = context.new_page()
    page.goto(server[0] + "/backlogs/")
    drawn = page.locator("svg[aria-labelledby^=flow-chart] text").all_text_contents()
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("table:has(#flows) tbody tr").all()]
    table = {kind: (f"{began} began", f"{ended} ended") for kind, _, began, ended, *_ in rows}
    chart = dict(zip(drawn[::3], zip(drawn[1::3], drawn[2::3], strict=True), strict=True))
    assert len(chart) > 4
    assert all(table[kind] == bars for kind, bars in chart.items())
    page.goto(server[0] + "/backlogs/rtt/")
    page.get_by_text("The same sizes as a table").click()
    shown = page.locator("table:has(#size-table) tbody tr").all()
    assert len(shown) == page.locator("svg[aria-labelledby^=size-chart] circle").count() > 10
    newest = page.locator("svg[aria-labelledby^=size-chart] text").last.text_content()
    assert shown[0].locator("td").first.inner_text() == newest
    context.close()


def test_other_figures_are_tried_without_script_and_with_keyboard_alone(server, browser):
    address, users = server
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["narrow"])
    page = context.new_page()
    sign_in(page, address, *users["Board member"])
    page.goto(f"{address}/backlogs/rtt/")
    tab_to(page, "#id_capacity")
    page.keyboard.press("Control+a")
    page.keyboard.type("a few")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the capacity each week as a number")
    page.click(".govuk-error-summary a")
    expect(page.locator("#id_capacity:focus")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("1,000")
    page.keyboard.press("Enter")
    expect(page.locator("#theory-table")).to_contain_text("Relief capacity")
    expect(page.locator("#theory-table caption")).to_contain_text("capacity 1,000 a week")
    context.close()
