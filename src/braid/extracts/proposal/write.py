"""A proposal as the TOML of a mapping that can be read at once: each column with why, what is open as comments.

Nothing of a cell is written but codes that are few, frequent and nobody's own (`contents.may_be_told`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from braid.extracts.proposal.names import KEY, plain
from braid.extracts.proposal.propose import PROTECTING, Proposal, Proposed
from braid.language.codes import ETHNICITY_CROSSWALKS

SEXES = {"F": "female", "M": "male", "FEMALE": "female", "MALE": "male", "O": "other", "U": "unknown", "X": "other"}
"""Sexes as words and letters. Digits are left to the data officer: 1 is male in some lists and female in others."""
PERSON_FIELDS = (
    "given_name", "family_name", "other_names", "birth_date", "death_date", "sex", "ethnicity", "language_code",
    "telephone",
)  # fmt: skip
TYPES = {"date": "date", "moment": "date", "flag": "flag", "postcode": "postcode", "number": "number",
         "decimal": "decimal"}  # fmt: skip


def write_mapping(proposal: Proposal) -> str:
    """Return the mapping as TOML with comments."""
    return "\n".join(
        [*_head(proposal), *_code_lists(proposal), *_part(proposal), *_records(proposal), *_open(proposal)]
    )


def quote(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(proposal: Proposal) -> Iterator[str]:
    yield "# A mapping proposed from the headings and the first rows of one file. Read it, correct it, then try it:"
    yield "#   braid mapping check THIS.toml --file FILE      braid read FILE --mapping THIS.toml"
    yield f"# It was made from {proposal.rows} rows. What is said of a column: sure, likely or a guess, and why."
    yield "# The language: docs/reference/definitions.md. Lines with # before them are suggestions and do nothing."
    yield from (f"# {comment(one)}" for one in proposal.left_out)
    yield ""
    if proposal.is_protected:
        yield "# Headings speak of people in danger: every row is protected, and that it exists is the secret."
        yield 'sensitivity = "safe_address"'
    else:
        yield "# Who may learn of a row: normal, special (health, social care), criminal, or safe_address."
        yield 'sensitivity = "special"'
    yield ""


def _list_name(proposal: Proposal, one: Proposed) -> str:
    return f"list_{proposal.columns.index(one) + 1}"


def _code_lists(proposal: Proposal) -> Iterator[str]:
    for one in proposal.columns:
        field = one.meaning.field if one.meaning else ""
        if field == "sex":
            yield f"[codes.{_list_name(proposal, one)}]"
            yield f"common = {{ {', '.join(f'{code} = {quote(sex)}' for code, sex in SEXES.items())} }}"
            yield ""
        elif field == "ethnicity":
            yield from _ethnicities(proposal, one)
        elif one.meaning is None and one.content.kind == "code":
            yield from _codes(proposal, one)


def _codes(proposal: Proposal, one: Proposed) -> Iterator[str]:
    yield f"[codes.{_list_name(proposal, one)}]"
    yield f"# {comment(one.name)}"
    yield f"system = {quote(_system(one.name))}"
    if one.content.codes:
        yield f"known = [{', '.join(map(quote, one.content.codes))}]"
    if one.content.has_more_codes or not one.content.codes:
        yield "# Other texts stand in it that may be somebody's own, so they are not written here: add what are codes."
        yield "open = true"
    yield '# What each is to us:   common = { CODE = "attended" }'
    yield ""


def _ethnicities(proposal: Proposal, one: Proposed) -> Iterator[str]:
    bases = {
        system: sum(code in listed for code in one.content.codes) for system, listed in ETHNICITY_CROSSWALKS.items()
    }
    best = max(bases, key=lambda system: bases[system])
    yield f"[codes.{_list_name(proposal, one)}]"
    yield '# dfe, nhs or core: whose codes these are. Words need a line each: words = { "White British" = "WBRI" }'
    yield f'base = "{best if bases[best] else "dfe"}.ethnicity"'
    yield ""


def _system(heading: str) -> str:
    return (plain(heading) or "local")[:30]


def comment(text: str) -> str:
    """Return a heading as it may stand in a comment: in one line."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _part(proposal: Proposal) -> Iterator[str]:
    yield "[[part]]"
    yield 'name = "row"'
    if proposal.path:
        yield f"rows = {quote(proposal.path)}"
    yield f"person = {quote(proposal.key)}   # what tells one person from another: is it the same in every file?"
    yield "[part.columns]"
    for one in proposal.columns:
        yield f"# {comment(one.said)}, {one.certainty}: {comment('; '.join(one.reasons))}"
        yield f"{quote(one.name)} = {{ {', '.join(_column(proposal, one))} }}"
    yield ""


def _column(proposal: Proposal, one: Proposed) -> Iterator[str]:
    if one.name == proposal.key:
        yield "required = true"
    if one.content.is_month_first:
        yield "month_first = true"
    meaning = one.meaning
    if meaning and meaning.record == "identifier":
        yield f'type = "identifier", scheme = {quote(meaning.scheme)}'
    elif meaning and meaning.field == "uprn":
        yield 'type = "identifier", scheme = "uprn"'
    elif meaning and meaning.field in ("sex", "ethnicity"):
        yield f'type = "code", codes = "{_list_name(proposal, one)}"'
    elif meaning and meaning != KEY:
        if one.content.kind in TYPES and meaning.field != "telephone":
            yield f'type = "{TYPES[one.content.kind]}"'
    elif meaning is None and one.content.kind == "code":
        yield f'type = "code", codes = "{_list_name(proposal, one)}"'
    elif meaning is None:
        kind = "text" if one.content.kind in ("text", "words", "telephone") else "ignored"
        yield f'type = "{TYPES.get(one.content.kind, kind)}"'


def _records(proposal: Proposal) -> Iterator[str]:
    yield from ("[[part.record]]", 'type = "person_record"', "[part.record.values]")
    for name in PERSON_FIELDS:
        one = proposal.taken_as("person_record", name)
        if one is not None:
            yield f"{name} = {quote(one.name)}"
        if one is not None and name == "birth_date":
            yield f'birth_date_precision = {{ value = "day", if = {quote(one.name)} }}'
        if one is not None and name == "ethnicity":
            yield f'ethnicity_precision = {{ column = {quote(one.name)}, as = "precision" }}'
            yield f'ethnicity_source = {{ column = {quote(one.name)}, as = "source" }}'
    yield ""
    for one in proposal.columns:
        if one.meaning and one.meaning.record == "identifier":
            yield from ("[[part.record]]", 'type = "identifier"', "[part.record.values]")
            yield f"scheme = {{ value = {quote(one.meaning.scheme)} }}"
            yield f"value = {quote(one.name)}"
            yield ""
    yield from _stay(proposal)
    for number, clock in enumerate(proposal.clocks, 1):
        yield from ("[[part.record]]", 'type = "wait"', f'name = "wait-{number}"', f"key = [{quote(clock.start)}]")
        yield from (f"when = [{{ column = {quote(clock.start)} }}]", "[part.record.values]")
        yield f"kind = {{ value = {quote(clock.kind)} }}"
        yield f"start_date = {quote(clock.start)}"
        yield f"start_event = {{ value = {quote(clock.start)} }}"
        if clock.stop:
            yield f"stop_date = {quote(clock.stop)}"
            yield f"stop_event = {{ value = {quote(clock.stop)}, if = {quote(clock.stop)} }}"
        yield ""


def _stay(proposal: Proposal) -> Iterator[str]:
    held = {name: proposal.taken_as("stay", name) for name in ("postcode", "address_lines", "uprn")}
    found = {name: one for name, one in held.items() if one is not None}
    if not found:
        return
    first = next(iter(found.values()))
    yield from ("[[part.record]]", 'type = "stay"', 'name = "home"')
    yield f"key = [{', '.join(quote(one.name) for one in found.values())}]"
    yield f"when = [{{ column = {quote(first.name)} }}]"
    yield "[part.record.values]"
    yield 'kind = { value = "unknown" }'
    yield from (f"{name} = {quote(one.name)}" for name, one in found.items())
    protecting = _protecting(proposal)
    if proposal.is_protected:
        yield "confidential = { value = true }"
    elif protecting:
        yield f"# {comment(protecting.name)} may say which addresses must not be told. Until somebody read it, all are"
        yield '# confidential; where true means withheld:   confidential = { column = "…" }'
        yield "confidential = { value = true }"
    else:
        yield "# true, or a column that says yes, where an address must not be told."
        yield "confidential = { value = false }"
    yield ""


def _protecting(proposal: Proposal) -> Proposed | None:
    return next((one for one in proposal.columns if any(mark in plain(one.name) for mark in PROTECTING)), None)


def _open(proposal: Proposal) -> Iterator[str]:
    """Say what may follow for dates that nobody explained: a record each, commented out."""
    clocked = {name for clock in proposal.clocks for name in (clock.start, clock.stop)}
    for one in proposal.dates:
        if one.name in clocked:
            continue
        yield f"# {comment(one.name)} holds dates. Did something happen then? Choose a kind and uncomment:"
        yield "#[[part.record]]"
        yield '#type = "event"'
        yield f"#key = [{quote(one.name)}]"
        yield f"#when = [{{ column = {quote(one.name)} }}]"
        yield "#[part.record.values]"
        yield '#kind = { value = "referral" }   # or appointment, visit, assessment, decision, move, meeting …'
        yield f"#start_date = {quote(one.name)}"
        yield '# Or did it start a wait?   type = "wait", kind = { value = "register" }, start_event = { value = … }'
        yield ""
