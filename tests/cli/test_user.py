"""`braid user` as a lead types it: who may change accounts, how the first one comes, and what is in the record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.forked import braid
from cli.one_process import Opened, opened

HOST = ("--organisation", "arden-vale-ca")
FIRST = ("--role", "ig_lead", *HOST, "--name", "Lead")
ANALYST = ("--role", "analyst", *HOST, "--name", "Analyst")
ADVOCATE = ("--role", "advocate", *HOST, "--name", "Advocate")
LEAD = ("--by", "lead-1", "--reference", "hr-2026-7")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that is not fictional: nobody makes demo users."""
    folder = tmp_path_factory.mktemp("cli-user") / "place"
    assert braid("example", folder, "--people", "500", "--seed", "2").returncode == 0
    shutil.rmtree(folder / "truth")
    return folder


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Opened]:
    with opened(place) as up:
        yield up


@pytest.fixture
def staffed(place: Path, served: Opened) -> Opened:
    """The place with a lead and an advocate, whichever test came first."""
    served.braid("user", "add", "lead-1", *FIRST, str(place))
    served.braid("user", "add", "advocate-1", *ADVOCATE, str(place), *LEAD)
    return served


def tasks(served: Opened) -> list[tuple[str, str]]:
    """Return the open tasks about accounts: kind, and whose account."""
    rows = served.database.execute(
        "select t.kind, u.username from braid_safetytask t join braid_user u on u.id::varchar = t.subject_id"
        " where t.done_at is null order by t.id"
    ).fetchall()
    return [(row["kind"], row["username"]) for row in rows]


def test_the_first_account_is_a_leads_and_every_other_change_has_a_lead_who_answers(
    place: Path, served: Opened
) -> None:
    """One story, because each step needs the one before."""
    add = ("user", "add")
    refused = served.braid(*add, "early", *ANALYST, str(place))
    assert refused.returncode == 5 and "has no information governance lead" in refused.stderr
    assert served.braid(*add, "early", *ANALYST, str(place), *LEAD).returncode == 5
    assert served.entries() == []
    first = served.braid(*add, "lead-1", *FIRST, str(place))
    assert first.returncode == 0, first.stderr
    assert {(row["kind"], row["username"], row["page"]) for row in served.entries()} == {
        ("account_changed", "", "first account")
    }
    assert served.entries()[0]["details"] == {
        "what": "account added",
        "account": "lead-1",
        "role": "ig_lead",
        "organisation": "arden-vale-ca",
    }
    assert tasks(served) == [("account_widened", "lead-1")]

    since = served.newest()
    nobody = served.braid(*add, "lead-2", *FIRST, str(place))
    assert nobody.returncode == 5 and "--reference" in nobody.stderr, "the second is no first account"
    assert served.entries(since) == []
    for words in (
        (*add, "analyst-1", *ANALYST, str(place)),
        (*add, "advocate-1", *ADVOCATE, str(place)),
        ("user", "token", "analyst-1", str(place)),
        ("user", "factor", "analyst-1", str(place)),
        ("user", "close", "analyst-1", str(place)),
    ):
        assert served.braid(*words, *LEAD).returncode == 0, words
    written = served.entries(since)
    assert {(row["kind"], row["username"], row["reference"], row["channel"]) for row in written} == {
        ("account_changed", "lead-1", "HR-2026-7", "command")
    }
    assert [(row["details"]["what"], row["details"]["account"]) for row in written] == [
        ("account added", "analyst-1"),
        ("second factor renewed", "analyst-1"),
        ("account added", "advocate-1"),
        ("second factor renewed", "advocate-1"),
        ("token renewed", "analyst-1"),
        ("second factor renewed", "analyst-1"),
        ("account closed", "analyst-1"),
    ]
    assert tasks(served) == [("account_widened", "lead-1"), ("account_widened", "advocate-1")]

    since = served.newest()
    by_advocate = ("--by", "advocate-1", "--reference", "HR-1")
    for words in (("user", "factor", "lead-1"), ("user", "token", "lead-1"), ("user", "close", "lead-1")):
        refused = served.braid(*words, str(place), *by_advocate)
        assert refused.returncode == 5 and "may not change accounts" in refused.stderr
    last = served.braid("user", "close", "lead-1", str(place), *LEAD)
    assert last.returncode == 5 and "only information governance lead" in last.stderr
    lowered = served.braid(*add, "lead-1", *ANALYST, str(place), *LEAD)
    assert lowered.returncode == 5 and "only information governance lead" in lowered.stderr
    assert {(row["kind"], row["decision"]) for row in served.entries(since)} == {("refused", "deny")}
    assert len(served.entries(since)) == 5


def test_a_change_whose_entry_cannot_be_written_is_not_made(place: Path, staffed: Opened) -> None:
    served = staffed
    count = "select count(*) as n from braid_user"
    before = served.database.execute(count).fetchone()
    with served.no_entry():
        stopped = served.braid("user", "add", "unseen", *ANALYST, str(place), *LEAD)
    assert stopped.returncode != 0 and not stopped.stdout
    assert served.database.execute(count).fetchone() == before


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (("audit", "person", "0" * 32), "audit person"),
        (("audit", "snooping"), "audit snooping"),
        (("overlay", "list"), "overlay list"),
        (("outbox", "list"), "outbox list"),
        (("outbox", "unseen"), "outbox unseen"),
        (("token", "list"), "token list"),
        (("webhook", "list"), "webhook list"),
    ],
)
def test_verbs_that_read_the_record_are_a_leads_and_each_reading_is_in_it(
    words: tuple[str, ...], page: str, place: Path, staffed: Opened
) -> None:
    served = staffed
    since = served.newest()
    assert served.braid(*words, str(place), "--json").returncode == 2, "somebody is named"
    read = served.braid(*words, str(place), "--json", *LEAD)
    assert read.returncode == 0, read.stderr
    json.loads(read.stdout)
    refused = served.braid(*words, str(place), "--json", "--by", "advocate-1", "--reference", "HR-1")
    assert refused.returncode == 5 and not refused.stdout
    written = [(row["kind"], row["username"], row["page"], row["reference"]) for row in served.entries(since)]
    assert written == [("audit_read", "lead-1", page, "HR-2026-7"), ("refused", "advocate-1", page, "HR-1")]
    assert served.entries(since)[0]["person_id"] == ("0" * 32 if words[1] == "person" else "")
    assert served.entries(since)[0]["channel"] == "command"


def test_a_lead_makes_a_token_for_a_system_and_revokes_it(place: Path, staffed: Opened) -> None:
    """One story: a system that sees figures alone, since no agreement of this place is asked for here."""
    served = staffed
    since = served.newest()
    new = ("token", "new", "figures-desk", *HOST, "--role", "board_member")
    refused = served.braid(*new, str(place), "--by", "advocate-1", "--reference", "HR-1")
    assert refused.returncode == 5 and "may not change accounts" in refused.stderr
    unbound = served.braid("token", "new", "desk", *HOST, "--role", "analyst", str(place), *LEAD)
    assert unbound.returncode == 5 and not unbound.stdout
    made = json.loads(served.braid(*new, "--network", "198.51.100.0/24", str(place), *LEAD).stdout)
    assert made["system"] == "system-figures-desk"
    listed = served.braid("token", "list", str(place), "--json", *LEAD)
    assert made["token"] not in listed.stdout
    (one,) = json.loads(listed.stdout)
    assert (one["id"], one["state"], one["networks"]) == (made["id"], "holds", ["198.51.100.0/24"])
    told = served.braid("webhook", "new", "figures-desk", "--url", "https://partner.example/events", "--kind",
                        "referral.sent", str(place), *LEAD)  # fmt: skip
    assert told.returncode == 5 and "Choose among the kinds that its role may be told of" in told.stderr
    assert served.braid("token", "revoke", str(made["id"]), str(place), *LEAD).returncode == 0
    assert served.braid("token", "revoke", str(made["id"]), str(place), *LEAD).returncode == 5
    assert json.loads(served.braid("token", "list", str(place), "--json", *LEAD).stdout)[0]["state"] == "revoked"
    kinds = [(row["kind"], row["page"]) for row in served.entries(since) if row["kind"] == "account_changed"]
    assert kinds == [("account_changed", "token new"), ("account_changed", "token revoke")]


def test_the_kinds_of_events_are_listed_without_a_place() -> None:
    listed = braid("webhook", "kinds", "--json")
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout)["referral.sent"]["resource"] == "/api/v1/referrals/{}"


STAFF = "user_name,name,role,organisation,subject\n"


def test_accounts_are_kept_by_a_list_tried_first_and_reported(place: Path, staffed: Opened, tmp_path: Path) -> None:
    served, file = staffed, tmp_path / "staff.csv"
    file.write_text(f"{STAFF}b-one,B. One,analyst,arden-vale-ca,s-1\nb-two,B. Two,king,arden-vale-ca,s-2\n")
    words = ("user", "import", str(file), str(place))
    tried = served.braid(*words, "--dry-run", *LEAD)
    said = json.loads(tried.stdout)
    assert tried.returncode == 1 and not said["done"] and said["added"] == 1
    assert [(one["line"], one["column"]) for one in said["refused"]] == [(3, "role")]
    assert not any(value in tried.stdout + tried.stderr for value in ("b-two", "B. Two", "king", "s-2"))
    count = "select count(*) as n from braid_user where username like 'b-%'"
    assert served.database.execute(count).fetchone()["n"] == 0
    done = served.braid(*words, "--leavers", "arden-vale-ca", *LEAD)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and said["done"] and said["added"] == 1 and said["leavers_left_open"]
    assert served.database.execute(count).fetchone()["n"] == 1
    assert served.braid(*words, "--by", "advocate-1", "--reference", "HR-1").returncode == 5
    (tmp_path / "no.csv").write_text("name\n")
    unread = served.braid("user", "import", str(tmp_path / "no.csv"), str(place), *LEAD)
    assert unread.returncode == 3 and "Next step" in unread.stderr


def test_a_lead_signs_people_out_seals_recovery_and_gives_an_organisation_its_token(
    place: Path, staffed: Opened
) -> None:
    served, since = staffed, staffed.newest()
    out = served.braid("user", "sign-out", str(place), *LEAD)
    assert out.returncode == 0 and json.loads(out.stdout)["user_name"] == "everybody"
    sealed = json.loads(served.braid("user", "recovery", "advocate-1", str(place), *LEAD).stdout)
    assert sealed["password"] and sealed["factor_uri"].startswith("otpauth://")
    token = ("user", "provisioning-token", "arden-vale-ca", str(place))
    given = json.loads(served.braid(*token, "--roles", "analyst", *LEAD).stdout)
    assert given["roles"] == ["analyst"] and len(given["token"]) > 40
    assert served.braid(*token, "--roles", "ig_lead", *LEAD).returncode == 5
    whats = [row["details"]["what"] for row in served.entries(since) if row["kind"] == "account_changed"]
    assert whats == ["sessions of all ended", "recovery account sealed", "provisioning token renewed"]
