"""Calendar files: what a program that we did not write reads out of them is what was written."""

from __future__ import annotations

import datetime as dt

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from braid.language.ics_text import Entry, calendar_file, fold

STAMP = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029"), max_size=200)
MOMENTS = st.integers(0, 600_000_000).map(lambda seconds: STAMP + dt.timedelta(seconds=seconds))


def entries(content: bytes) -> list[icalendar.Event]:
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


@given(WORDS, MOMENTS, st.integers(0, 10_000), st.integers(0, 99), st.booleans(), st.booleans())
def test_an_entry_is_read_as_it_was_written(
    title: str, starts: dt.datetime, minutes: int, revision: int, is_cancelled: bool, is_busy: bool
) -> None:
    ends = starts + dt.timedelta(minutes=minutes)
    written = Entry("x", title, starts, ends, revision, is_cancelled=is_cancelled, is_busy=is_busy)
    (read,) = entries(calendar_file("-//Braid//Test//EN", [written], STAMP))
    assert str(read["SUMMARY"]) == title
    assert (read.decoded("DTSTART"), read.decoded("DTEND"), read.decoded("DTSTAMP")) == (starts, ends, STAMP)
    assert (read["STATUS"], read["SEQUENCE"]) == ("CANCELLED" if is_cancelled else "CONFIRMED", revision)
    assert ("TRANSP" in read) != is_busy
    assert read["CLASS"] == "PRIVATE"


@given(st.text(max_size=400))
def test_a_folded_line_unfolds_to_itself_and_no_letter_is_cut(line: str) -> None:
    folded = fold(line)
    assert folded.replace("\r\n ", "") == line or "\r\n " in line
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n")) or "\r\n" in line


def test_the_name_of_an_entry_leaves_as_a_hash_alone() -> None:
    content = calendar_file("-//Braid//Test//EN", [Entry("JC-7K3M Ada", "Move", STAMP.date(), STAMP.date())], STAMP)
    assert b"Ada" not in content
    assert b"JC-7K3M" not in content
    (one,) = entries(content)
    (again,) = entries(calendar_file("-//Other//EN", [Entry("JC-7K3M Ada", "x", STAMP, STAMP)], STAMP))
    assert one["UID"] == again["UID"]
