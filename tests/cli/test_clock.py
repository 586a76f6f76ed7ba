"""`braid clock` as a user types it: days, moments, events, pauses, extensions, and what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from braid.cli.app import main
from braid.language.codes import WAIT_KINDS

PLACE = """
[place]
id = "clockshire"
name = "Clockshire"

[calendar]
terms = [["2026-09-02", "2026-10-23"], ["2026-11-02", "2026-12-18"]]
closed_days = ["2026-11-02"]
"""
Braid = Callable[..., tuple[int, str, str]]


@pytest.fixture
def braid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Braid:
    """Type a command in an empty folder; return its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["braid", "clock", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return typed


def document(braid: Braid, *arguments: str) -> dict:
    code, said, told = braid(*arguments, "--json")
    assert (code, told) == (0, "")
    return json.loads(said)


def test_alone_it_lists_every_kind(braid: Braid) -> None:
    listed = document(braid)["kinds"]
    assert [kind["kind"] for kind in listed] == list(WAIT_KINDS)
    limits = {kind["kind"]: kind["limit"] for kind in listed}
    assert limits["homelessness_relief"].startswith("56 days beginning with")
    assert limits["s213aa_notice"].endswith("(not in force)")
    assert limits["crown_trial"].startswith("No law sets")
    assert "care_proceedings" in braid()[1]


def test_both_conventions_and_the_sentence_are_printed(braid: Braid) -> None:
    code, said, _ = braid("care_proceedings", "2026-03-03", "--as-of", "2026-08-31")
    assert code == 0
    assert "within its limit" in said
    assert "last day: 2026-08-31" in said
    assert "last day to the court's case system, which counts from the day after: 2026-09-01" in said
    assert "Children Act 1989 s.32" in said


def test_a_chain_of_extensions_counts_as_far_as_the_law(braid: Braid) -> None:
    chain = ("--extended-to", "2026-10-26:2026-08-20", "--extended-to", "2026-12-22:2026-10-20")
    found = document(braid, "care_proceedings", "2026-03-03", "--as-of", "2026-12-22", *chain)
    assert (found["due_date"], found["clock"], found["per"]) == ("2026-12-21", "past", "child")
    assert len(found["doubts"]) == 1


def test_pauses_are_left_out_and_a_stop_ends_it(braid: Braid) -> None:
    away = ("--pause", "2026-10-19:2026-10-25", "--pause", "2026-11-01:2026-11-03")
    asked = ("bnb_family", "2026-10-05", "--as-of", "2026-12-01", "--stop", "2026-11-26", *away)
    found = document(braid, *asked)
    assert (found["due_date"], found["clock"], found["paused_days"]) == ("2026-11-25", "stopped_past", 10)
    assert found["days_left"] is None


def test_an_exception_lifts_the_limit(braid: Braid) -> None:
    found = document(braid, "ehcp_plan", "2026-01-05", "--as-of", "2026-12-01", "--exception", "ehc:exception")
    assert (found["due_date"], found["clock"]) == (None, "no_limit")


def test_the_latest_of_three_events_starts_a_rule_that_is_not_in_force(braid: Braid) -> None:
    found = document(braid, "s213aa_notice", "2026-10-01", "2026-10-09", "2026-10-05", "--as-of", "2026-12-01")
    assert (found["start"], found["would_be_date"], found["binding"]) == ("2026-10-09", "2026-10-22", False)
    assert "would be the last day: 2026-10-22" in braid("s213aa_notice", "2026-10-09", "--as-of", "2026-12-01")[1]


def test_hours_are_counted_over_the_change_of_the_clocks(braid: Braid) -> None:
    found = document(braid, "ed_4h", "2026-03-28T23:00", "--as-of", "2026-03-29T03:30")
    assert (found["due_at"], found["clock"], found["minutes_left"]) == ("2026-03-29T03:00:00+00:00", "within", 30)
    _, said, _ = braid("ed_4h", "2026-03-28T23:00", "--as-of", "2026-03-29T03:30")
    assert "last moment: 2026-03-29 04:00 BST" in said
    assert "left: 30 minutes" in said


def test_a_moment_of_a_clock_of_days_is_its_day(braid: Braid) -> None:
    found = document(braid, "cin_decision", "2026-11-13T23:30", "--as-of", "2026-11-16")
    assert (found["start"], found["due_date"]) == ("2026-11-13", "2026-11-16")


def test_school_days_need_the_terms_of_a_place(braid: Braid, tmp_path: Path) -> None:
    asked = ("in_year_admission", "2026-10-12", "--as-of", "2026-11-09")
    assert document(braid, *asked)["clock"] == "not_reckoned"
    place = tmp_path / "clockshire"
    place.mkdir()
    (place / "place.toml").write_text(PLACE, encoding="utf-8")
    named = document(braid, *asked, "--place", str(place))
    assert (named["due_date"], named["aim_date"]) == ("2026-11-10", "2026-11-03")
    (tmp_path / "place.toml").write_text(PLACE, encoding="utf-8")
    assert document(braid, *asked)["due_date"] == "2026-11-10"


def test_a_hearing_counts_back(braid: Braid) -> None:
    found = document(braid, "advocates_meeting", "2026-09-28", "--as-of", "2026-09-24", "--stop", "2026-09-24")
    assert (found["due_date"], found["clock"]) == ("2026-09-24", "stopped_within")
    found = document(braid, "care_first_hearing", "2026-09-01", "--as-of", "2026-09-24")
    assert (found["opens_date"], found["due_date_other"]) == ("2026-09-16", "2026-09-18")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("parking", "2026-01-01"), "braid clock"),
        (("rtt",), "yyyy-mm-dd"),
        (("rtt", "soon"), "yyyy-mm-dd"),
        (("rtt", "2026-02-30"), "yyyy-mm-dd"),
        (("rtt", "2026-01-01", "2026-01-02"), "starts with one day"),
        (("s213aa_notice", "2026-01-01", "2026-01-02"), "agreement given"),
        (("rtt", "2026-01-01", "--as-of", "x"), "yyyy-mm-dd"),
        (("rtt", "2026-01-02", "--stop", "2026-01-01"), "before it starts"),
        (("bnb_family", "2026-01-01", "--pause", "2026-01-03"), "FIRST:LAST"),
        (("bnb_family", "2026-01-01", "--pause", "2026-01-03:2026-01-02"), "FIRST:LAST"),
        (("care_proceedings", "2026-01-01", "--extended-to", "8 weeks"), "yyyy-mm-dd"),
        (("ed_4h", "2026-01-01T25:00"), "hh:mm"),
        (("ed_4h", "2026-01-01T10:00", "--as-of", "2026-01-01"), "hh:mm"),
        (("ed_4h", "2026-03-29T01:30"), "went forward"),
        (("ed_4h", "2026-01-01T10:00", "--pause", "2026-01-01:2026-01-01"), "clock of hours"),
        (("in_year_admission", "2026-01-01", "--place", "nowhere"), "place.toml"),
    ],
)
def test_wrong_usage_has_a_code_and_a_next_step(braid: Braid, arguments: tuple[str, ...], words: str) -> None:
    code, said, told = braid(*arguments)
    assert (code, said) == (2, "")
    assert words in " ".join(told.split())
    assert "Traceback" not in told
