"""Three whole cycles in the real browser, each by ten organisations that are signed in: a conference about risk, a
readiness meeting and a placement panel. No script runs, and the chair of each uses the keyboard alone."""

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_web_browser import (  # noqa: F401
    REPOSITORY,
    SIZES,
    _wait_for,
    browser,
    check_at_every_size,
    chromium,
    keep_picture,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "a long enough password 1"
LEFT_OUT = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS", "BRAID_VAULT_KEY_FILE")
TODAY = dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True)
class Table:
    """Who sits where. Each is (organisation, role, team, seat); the first leads the case, the last chairs."""

    case_type: str
    purpose: str
    part: str
    seats: tuple[tuple[str, str, str, str], ...]
    decision: str
    dissents: str


def _of_councils(
    councils: list[str], role: str, seats: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str, str, str], ...]:
    """One of each council, by team and seat."""
    return tuple(
        (council, role, f"{council.removesuffix('-council')}-{team}", seat)
        for council, (team, seat) in zip(councils, seats, strict=True)
    )


def conference(councils: list[str]) -> Table:
    """Ten organisations about somebody harmed."""
    seats = (
        ("housing", "housing"),
        ("children", "childrens_social_care"),
        ("children", "adult_social_care"),
        ("education", "education"),
        ("housing", "housing"),
    )
    return Table(
        "marac",
        "victim_response",
        "harmed",
        (
            ("lanternhouse", "advocate", "lanternhouse-advocacy", "advocate"),
            *_of_councils(councils, "responder", seats),
            ("arden-vale-icb", "responder", "arden-vale-icb-community-health", "health"),
            ("arden-vale-police", "responder", "arden-vale-police-safeguarding", "police"),
            ("arden-vale-probation", "responder", "arden-vale-probation-victims", "probation"),
            ("arden-vale-ca", "coordinator", "arden-vale-ca-coordination", "coordination"),
        ),
        "safety_plan",
        "arden-vale-police",
    )


def readiness(councils: list[str]) -> Table:
    """Ten organisations about a child in care proceedings."""
    seats = (
        ("children", "childrens_social_care"),
        ("legal", "council_legal"),
        ("legal", "council_legal"),
        ("children", "childrens_social_care"),
        ("legal", "council_legal"),
    )
    return Table(
        "family_readiness",
        "court_readiness",
        "child",
        (
            *_of_councils(councils, "practitioner", seats),
            ("arden-vale-icb", "partner", "arden-vale-icb-community-health", "health"),
            ("arden-vale-cafcass", "partner", "arden-vale-cafcass-guardians", "cafcass"),
            ("family-court", "listing_officer", "family-court-listing", "court_listing"),
            ("arden-vale-ca", "coordinator", "arden-vale-ca-coordination", "coordination"),
        ),
        "will_be_ready",
        "arden-vale-cafcass",
    )


def panel(councils: list[str]) -> Table:
    """Ten organisations about a child in temporary accommodation."""
    seats = (
        ("housing", "placement"),
        ("education", "education"),
        ("children", "childrens_social_care"),
        ("housing", "placement"),
        ("education", "education"),
    )
    return Table(
        "placement_panel",
        "school_from_ta",
        "child",
        (
            *_of_councils(councils, "practitioner", seats),
            ("vale-academies", "partner", "vale-academies-office", "education"),
            ("arden-schools", "partner", "arden-schools-office", "education"),
            ("arden-vale-icb", "partner", "arden-vale-icb-community-health", "health"),
            ("lanternhouse", "partner", "lanternhouse-advocacy", "voluntary"),
            ("arden-vale-ca", "coordinator", "arden-vale-ca-coordination", "coordination"),
        ),
        "nearer_home",
        "vale-academies",
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory, chromium: str):  # noqa: F811
    """The address of the place, and its councils."""
    folder = tmp_path_factory.mktemp("table")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key not in LEFT_OUT}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    program = Path(__file__).parent / "serve_table.py"
    command = [sys.executable, str(program), str(folder / "place"), str(port), str(folder / "users")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield f"http://127.0.0.1:{port}", json.loads((folder / "users").read_text())["councils"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


class Desk:
    """Somebody of an organisation at their own browser, signed in, who has said why they look."""

    def __init__(self, browser: Browser, address: str, organisation: str, role: str, purpose: str) -> None:  # noqa: F811
        self.address = address
        context = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"])
        context.set_default_timeout(60_000)
        self.page = context.new_page()
        self.page.goto(f"{address}/sign-in/")
        self.page.fill("#id_username", f"demo-{organisation}-{role}".replace("_", "-"))
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button")
        self.page.goto(f"{address}/reason/")
        self.page.check(f"input[value={purpose}]")
        self.page.fill("#id_reference", "MTG-2026-041")
        self.page.click("text=Continue")

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.address + path)
        return self.page

    def unfold(self, title: str) -> None:
        """Open a folded form."""
        self.page.locator("summary", has_text=title).click()

    def tab_to(self, selector: str) -> None:
        """Move with the tab key alone until what the selector finds has the focus."""
        wanted = self.page.locator(selector).first
        for _ in range(400):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the tab key does not reach {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Reach something by the tab key and press a key on it; of a button, wait for the page that it leads to."""
        self.tab_to(selector)
        if selector.startswith("button"):
            with self.page.expect_navigation():
                self.page.keyboard.press(key)
        else:
            self.page.keyboard.press(key)

    def choose(self, selector: str, value: str) -> None:
        """Reach a list by the tab key, and go through it by arrow keys to a value."""
        self.tab_to(selector)
        self.page.keyboard.press("Home")
        options = self.page.locator(f"{selector} option")
        values = [options.nth(number).get_attribute("value") for number in range(options.count())]
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        expect(self.page.locator(selector)).to_have_value(value)

    def write(self, selector: str, words: str) -> None:
        """Reach a field by the tab key and type."""
        self.tab_to(selector)
        self.page.keyboard.type(words)


@pytest.mark.parametrize("make", [conference, readiness, panel])
def test_ten_organisations_from_the_person_to_what_came_of_it(make, served, browser):  # noqa: F811
    address, councils = served
    table = make(councils)
    desks = [Desk(browser, address, seat[0], seat[1], table.purpose) for seat in table.seats]
    lead, chair = desks[0], desks[-1]
    name = f"table-{table.case_type}"
    case = _open(lead, table)
    for desk, (_, _, team, seat) in zip(desks[1:], table.seats[1:], strict=True):
        _offer(lead, case, team, seat)
        desk.go("/work-list/").locator("main a[href^='/offers/']").first.click()
        desk.page.click("text=Accept, and take part myself")
        expect(desk.page.locator("h1")).to_contain_text("JC-")
    reference = lead.go(case).locator("h1").inner_text()
    _look(lead, browser, f"{name}-case")
    meeting = _plan(chair, table, reference)
    item = _give_returns(desks[:-1], reference)
    _look(desks[1], browser, f"{name}-return")
    _begin(chair, meeting)
    _look(chair, browser, f"{name}-meeting")
    _decide(chair, table, item)
    _look(chair, browser, f"{name}-decision")
    dissenting = desks[[seat[0] for seat in table.seats].index(table.dissents)]
    dissenting.go(item)
    dissenting.unfold("Record that we do not agree")
    dissenting.page.fill("#id_dissent-words", "It comes too late")
    dissenting.page.click("text=Record dissent")
    for desk, (*_, seat) in zip(desks, table.seats, strict=True):
        # Probation is shown the side of who is accused alone, and reads nothing of what was decided for the others.
        told = expect(desk.go(item).locator("main"))
        (told.not_to_contain_text if seat == "probation" else told.to_contain_text)("It comes too late")
    chair.go(meeting)
    chair.press("button:has-text('End the meeting')")
    chair.press("button:has-text('Agree the minutes')")
    expect(chair.page.locator("main")).to_contain_text("Minutes agreed")
    lead.go("/work-list/")
    expect(lead.page.locator("main")).to_contain_text("Say back what was done")
    lead.go(case).get_by_role("button", name="Mark as done").first.click()
    expect(lead.page.locator("main")).to_contain_text("Done")
    lead.unfold("Close the case")
    lead.page.select_option("#id_close-outcome", "goals_met")
    lead.page.get_by_role("button", name="Close", exact=True).click()
    expect(lead.page.locator("main")).to_contain_text("Closed")
    _look(lead, browser, f"{name}-closed")
    for desk in desks:
        desk.page.context.close()


def _look(desk: Desk, browser: Browser, name: str) -> None:  # noqa: F811
    """Open the same page with script, which the check of accessibility needs, at every size and in print."""
    context = browser.new_context(storage_state=desk.page.context.storage_state(), viewport=SIZES["wide"])
    page = context.new_page()
    page.goto(desk.page.url.split("?")[0])
    check_at_every_size(page, name)
    page.set_viewport_size(SIZES["wide"])
    page.emulate_media(media="print")
    keep_picture(page, f"{name}-print")
    context.close()


def _open(lead: Desk, table: Table) -> str:
    lead.go("/people/").locator("main a[href^='/people/']:not([href*='?']):not([href='/people/'])").first.click()
    lead.page.click("text=Open a joint case")
    lead.page.select_option("#id_case_type", table.case_type)
    lead.page.select_option("#id_agency", table.seats[0][3])
    lead.page.select_option("#id_part", table.part)
    lead.page.click("text=Open the case")
    expect(lead.page.locator("h1")).to_contain_text("JC-")
    return "/" + lead.page.url.split("/", 3)[3].split("?")[0]


def _offer(lead: Desk, case: str, team: str, seat: str) -> None:
    lead.go(case)
    lead.unfold("Offer the case to a team")
    for field, value in (("team", team), ("agency", seat), ("right", "edit"), ("sight", "whole")):
        lead.page.select_option(f"#id_offer-{field}", value)
    lead.page.get_by_role("button", name="Offer", exact=True).click()
    expect(lead.page.locator("#done")).to_contain_text("recorded")


def _plan(chair: Desk, table: Table, reference: str) -> str:
    """Plan the meeting, put the case on its agenda and ask for returns: by the keyboard alone."""
    chair.go("/meetings/")
    chair.choose("#id_case_type", table.case_type)
    chair.write("#id_starts_at", f"{TODAY + dt.timedelta(days=9)} 10:00")
    chair.press("button:has-text('Plan it')")
    meeting = "/" + chair.page.url.split("/", 3)[3].split("?")[0]
    chair.press("summary:has-text('Put a case on the agenda')")
    value = chair.page.locator("#id_case option", has_text=reference).get_attribute("value")
    chair.choose("#id_case", str(value))
    chair.press("button:has-text('Put it on')")
    chair.press("button:has-text('Ask for returns')")
    return meeting


def _give_returns(desks: list[Desk], reference: str) -> str:
    """Everybody but the chair answers the first question they are asked, or says that nothing is held."""
    item = ""
    for number, desk in enumerate(desks):
        desk.go("/work-list/").locator("main a[href^='/agenda/']", has_text=reference).click()
        item = "/" + desk.page.url.split("/", 3)[3].split("?")[0]
        if number % 3 == 2:
            desk.page.get_by_role("button", name="We hold nothing").click()
        else:
            desk.unfold("Give our return")
            desk.page.locator("details textarea").first.fill(f"What the organisation of seat {number} holds")
            desk.page.select_option("#id_gateway", index=1)
            desk.page.select_option("#id_necessity", index=1)
            if desk.page.locator("#id_weighing").count():
                desk.page.select_option("#id_weighing", index=1)
            desk.page.click("text=Give the return")
        expect(desk.page.locator("#done")).to_contain_text("recorded")
    return item


def _begin(chair: Desk, meeting: str) -> None:
    chair.go(meeting)
    chair.press("summary:has-text('Write down who is there')")
    lists = chair.page.locator("select[name^='at_']")
    for number in range(lists.count()):
        chair.choose(f"#{lists.nth(number).get_attribute('id')}", "present")
    chair.press("button:text-is('Write down')")
    chair.press("button:has-text('Begin the meeting')")
    expect(chair.page.locator("main")).to_contain_text("In session")


def _decide(chair: Desk, table: Table, item: str) -> None:
    chair.go(item)
    chair.press("summary:has(span:text-is('Decide'))")
    chair.choose("#id_decide-decision", table.decision)
    chair.write("#id_decide-reason", "What was returned leaves no doubt")
    chair.write("#id_decide-words_1", "Say back what was done")
    chair.choose("#id_decide-team_1", table.seats[0][2])
    chair.write("#id_decide-due_1", f"{TODAY + dt.timedelta(days=3)}")
    chair.press("button:text-is('Decide')")
    expect(chair.page.locator("main")).to_contain_text("What was returned leaves no doubt")
