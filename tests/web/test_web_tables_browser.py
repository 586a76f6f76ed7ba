"""Three whole cycles in the real browser, each by ten organisations that are signed in: a conference about risk, a
readiness meeting and a placement panel. No script runs, and nobody at the table touches a mouse.

With BRAID_PICTURES, a folder, it keeps the pictures of the manual there: `python tools/manual_pictures.py` puts them in
place."""

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
from keyboard import Walk, check_error_is_reached, check_skip_link, walk_to_the_end
from manual_album import Album
from playwright.sync_api import Browser, Page, expect
from print_checks import check_print
from test_web_browser import (  # noqa: F401
    REPOSITORY,
    SIZES,
    _wait_for,
    browser,
    check_at_every_size,
    chromium,
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
    said: dict[str, str]
    """What each seat returns to its first question; a seat that is not here holds nothing."""
    reason: str
    action: str
    dissent: str
    beside: str
    """The page of the case that this kind of case has beside its meeting: the text of its link."""


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
        {
            "advocate": "She is afraid that it will get worse, and it has, twice this month",
            "housing": "The lock was changed on Tuesday; a move is being prepared",
            "adult_social_care": "Nothing beyond what the advocate has said",
            "education": "The older child has missed six days since September",
            "health": "Two visits to the emergency department with injuries since August",
            "police": "Three calls in twelve months, the last of them ten days ago",
        },
        "The violence has grown within a month, and five agencies see it",
        "Go through the safety plan with her and say what was agreed",
        "Measures against the person accused should come first",
        "Response as one plan",
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
            ("vale-experts", "partner", "vale-experts-office", "health"),
            ("arden-vale-cafcass", "partner", "arden-vale-cafcass-guardians", "cafcass"),
            ("family-court", "listing_officer", "family-court-listing", "court_listing"),
            ("arden-vale-ca", "coordinator", "arden-vale-ca-coordination", "coordination"),
        ),
        "will_be_ready",
        "arden-vale-cafcass",
        {
            "childrens_social_care": "The assessment of the parents is filed; the care plan follows on Friday",
            "council_legal": "Statements are exchanged; the bundle waits for the report of the expert",
            "health": "The report is written and will be signed this week",
            "cafcass": "The guardian's analysis comes two days before the hearing",
            "court_listing": "Half a day is listed, and could go to another case until Thursday",
        },
        "What is open has an owner and a day before the hearing",
        "File the care plan, and tell everybody that it is there",
        "Two days are too few to read it",
        "Readiness",
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
        {
            "placement": "One room for three since July; a home nearer the school is free in two weeks",
            "education": "The place at the present school is kept until the end of term",
            "childrens_social_care": "A family support worker sees them each week",
            "health": "The asthma clinic sees the child in January",
            "voluntary": "The breakfast club has kept a place",
        },
        "The journey takes more than an hour each way, and a home near the school is free",
        "Offer the home near the school and arrange the day of the move",
        "Transport should be paid until the move",
        "Planned moves and their notices",
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


class Desk(Walk):
    """Somebody of an organisation at their own browser and keyboard, signed in, who has said why they look."""

    def __init__(self, browser: Browser, address: str, organisation: str, role: str, purpose: str) -> None:  # noqa: F811
        context = browser.new_context(java_script_enabled=False, viewport=SIZES["wide"])
        context.set_default_timeout(60_000)
        super().__init__(context.new_page())
        self.address = address
        self.go("/sign-in/")
        self.write("#id_username", f"demo-{organisation}-{role}".replace("_", "-"))
        self.write("#id_password", PASSWORD)
        self.press("main button")
        self.go("/reason/")
        self.pick("purpose", purpose)
        self.write("#id_reference", "MTG-2026-041")
        self.press("button:has-text('Continue')")

    def go(self, path: str) -> Page:
        """Open a page."""
        return super().go(self.address + path)

    def here(self) -> str:
        """The path of the page that is open."""
        return "/" + self.page.url.split("/", 3)[3].partition("?")[0].partition("#")[0]


@pytest.mark.parametrize("make", [conference, readiness, panel])
def test_ten_organisations_from_the_person_to_what_came_of_it(make, served, browser):  # noqa: F811
    address, councils = served
    table = make(councils)
    assert len({seat[0] for seat in table.seats}) == 10
    album = Album(table.case_type)
    desks = [Desk(browser, address, seat[0], seat[1], table.purpose) for seat in table.seats]
    lead, chair = desks[0], desks[-1]
    case = _open(lead, table, album)
    for desk, (_, _, team, seat) in zip(desks[1:], table.seats[1:], strict=True):
        _offer(lead, case, team, seat, album)
        _accept(desk, album)
    reference = lead.go(case).locator("h1").inner_text()
    album.keep(lead.page, "case", most=980)
    _look(lead, browser)
    _beside(lead, table, album)
    _look(lead, browser)
    meeting = _plan(chair, table, reference, album)
    _look(chair, browser)
    item = _give_returns(desks[:-1], table, reference, album)
    _look(desks[1], browser)
    _begin(chair, meeting, album)
    _look(chair, browser)
    lead.go(item)
    album.keep(lead.page, "seen", "h3:has-text('What you may see')", ".app-blocker >> nth=-1")
    _decide(chair, table, item, album)
    _look(chair, browser)
    _dissent(desks[[seat[0] for seat in table.seats].index(table.dissents)], table, item)
    for desk, (*_, seat) in zip(desks, table.seats, strict=True):
        # Probation is shown the side of who is accused alone, and reads nothing of what was decided for the others.
        told = expect(desk.go(item).locator("main"))
        (told.not_to_contain_text if seat == "probation" else told.to_contain_text)(table.dissent)
    album.keep(desks[1].page, "decided", "h2:text-is('Decision')", ".app-blocker >> nth=-1")
    _agree(chair, meeting, album)
    _look(chair, browser)
    _close(lead, table, case, album)
    _look(lead, browser)
    assert album.is_whole(), album.kept
    for desk in desks:
        desk.page.context.close()


def _look(desk: Desk, browser: Browser) -> None:  # noqa: F811
    """The same page with script, which the check of accessibility needs: at every size, by keyboard, and on paper."""
    context = browser.new_context(storage_state=desk.page.context.storage_state(), viewport=SIZES["wide"])
    page = context.new_page()
    page.goto(desk.address + desk.here())
    check_at_every_size(page, f"table{desk.here().replace('/', '-')}")
    check_skip_link(Walk(page))
    walk_to_the_end(page)
    page.set_viewport_size(SIZES["wide"])
    check_print(page)
    context.close()


def _open(lead: Desk, table: Table, album: Album) -> str:
    lead.go("/people/")
    lead.press("main a[href^='/people/']:not([href*='?']):not([href='/people/'])")
    lead.press("a:has-text('Open a joint case')")
    lead.press("button:has-text('Open the case')")
    check_error_is_reached(lead, "Choose", "#id_case_type")
    lead.go(lead.here())
    lead.choose("#id_case_type", table.case_type)
    lead.choose("#id_agency", table.seats[0][3])
    lead.choose("#id_part", table.part)
    album.keep(lead.page, "open")
    lead.press("button:has-text('Open the case')")
    expect(lead.page.locator("h1")).to_contain_text("JC-")
    return lead.here()


def _offer(lead: Desk, case: str, team: str, seat: str, album: Album) -> None:
    lead.go(case)
    lead.unfold("Offer the case to a team")
    for name, value in (("team", team), ("agency", seat), ("right", "edit"), ("sight", "whole")):
        lead.choose(f"#id_offer-{name}", value)
    album.keep(lead.page, "offer", "details[open]")
    lead.press("button:text-is('Offer')")
    expect(lead.page.locator("#done")).to_contain_text("recorded")


def _accept(desk: Desk, album: Album) -> None:
    desk.go("/work-list/")
    desk.press("main a[href^='/offers/']")
    album.keep(desk.page, "accept")
    desk.press("button:has-text('Accept, and take part myself')")
    expect(desk.page.locator("h1")).to_contain_text("JC-")


def _beside(lead: Desk, table: Table, album: Album) -> None:
    lead.press(f"main a:text-is('{table.beside}')")
    album.keep(lead.page, "beside", most=900)


def _plan(chair: Desk, table: Table, reference: str, album: Album) -> str:
    """Plan the meeting, put the case on its agenda and ask for returns."""
    chair.go("/meetings/")
    chair.choose("#id_case_type", table.case_type)
    chair.write("#id_starts_at", f"{TODAY + dt.timedelta(days=9)} 10:00")
    chair.press("button:has-text('Plan it')")
    meeting = chair.here()
    chair.unfold("Put a case on the agenda")
    value = chair.page.locator("#id_case option", has_text=reference).get_attribute("value")
    chair.choose("#id_case", str(value))
    chair.press("button:has-text('Put it on')")
    chair.press("button:has-text('Ask for returns')")
    album.keep(chair.page, "agenda", most=760)
    return meeting


def _give_returns(desks: list[Desk], table: Table, reference: str, album: Album) -> str:
    """The first of each seat answers the first question it is asked; whoever has nothing to say, says so."""
    answered = set()
    for desk, (_, _, _, seat) in zip(desks, table.seats, strict=False):
        desk.go("/work-list/")
        desk.press(f"main a[href^='/agenda/']:has-text('{reference}')")
        if seat in table.said and seat not in answered:
            answered.add(seat)
            desk.unfold("Give our return")
            desk.write("details[open] textarea", table.said[seat])
            for name in ("#id_gateway", "#id_necessity", "#id_weighing"):
                if desk.page.locator(name).count():
                    desk.choose_second(name)
            album.keep(desk.page, "return", "details[open]", most=1000)
            desk.press("button:text-is('Give the return')")
        else:
            desk.press("button:text-is('We hold nothing')")
        expect(desk.page.locator("#done")).to_contain_text("recorded")
    return desks[0].here()


def _begin(chair: Desk, meeting: str, album: Album) -> None:
    chair.go(meeting)
    chair.unfold("Write down who is there")
    lists = chair.page.locator("select[name^='at_']")
    for number in range(lists.count()):
        chair.choose(f"#{lists.nth(number).get_attribute('id')}", "present")
    album.keep(chair.page, "present", "details[open]", most=900)
    chair.press("button:text-is('Write down')")
    chair.press("button:has-text('Begin the meeting')")
    expect(chair.page.locator("main")).to_contain_text("In session")


def _decide(chair: Desk, table: Table, item: str, album: Album) -> None:
    chair.go(item)
    chair.unfold("Decide")
    chair.choose("#id_decide-decision", table.decision)
    chair.write("#id_decide-reason", table.reason)
    chair.press("button:text-is('Decide')")
    check_error_is_reached(chair, "at least one action", "#id_decide-decision")
    chair.write("#id_decide-words_1", table.action)
    chair.choose("#id_decide-team_1", table.seats[0][2])
    chair.write("#id_decide-due_1", f"{TODAY + dt.timedelta(days=3)}")
    album.keep(chair.page, "decide", "details[open]", most=1000)
    chair.press("button:text-is('Decide')")
    expect(chair.page.locator("main")).to_contain_text(table.reason)


def _dissent(desk: Desk, table: Table, item: str) -> None:
    desk.go(item)
    desk.unfold("Record that we do not agree")
    desk.write("#id_dissent-words", table.dissent)
    desk.press("button:text-is('Record dissent')")


def _agree(chair: Desk, meeting: str, album: Album) -> None:
    chair.go(meeting)
    chair.press("button:has-text('End the meeting')")
    chair.press("button:has-text('Agree the minutes')")
    expect(chair.page.locator("main")).to_contain_text("Minutes agreed")
    chair.press("main a:text-is('Minutes')")
    album.keep(chair.page, "minutes", most=1100)


def _close(lead: Desk, table: Table, case: str, album: Album) -> None:
    """The action of the meeting is done and the case closed with its outcome."""
    lead.go("/work-list/")
    expect(lead.page.locator("main")).to_contain_text(table.action)
    album.keep(lead.page, "work", most=820)
    lead.go(case)
    lead.press("button:has-text('Mark as done')")
    expect(lead.page.locator("main")).to_contain_text("Done")
    lead.unfold("Close the case")
    lead.choose("#id_close-outcome", "goals_met")
    lead.press("button:text-is('Close')")
    expect(lead.page.locator("main")).to_contain_text("Closed")
    album.keep(lead.page, "closed", "h2:text-is('Actions')", "main")
