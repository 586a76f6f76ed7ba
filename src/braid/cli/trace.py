"""`braid trace`: from a record back to the row of the partner's file that it was read from, through trust."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import Acting, By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import output, plain, print_json, print_table
from braid.cli.waits import current_run
from braid.extracts.files import hash_file
from braid.extracts.model import UnreadableFile
from braid.extracts.source_rows import RowNotFound, SourceRow, read_source_row
from braid.language.person_ids import is_person_id
from braid.language.records import SOURCE_TABLES
from braid.people.seals import PRE_ADOPTIVE
from braid.pipeline import open_run
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, load_place
from braid.trust.decide import permitted_rows
from braid.waits.sources import same_wait_sql

PAGE = "trace"
NOT_SHOWN = "not shown to you"
UNCHANGED, CHANGED, GONE = "unchanged", "changed since it was read", "gone"
NOBODY_KNOWN = "not linked"
"""Stands for somebody whom linking has not: no decision is ever yes to them."""
ABOUT_NOBODY = frozenset({"organisation", "service", "location"})
"""Tables of public directories. A unit says where somebody is put, a request of a court who comes to it."""
OPEN_ROWS = frozenset({"normal", "special"})
"""Sensitivities of rows that may be known to exist to whoever reads sources for no purpose."""
LINEAGE = (
    "record_id feed organisation_id standard collection_year as_of_date file_sha256 row_ref sensitivity quality".split()
)
TELL_WHERE = ("feed", "organisation_id", "file", "file_sha256", "row_ref")
"""What tells which partner of a kind holds somebody, and so roughly where they are."""
_TOLD = """
select w.*, l.person_id from wait w join person_link l on l.person_record_id = w.person_record_id"""
_SAME = " and ".join(f"{one} = {other}" for one, other in zip(same_wait_sql("a"), same_wait_sql("b"), strict=True))
WAITS_OF_RECORD = f"""
select p.wait_id, p.kind, p.backlog, p.clock from ({_TOLD}) a join ({_TOLD}) b on {_SAME}
join person_wait p on p.wait_id = b.record_id and p.person_id = b.person_id where a.record_id = ?"""
RECORDS_OF_WAIT = f"""
select b.record_id, b.feed, b.as_of_date, b.standard, b.organisation_id, b.sensitivity,
  b.record_id = p.case_record_id as holds
from ({_TOLD}) a join ({_TOLD}) b on {_SAME} join person_wait p on p.wait_id = a.record_id
where a.record_id = ? order by holds desc, b.feed, b.record_id"""


@dataclass(frozen=True)
class Traced:
    """One record: its lineage, the file it was read from and how that stands now, its row, and what was made of it."""

    table: str
    lineage: Mapping[str, Any]
    file_state: str = ""
    source: SourceRow | None = None
    why_no_source: str = ""
    runs: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    method: str = ""
    waits: tuple[Mapping[str, Any], ...] = ()
    told_by: tuple[Mapping[str, Any], ...] = ()
    """All records behind the wait, this one too, that may be seen; the one that `holds` is the newest."""
    blockers: int = 0


def trace(
    record: Annotated[str, typer.Argument(help="A source record by its id, or a person: then all records of theirs.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    purpose: Annotated[str, typer.Option("--purpose", help="What is looked for; without it no row is shown.")] = "",
    as_json: AsJson = False,
) -> int:
    """Say which file a record was read from and where in it, whether the file is still the same, and show its row.

    Whoever asks has an open account whose role may read sources; exit code 5 where not. What stood in the row is shown
    for a purpose alone, and only where name, district and the partner's waits of everybody in the row are open to
    whoever asks. Of somebody who is protected, or of whose household nothing is told, not even the file is named. A
    record of somebody from whom they are kept is as one that was never held. The look is in the record before anything
    is shown.

    Example: braid trace 0f3a9c17b2 place --by asmith --reference DQ-2026-7 --purpose school_from_ta
    """
    place = load_place(folder)
    run = current_run(place)
    with acting(folder, by, reference, PAGE) as acts:
        acts.check_role(
            lambda role: role.reads_sources and (not purpose or purpose in role.purposes),
            f"trace records{f' for {purpose}' if purpose else ''}",
            purpose,
        )
        tracing = Tracing(place, run, acts)
        found = tracing.find_person(record) if is_person_id(record) else tracing.find_record(record)
        people = sorted({person for one in found for person in one.person_ids}) or [""]
        classes = "N S I L" if any(one.source for one in found) else "N"
        acts.record("look", PAGE, {"run": run.id}, people, row_count=len(found), item_classes=classes)
    if as_json:
        print_json({"run": run.id, "asked": record, "records": [_document(one) for one in found]})
    elif len(found) == 1 and not is_person_id(record):
        _show(found[0])
    else:
        _show_list(found)
    return 0


class Tracing:
    """Looks records up in the visible run for one human, and what of them that human may see."""

    def __init__(self, place: Place, run: Run, acts: Acting) -> None:
        self.place = place
        self.run = run
        self.acts = acts
        self.as_of = dt.date.fromisoformat(run.manifest["as_of"])
        purpose = acts.actor.purpose
        self.sensitivities = permitted_rows(acts.role, purpose)[0] if purpose else OPEN_ROWS
        self.files = {
            digest: name for feed in run.manifest["stages"]["read"]["feeds"] for name, digest in feed["files"].items()
        }
        tables = [table.name for table in SOURCE_TABLES if run.table(table.name).is_file()]
        self.tables = tables
        self.engine = open_run(run, names=(*tables, "person_link", "sealed_person", "person_wait", "blocker"))
        hidden = import_module("braid.web.acting").find_hidden(acts.actor)
        sealed = self.engine.rows("select person_id from sealed_person where side = ?", [PRE_ADOPTIVE])
        self.absent = hidden | {row["person_id"] for row in sealed}
        homes = import_module("braid.web.homes.publishing")
        self.quiet: set[str] = homes.find_quiet_people(run, self.as_of)

    def find_record(self, record_id: str) -> list[Traced]:
        """Return the record as far as it may be seen; none where it is not there, or not for whoever asks."""
        for table in self.tables:
            columns = ", ".join(self._columns(table))
            rows = self.engine.rows(f"select {columns} from {table} where record_id = ?", [record_id])
            if rows:
                found = self._traced(table, rows[0], self._people_of_row(table, rows[0]))
                return [self._with_source(found, rows[0])] if found else []
        return []

    def find_person(self, person_id: str) -> list[Traced]:
        """Return every record of a person as far as it may be seen, without its row."""
        found = []
        for table in self.tables:
            key = "record_id" if table == "person_record" else "person_record_id"
            if not self._has(table, key):
                continue
            columns = ", ".join(f"t.{name}" for name in self._columns(table))
            rows = self.engine.rows(
                f"select {columns} from {table} t join person_link l on l.person_record_id = t.{key}"
                " where l.person_id = ? order by t.feed, t.row_ref, t.record_id",
                [person_id],
            )
            found += [one for row in rows if (one := self._traced(table, row, (person_id,)))]
        return found

    def _has(self, table: str, column: str) -> bool:
        return any(one.name == table and column in one.names for one in SOURCE_TABLES)

    def _columns(self, table: str) -> list[str]:
        """Return what is read of a record: its lineage, and whose it is. What the partner says of them is not."""
        return [*LINEAGE, *(name for name in ("person_record_id", "partner_record_id") if self._has(table, name))]

    def _traced(self, table: str, row: Mapping[str, Any], people: tuple[str, ...]) -> Traced | None:
        if row["sensitivity"] not in self.sensitivities or self.absent & set(people):
            return None
        lineage = {name: row[name] for name in LINEAGE} | {"file": self.files.get(row["file_sha256"], "")}
        method = self._method(table, row)
        if (self.quiet | {NOBODY_KNOWN}) & set(people):
            lineage |= dict.fromkeys(TELL_WHERE, NOT_SHOWN)
        return Traced(table, lineage, person_ids=people, method=method)

    def _people_of_row(self, table: str, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return everybody of whom a record was read at the same place or inside it, whose record it is first.

        With `NOBODY_KNOWN` where a record there is linked to nobody: who that is, and how protected, nobody can say.
        """
        own = row["record_id"] if table == "person_record" else row.get("person_record_id")
        place = (row["file_sha256"], row["row_ref"], f"{row['row_ref']}/")
        records = {own} if own else set()
        for name in self.tables:
            key = "record_id" if name == "person_record" else "person_record_id"
            if self._has(name, key):
                found = self.engine.rows(
                    f"select distinct {key} as key from {name}"
                    " where file_sha256 = ? and (row_ref = ? or starts_with(row_ref, ?))",
                    place,
                )
                records |= {one["key"] for one in found if one["key"]}
        links = {
            one["person_record_id"]: one["person_id"]
            for record in sorted(records)
            for one in self.engine.rows("select * from person_link where person_record_id = ?", [record])
        }
        first = [links[own]] if own in links else []
        others = [*sorted(links.values()), *([NOBODY_KNOWN] if records - links.keys() else [])]
        return tuple(dict.fromkeys([*first, *others]))

    def _method(self, table: str, row: Mapping[str, Any]) -> str:
        own = row["record_id"] if table == "person_record" else row.get("person_record_id")
        found = self.engine.rows("select method from person_link where person_record_id = ?", [own]) if own else []
        return str(found[0]["method"]) if found else ""

    def _with_source(self, found: Traced, row: Mapping[str, Any]) -> Traced:
        runs = tuple(
            run.id for run in Lake(self.place.lake_folder).runs() if _holds(run, found.table, row["record_id"])
        )
        found = replace(found, runs=runs)
        if (self.quiet | {NOBODY_KNOWN}) & set(found.person_ids):
            return replace(found, why_no_source=NOT_SHOWN)
        state = self._state_of_file(row["file_sha256"])
        found = replace(found, file_state=state)
        if not self._may_show(found, row):
            return replace(found, why_no_source=NOT_SHOWN)
        found = self._with_derived(found, row)
        if state != UNCHANGED:
            return replace(found, why_no_source=f"the file is {state}")
        try:
            key = str(row.get("partner_record_id") or self._partner_key(row))
            path = self.place.folder / self.files[row["file_sha256"]]
            return replace(found, source=read_source_row(path, row["row_ref"], key))
        except RowNotFound as error:
            return replace(found, why_no_source=str(error))

    def _partner_key(self, row: Mapping[str, Any]) -> str:
        keys = self.engine.rows(
            "select partner_record_id from person_record where record_id = ?", [row.get("person_record_id") or ""]
        )
        return str(keys[0]["partner_record_id"]) if keys else ""

    def _may_show(self, found: Traced, row: Mapping[str, Any]) -> bool:
        actor = self.acts.actor
        if not actor.purpose:
            return False
        if not found.person_ids:
            return found.table in ABOUT_NOBODY
        web, projections = import_module("braid.web.acting"), import_module("braid.web.access.projections")
        sources = import_module("braid.web.access.sources")
        viewer = projections.Viewer(actor.username, actor.role, actor.purpose, actor.reference, PAGE)
        with web.reading_as(actor):
            return bool(
                sources.may_show_row(
                    viewer, found.person_ids, row["standard"], row["organisation_id"], row["sensitivity"]
                )
            )

    def _state_of_file(self, digest: str) -> str:
        """Return whether the file of that hash is still what was read."""
        name = self.files.get(digest)
        path = self.place.folder / name if name else None
        if path is None or not path.is_file() or path.is_symlink():
            return GONE
        try:
            return UNCHANGED if hash_file(path) == digest else CHANGED
        except UnreadableFile:
            return GONE

    def _with_derived(self, found: Traced, row: Mapping[str, Any]) -> Traced:
        """Add what was made of the record: its wait, all records that tell it, and how many blockers are about it."""
        waits = self.engine.rows(WAITS_OF_RECORD, [row["record_id"]]) if found.table == "wait" else []
        told_by = [one for wait in waits for one in self.engine.rows(RECORDS_OF_WAIT, [wait["wait_id"]])]
        seen = [one for one in told_by if one["sensitivity"] in self.sensitivities and self._may_show(found, one)]
        blockers = sum(
            self.engine.rows(
                "select count(*) as n from blocker where held_wait_id = ? or holder_wait_id = ?", [one, one]
            )[0]["n"]
            for one in (wait["wait_id"] for wait in waits)
        )
        named = [{name: one[name] for name in ("record_id", "feed", "as_of_date", "holds")} for one in seen]
        return replace(found, waits=tuple(waits), told_by=tuple(named), blockers=blockers)


def _holds(run: Run, table: str, record_id: str) -> bool:
    if not run.table(table).is_file():
        return False
    with closing(open_run(run, names=(table,))) as engine:
        return bool(engine.rows(f"select record_id from {table} where record_id = ?", [record_id]))


def _document(found: Traced) -> dict[str, Any]:
    lineage = {name: value if isinstance(value, int) else str(value or "") for name, value in found.lineage.items()}
    told_by = [{**one, "as_of_date": str(one["as_of_date"] or "")} for one in found.told_by]
    return {**asdict(found), "lineage": lineage, "told_by": told_by}


def _show(found: Traced) -> None:
    rows = [[name.replace("_", " "), str(value or "")] for name, value in found.lineage.items()]
    rows += [
        ["record of", found.table.replace("_", " ")],
        ["file now", found.file_state or NOT_SHOWN],
        ["runs that hold it", ", ".join(found.runs)],
        ["person", ", ".join(found.person_ids) or "nobody"],
        ["linked by", found.method or "not linked"],
        ["waits made of it", ", ".join(f"{one['kind']} ({one['clock']})" for one in found.waits) or "none told"],
        ["told by", _told_by(found)],
        ["blockers of these", str(found.blockers)],
    ]
    print_table("Where the record comes from", ["", ""], rows)
    if found.source is None:
        output.print(plain(f"Row: {found.why_no_source}"), markup=False)
        return
    bounds = f", bytes {found.source.first_byte} to {found.source.last_byte}" if found.source.last_byte else ""
    output.print(plain(f"The {found.source.form} as it stands in the file{bounds}:"), markup=False)
    output.print(plain(found.source.text), markup=False)


def _told_by(found: Traced) -> str:
    told = [
        f"{one['feed']} of {one['as_of_date']}{', which holds' if one['holds'] and len(found.told_by) > 1 else ''}"
        f" ({one['record_id']})"
        for one in found.told_by
    ]
    return "; ".join(told) or "none told"


def _show_list(found: list[Traced]) -> None:
    names = ("record_id", "feed", "standard", "as_of_date", "file", "row_ref")
    rows = [[one.table, *(str(one.lineage[name] or "") for name in names)] for one in found]
    print_table(f"{len(found)} records", ["table", *(name.replace("_", " ") for name in names)], rows)
    if not found:
        output.print("There is no such record for you.", markup=False)
