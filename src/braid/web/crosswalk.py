"""The crosswalk as its page shows it: one list at a time, the words of the reader's own organisation first."""

import datetime as dt
from dataclasses import dataclass

from braid.extracts.crosswalk import LISTS, Crossing, find_own_words, list_crossings
from braid.language.codes import CODE_LISTS
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.models import PublishedRun

USE_DAYS = 365
COLUMNS = ("List", "Common code", "In words", "Standard", "Field", "Its code", "Its word", "Precision", "What is lost")
MOST_WORDS = 3
NOTES = (
    "Exact: the code says what the common code says. Group: right to its broad group alone.",
    "A code without a common code is kept beside the record as the source's own.",
)


@dataclass(frozen=True)
class CommonCode:
    """A code of ours with what each standard calls it, those of the reader's own organisation first."""

    code: str
    word: str
    crossings: tuple[tuple[Crossing, bool], ...]
    """Each with whether it is of a standard that the reader's organisation sends."""


@dataclass(frozen=True)
class CrossedList:
    """A list of the common language: its codes, what becomes none of them, and how much is lost."""

    name: str
    title: str
    codes: tuple[CommonCode, ...]
    without: CommonCode
    without_source: tuple[str, ...]
    """Common codes in words that no standard says."""
    exact: int
    group: int
    shared: int


def standards_of(run: PublishedRun | None, organisation: str) -> tuple[str, ...]:
    """Return the standards in which an organisation sends extracts, by what was published last."""
    if run is None or organisation not in run.names:
        return ()
    named = run.names[organisation]
    return tuple(dict.fromkeys(feed["standard"] for feed in run.feeds if feed["organisation"] == named))


def get_crossed_list(name: str, own: tuple[str, ...]) -> CrossedList:
    """Return a list of `LISTS` with all its crossings; those of the standards `own` come first."""
    found = [one for one in list_crossings() if one.list_name == name]
    with_codes = tuple(
        _common(code, word, [one for one in found if one.common == code], own)
        for code, word in CODE_LISTS[name].items()
    )
    return CrossedList(
        name,
        LISTS[name],
        tuple(one for one in with_codes if one.crossings),
        _common("", "", [one for one in found if not one.common], own),
        tuple(one.word for one in with_codes if not one.crossings),
        sum(one.precision == "exact" and bool(one.common) for one in found),
        sum(one.precision == "group" for one in found),
        sum(one.shares > 1 for one in found),
    )


def _common(code: str, word: str, found: list[Crossing], own: tuple[str, ...]) -> CommonCode:
    marked = [(one, one.standard in own) for one in found]
    return CommonCode(code, word, tuple(sorted(marked, key=lambda pair: not pair[1])))


def own_words(own: tuple[str, ...], name: str, code: str) -> str:
    """Return what the reader's organisation calls a common code, for people to read; empty where it has no word.

    Of several words all are said, since nobody can say which one was meant.
    """
    found = find_own_words(own, name, code)
    if len(found) > MOST_WORDS:
        return f"{'; or '.join(found[:MOST_WORDS])}; or one of {len(found) - MOST_WORDS} more"
    return "; or ".join(found)


def export_crosswalk(run: PublishedRun, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the whole crosswalk as a file of that form, with its manifest."""
    rows = tuple(
        (
            LISTS[one.list_name],
            one.common,
            one.common_word,
            one.standard,
            one.field,
            one.code,
            one.word,
            one.precision,
            one.lost,
        )
        for one in list_crossings()
    )
    purpose = Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(
        ExportTable("Crosswalk of the common language", "crosswalk", COLUMNS, rows, NOTES), form, purpose
    )
