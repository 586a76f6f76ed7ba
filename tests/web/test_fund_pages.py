"""The pages of joint funds: who sees them, what a finance officer does on them, and what they refuse."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent))

from django.utils import timezone
from fund_sample import FUNDS_TOML, write_funds
from published_sample import ENTRIES

from braid.place.money.entries import Order
from braid.place.money.periods import first_month_of, last_month_of, month_before, year_of
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.funds import keeping
from braid.web.funds.definitions import funds
from braid.web.funds.form import holds_person
from braid.web.models import LedgerEntry, LedgerPeriod, User
from braid.web.watch import known_asker

MAY = dt.date(2024, 5, 10)


@pytest.fixture
def place(published, tmp_path, monkeypatch):
    """A place with funds, as the processes that answer requests know it."""
    monkeypatch.setenv("BRAID_PLACE", str(write_funds(tmp_path)))


@pytest.fixture
def officer(place, client_of) -> Client:
    return client_of("finance_officer")


@pytest.fixture
def colleague(place, user_of) -> Client:
    """A second finance officer."""
    User.objects.create(username="second", role="finance_officer", organisation=user_of("finance_officer").organisation)
    client = Client()
    client.force_login(User.objects.get(username="second"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def posted(client: Client, kind: str, follow: bool = True, **values: str):
    given = {"occurred_date": "2024-05-10", "note": "", **values}
    return client.post(f"/funds/pool/post/?kind={kind}", given, follow=follow)


def words(response) -> str:
    return response.content.decode()


def journal() -> list[LedgerEntry]:
    with known_asker():
        return list(LedgerEntry.objects.order_by("posted_at"))


def test_whoever_governs_sees_funds_and_the_others_do_not(place, client_of):
    for role, status in (("board_member", 200), ("commissioner", 200), ("finance_officer", 200), ("advocate", 403)):
        for address in ("/funds/", "/funds/pool/", "/funds/pool/lines.csv"):
            assert client_of(role).get(address).status_code == status, (role, address)
    assert client_of("board_member").get("/funds/pool/post/").status_code == 403
    assert client_of("board_member").post("/funds/pool/", {"kind": "close", "month": "2024-04-01"}).status_code == 403
    assert client_of("finance_officer").get("/funds/absent/").status_code == 404


def test_a_fund_is_opened_posted_to_and_shown(officer):
    assert "The budget of the year is given" in words(
        officer.post("/funds/pool/", {"kind": "open", "year": "2024"}, follow=True)
    )
    assert "The entry is posted" in words(posted(officer, "contribution", body="icb", amount="200.00"))
    assert "The entry is posted" in words(posted(officer, "contribution", body="council", amount="300.01"))
    posted(officer, "commitment", line="beds", amount="100", reference="PO-1")
    commitment = journal()[-1]
    posted(officer, "actual", line="beds", amount="£60.50", commitment=str(commitment.pk))
    page = words(officer.get("/funds/pool/?year=2024"))
    for shown in ("£4,500.01", "£39.50", "£60.50", "£2,400.01", "Waits for", "Home from hospital"):
        assert shown in page or shown == "Waits for", shown
    assert "Beds" in page
    assert "PO-1" in page
    kinds = [entry.kind for entry in journal()]
    assert kinds == ["budget", "contribution", "contribution", "commitment", "actual"]
    recorded = [entry.details.get("what") for entry in ENTRIES.filter(page="funds").order_by("pk")]
    assert recorded[:2] == ["ledger budget opened", "ledger entry posted"]


def test_a_form_that_is_sent_twice_is_posted_once(officer):
    """Whoever clicks twice pays once; whoever means two payments fills the form in twice."""
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    page = "/funds/pool/post/?kind=actual"

    def filled() -> dict[str, str]:
        """Return the form as the page hands it out now, filled in."""
        (given,) = re.findall(r'name="sent_as" value="([^"]+)"', words(officer.get(page)))
        return {"sent_as": given, "line": "beds", "amount": "7", "occurred_date": "2024-05-10", "note": ""}

    form = filled()
    first, second = officer.post(page, form), officer.post(page, form, follow=True)
    assert first.status_code == 302
    assert "That form was sent twice. It is posted once." in words(second)
    assert [entry.kind for entry in journal()] == ["budget", "actual"]
    assert officer.post(page, filled()).status_code == 302
    assert [entry.kind for entry in journal()] == ["budget", "actual", "actual"]
    wrong = officer.post(page, {**(form := filled()), "amount": "much"})
    assert wrong.status_code == 400
    assert form["sent_as"] in words(wrong), "what is mended and sent again is the same form"


def test_four_eyes_on_a_large_entry(officer, colleague):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    assert "waits for a colleague" in words(posted(officer, "commitment", line="beds", amount="600.00"))
    entry = journal()[-1]
    refused = officer.post("/funds/pool/", {"kind": "approve", "entry": str(entry.pk)})
    assert refused.status_code == 400
    assert "whoever posts an entry does not approve it" in words(refused)
    close = officer.post("/funds/pool/", {"kind": "close", "month": "2024-04-01"})
    assert close.status_code == 302
    close = officer.post("/funds/pool/", {"kind": "close", "month": "2024-05-01"})
    assert "wait for approval" in words(close)
    done = colleague.post("/funds/pool/", {"kind": "approve", "entry": str(entry.pk)}, follow=True)
    assert "is approved and counts" in words(done)
    assert officer.post("/funds/pool/", {"kind": "close", "month": "2024-05-01"}).status_code == 302


def test_a_refusal_has_a_reason_and_stays_in_the_journal(officer, colleague):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    posted(officer, "commitment", line="beds", amount="600.00")
    entry = {"kind": "refuse", "entry": str(journal()[-1].pk)}
    assert "Say why" in words(colleague.post("/funds/pool/", entry))
    assert "does not count" in words(colleague.post("/funds/pool/", {**entry, "reason": "Not agreed"}, follow=True))
    page = words(officer.get("/funds/pool/?year=2024"))
    assert "Refused: Not agreed" in page


def test_what_is_not_available_needs_a_named_reason_with_a_note(officer):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    too_much = {"line": "weeks", "amount": "5"}
    refused = posted(officer, "commitment", follow=False, **too_much)
    assert refused.status_code == 400
    assert "line weeks has not so much available" in words(refused)
    unsaid = posted(officer, "commitment", follow=False, override="emergency", **too_much)
    assert "Say why there is an exception" in words(unsaid)
    done = posted(officer, "commitment", override="emergency", **{**too_much, "note": "Flood"})
    assert "The entry is posted" in words(done)
    page = words(officer.get("/funds/pool/?year=2024"))
    assert "An emergency" in page


def test_a_late_invoice_and_a_correction_say_so(officer):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    posted(officer, "actual", line="beds", amount="7")
    wrong = journal()[-1]
    for month in ("2024-04-01", "2024-05-01"):
        officer.post("/funds/pool/", {"kind": "close", "month": month})
    posted(officer, "actual", line="beds", amount="9")
    assert "Belongs to May 2024, which is closed" in words(officer.get("/funds/pool/?year=2024"))
    address = f"/funds/pool/post/?kind=correction&entry={wrong.pk}"
    assert "It stays in the journal" in words(officer.get(address))
    done = officer.post(address, {"occurred_date": "2024-06-01", "note": "Paid twice"}, follow=True)
    assert "The entry is posted" in words(done)
    assert officer.get(address).status_code == 404, "it is corrected once"
    with known_asker():
        assert LedgerPeriod.objects.count() == 2


@pytest.mark.parametrize(
    ("note", "holds"),
    [
        ("Invoice 4410", False),
        ("for 943 476 5919", True),
        ("9434765919", True),
        ("9434765918", False),
        ("12 Mill Lane QB1 2ZZ", True),
        ("Order 2026-11-04 of 12 beds", False),
    ],
)
def test_a_note_with_an_address_or_number_of_a_person_is_refused(note, holds):
    assert holds_person(note) is holds


def test_such_a_note_is_not_kept(officer):
    refused = posted(officer, "contribution", follow=False, body="icb", amount="5", note="for 943 476 5919")
    assert refused.status_code == 400
    assert "Take out what looks like" in words(refused)
    assert not journal()


def test_bad_forms_are_told_and_nothing_is_posted(officer):
    for values, said in (
        ({"amount": "1.005", "line": "beds"}, "at most two places"),
        ({"amount": "-5", "line": "beds"}, "at most two places"),
        ({"amount": "5", "line": "none"}, "Choose a line"),
        ({"amount": "5", "line": "beds", "occurred_date": "2999-01-01"}, "not in the future"),
        ({"amount": "5", "line": "beds", "occurred_date": "x"}, "Enter a date as year-month-day"),
    ):
        answer = posted(officer, "actual", follow=False, **values)
        assert answer.status_code == 400
        assert said in words(answer), said
    assert not journal()


def test_the_files_hold_what_the_page_shows(officer):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    posted(officer, "actual", line="beds", amount="234.50", override="already_paid", note="Beds in May")
    lines = officer.get("/funds/pool/lines.csv?year=2024")
    assert b'"Beds","Services","2500.01","0.00","234.50","2265.51"' in lines.content
    balance = officer.get("/funds/pool/balance.csv?year=2024").content
    assert b'"Spent on Beds","234.50","0.00"' in balance
    assert b"Beds in May" in officer.get("/funds/pool/journal.csv?year=2024").content
    for form in ("xlsx", "pdf"):
        assert officer.get(f"/funds/pool/lines.{form}?year=2024").status_code == 200
    assert officer.get("/funds/pool/lines.exe").status_code == 404


def test_the_year_end_is_shared_on_the_page(officer):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    asker = Viewer("test-finance_officer", "finance_officer", "", "", "funds")
    with asking_as(asker.username, ""):
        for body, pence in (("council", 30_001), ("icb", 20_000)):
            keeping.post(asker, Order("contribution", "pool", MAY, asker.username, pence, body=body), funds())
        for number in range(4, 16):
            month = dt.date(2024 + (number - 1) // 12, (number - 1) % 12 + 1, 1)
            keeping.close(asker, funds()["pool"], month)
    page = words(officer.get("/funds/pool/?year=2024"))
    # 50,001 pence at 57 to 43: 28,500.57 and 21,500.43.
    for shown in ("£285.01", "£215.00", "Year end", "March 2025"):
        assert shown in page, shown


NEW_FUND = """
[[fund]]
id = "pool"
name = "Begun last month"
basis = "aligned"
host = "council"
from = {first}
to = {last}
approve_from_pence = 100
underspend = "carry"
overspend = "carry"
contribution = [{{ body = "council", year = {year}, pence = 100 }}]
[[fund.line]]
id = "beds"
name = "Beds"
paid_for = "services"
"""


def test_a_period_is_closed_once_it_is_over_and_not_before(officer, tmp_path):
    """Who clicks on and on closes nothing that is still to come: it would be for good."""
    this_month = first_month_of(timezone.localdate())
    before = month_before(this_month)
    last = last_month_of(year_of(this_month))
    text = NEW_FUND.format(first=before, last=last, year=year_of(before))
    (tmp_path / "funds.toml").write_text(text, encoding="utf-8")
    funds.cache_clear()
    assert f"Close {before:%B %Y} for good" in words(officer.get("/funds/pool/"))
    assert officer.post("/funds/pool/", {"kind": "close", "month": before.isoformat()}).status_code == 302
    page = words(officer.get("/funds/pool/"))
    assert f"{this_month:%B %Y} may be closed once it is over" in page
    assert f"Close {this_month:%B %Y} for good" not in page
    refused = officer.post("/funds/pool/", {"kind": "close", "month": this_month.isoformat()})
    assert refused.status_code == 400
    assert f"{this_month:%B %Y} is not over" in words(refused)
    with known_asker():
        assert list(LedgerPeriod.objects.values_list("month", flat=True)) == [before]


def test_a_line_that_somebody_took_out_of_the_file_is_told_and_nothing_is_posted_or_closed(officer, tmp_path):
    officer.post("/funds/pool/", {"kind": "open", "year": "2024"})
    posted(officer, "actual", line="beds", amount="7")
    start = FUNDS_TOML.index('[[fund.line]]\nid = "beds"')
    text = FUNDS_TOML[:start] + FUNDS_TOML[FUNDS_TOML.index("[[fund.line]]", start + 1) :]
    (tmp_path / "funds.toml").write_text(text, encoding="utf-8")
    funds.cache_clear()
    page = words(officer.get("/funds/pool/?year=2024"))
    assert "funds.toml leaves out: Budget of beds, Spent on beds" in page
    close = officer.post("/funds/pool/", {"kind": "close", "month": "2024-04-01"})
    assert close.status_code == 400
    assert "leaves out what the ledger has entries on (budget:beds, spent:beds)" in words(close)
    refused = posted(officer, "actual", follow=False, line="advocates", amount="7")
    assert "write it back" in words(refused)
    (tmp_path / "funds.toml").write_text(FUNDS_TOML, encoding="utf-8")
    funds.cache_clear()
    assert officer.post("/funds/pool/", {"kind": "close", "month": "2024-04-01"}).status_code == 302
