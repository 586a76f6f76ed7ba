"""`braid audit`: the accountable record: verify it, witness it, say who looked at a person, point out odd looks."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from braid.cli.acting import By, Reference, acting, reading_record
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.language.person_ids import PERSON_ID_WORDS, is_person_id
from braid.problems.load import load_statements
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import Place, load_place
from braid.store.postgres import check_answers, open_database
from braid.store.signing_key import open_key
from braid.store.witness_memory import Witness, cosign_next, find_witness, keep_witness, load_witness_keys
from braid.trust.checkpoint import (
    COSIGNATURE,
    NoteInvalid,
    Request,
    read_checkpoint,
    read_note,
    read_request,
    read_verifier_key,
    write_note,
)
from braid.trust.disclosure_decisions import OUTCOMES
from braid.web.audit_check import Verified, verify
from braid.web.audit_log import accept_cosignature, get_request, reading, seal
from braid.web.frozen_check import check_frozen
from braid.web.serve import log_key, record_of

audits = typer.Typer(help="The accountable record: verify it, witness it, read it.", no_args_is_help=True)
TAMPERED = 5
FETCH_SECONDS = 20
MOST_BYTES = 65_536
"""A checkpoint and a proof are far smaller; what is larger is none."""


@contextmanager
def _log(place: Place) -> Iterator[psycopg.Connection[Any]]:
    """Give the owner's connection to the place's database. Raises `EngineNotAvailable` before the first migration."""
    with open_database(place.state_folder) as url:
        check_answers(url)
        with psycopg.connect(url, autocommit=True) as connection:
            try:
                yield connection
            except psycopg.errors.UndefinedTable:
                raise EngineNotAvailable(
                    "the database has no audit log yet. Next step: braid serve, which makes its tables"
                ) from None


@audits.command("key")
def key(
    folder: PlaceFolder = Path(),
    witness: Annotated[Path | None, typer.Option("--witness", help="A witness's key file, made where missing.")] = None,
    name: Annotated[str, typer.Option("--name", help="The name under which a new witness signs.")] = "witness",
) -> int:
    """Print the public key of the place's log, or of a witness; hand it over by another way than the log itself.

    Example: braid audit key place
    """
    if witness is not None:
        print_json({"witness_key": open_key(witness, name).public(COSIGNATURE).text()})
    else:
        print_json({"log_key": log_key(load_place(folder)).public().text()})
    return 0


@audits.command("checkpoint")
def checkpoint(
    folder: PlaceFolder = Path(),
    out: Annotated[Path | None, typer.Option("--out", help="File for a witness.", show_default="print it")] = None,
    since: Annotated[int, typer.Option("--since", min=0, help="The size that the witness saw last.")] = 0,
) -> int:
    """Sign a checkpoint of the log now, and write it with the proof that a witness needs.

    Example: braid audit checkpoint place --since 1200 --out checkpoint.txt
    """
    place = load_place(folder)
    with _log(place) as connection:
        seal(connection, log_key(place))
        text = reading(connection, partial(get_request, old_size=since)).text()
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
    return 0


@audits.command("witness")
def witness(
    source: Annotated[
        str, typer.Argument(help="A place folder, the address where it is served, or a checkpoint file.")
    ],
    key_file: Annotated[Path, typer.Option("--key", help="The witness's own key, made where missing.")],
    state: Annotated[Path, typer.Option("--state", help="Where the witness remembers what it saw.")],
    log: Annotated[str, typer.Option("--log-key", help="The log's public key; needed the first time.")] = "",
    name: Annotated[str, typer.Option("--name", help="The name under which a new witness signs.")] = "witness",
    out: Annotated[Path | None, typer.Option("--out", help="File for the signature.", show_default="print it")] = None,
) -> int:
    """Check that the log holds all that was seen before, cosign it, and remember it; exit code 5 where it does not.

    Example: braid audit witness https://place.example --key council.key --state council.json --log-key KEY
    """
    known = find_witness(state)
    if known is None:
        if not log:
            raise typer.BadParameter(
                "the first time, give the log's public key (braid audit key)", param_hint="--log-key"
            )
        known = Witness(read_verifier_key(log))
    elif log and read_verifier_key(log) != known.log_key:
        raise typer.BadParameter("the memory is of a log with another key", param_hint="--log-key")
    request = _fetch(source, known.memory.size)
    seen, signed, signature = cosign_next(known, request, open_key(key_file, name))
    keep_witness(state, seen)
    note = write_note(signed.text(), [signature])
    if out is None:
        typer.echo(note, nl=False)
    else:
        out.write_text(note, encoding="utf-8")
    errors.print(f"{signed.size} entries seen and cosigned; {known.memory.size} were known")
    return 0


def _fetch(source: str, size: int) -> Request:
    """Return what the source says after `size` entries. Raises `NoteInvalid`, `EngineNotAvailable`."""
    if source.startswith(("http://", "https://")):
        return _fetch_served(source.rstrip("/"), size)
    path = Path(source)
    if path.is_file():
        return read_request(path.read_text(encoding="utf-8"))
    with _log(load_place(path)) as connection:
        request: Request = reading(connection, partial(get_request, old_size=size))
        return request


def _fetch_served(address: str, size: int) -> Request:
    note = _get(f"{address}/audit/checkpoint.txt")
    newest = read_checkpoint(read_note(note)[0]).size
    lines = _get(f"{address}/audit/consistency/{size}/{newest}").splitlines() if size <= newest else []
    try:
        return Request(size, tuple(base64.b64decode(line, validate=True) for line in lines), note)
    except ValueError:
        raise NoteInvalid("the proof is not base64; is this the address of a served place?") from None


def _get(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - http and https only
            return str(answer.read(MOST_BYTES).decode("utf-8", "replace"))
    except (urllib.error.URLError, TimeoutError):
        raise EngineNotAvailable(
            "the address does not answer with a checkpoint. Next step: check it, and that the place is served and has"
            " signed one"
        ) from None


@audits.command("accept")
def accept(
    file: Annotated[Path, typer.Argument(help="What a witness wrote.", exists=True, dir_okay=False)],
    folder: PlaceFolder = Path(),
) -> int:
    """Keep a witness's signature of a checkpoint; the witness's key must stand in witnesses.txt of the place.

    Example: braid audit accept signed.txt place
    """
    place = load_place(folder)
    with _log(place) as connection:
        accepted = accept_cosignature(connection, file.read_text(encoding="utf-8"), load_witness_keys(place))
    print_json({"witness": accepted, "kept": True})
    return 0


@audits.command("verify")
def verify_log(
    folder: PlaceFolder = Path(),
    witnesses: Annotated[
        list[Path] | None, typer.Option("--witness", help="A witness's memory; repeat for more.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Compute the whole log again from its entries and hold it to what was signed; exit code 5 where it differs.

    What the vault itself kept of its calls is compared with the entries too.

    Example: braid audit verify place --witness council.json
    """
    place = load_place(folder)
    memories, log = {}, log_key(place).public()
    for path in witnesses or []:
        kept = find_witness(path)
        if kept is None:
            raise typer.BadParameter(f"there is no file {path.name}", param_hint="--witness")
        memories[path.name], log = kept.memory, kept.log_key
    with _log(place) as connection:
        report = verify(connection, log, load_witness_keys(place), memories)
    if as_json:
        print_json(asdict(report) | {"root": report.root.hex(), "holds": not report.misfits})
    else:
        _show(report)
    return TAMPERED if report.misfits else 0


def _show(report: Verified) -> None:
    lines = [
        f"{report.entries} entries, root {report.root.hex()}",
        f"{report.checkpoints} checkpoints, {report.cosignatures} cosignatures, {report.witnesses} memories asked",
        f"{report.waiting} entries wait for their place",
        f"{report.vault_calls} calls of the vault and {report.link_uses} uses of links compared with their entries",
    ]
    for misfit in report.misfits:
        where = f"entry {misfit.entry_id} of {misfit.recorded_at}: " if misfit.entry_id is not None else ""
        lines.append(f"DOES NOT FIT ({misfit.rule}): {where}{misfit.message}")
    if not report.misfits:
        lines.append("All of it fits.")
    if not report.witnesses:
        lines.append(
            "No witness was asked: a rewrite by whoever holds the log's key, or an older copy, would not show."
        )
    output.print(plain("\n".join(lines)), markup=False)


@audits.command("ranks")
def ranks(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Check every rank kept with a decision against the rules and the order kept with it; exit code 5 if one differs.

    Example: braid audit ranks place
    """
    place = load_place(folder)
    statements = {each.problem_id: each for each in load_statements(place.folder)}
    with _log(place) as connection:
        found = check_frozen(connection, statements)
    if as_json:
        print_json(asdict(found) | {"holds": not found.not_following})
    else:
        lines = [f"{found.checked} ranks kept with decisions were checked; {len(found.not_following)} faults"]
        lines += [f"DOES NOT FOLLOW: {each.decision}, {each.problem}: {each.fault}" for each in found.not_following]
        output.print(plain("\n".join(lines)), markup=False)
    return TAMPERED if found.not_following else 0


@audits.command("person")
def person(
    person_id: Annotated[str, typer.Argument(help="The person's id, as the pages show it.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    as_json: AsJson = False,
) -> int:
    """Say who looked at a person, as it may be handed to them; what would betray a protected person is left out.

    Whoever asks has an open account whose role accounts for the record, and the reading is in the record itself.

    Example: braid audit person 4f0c2d9be17a4c53a8e6d1f0927b35c8 place --by lead-1 --reference SAR-2026-7
    """
    if not is_person_id(person_id):
        raise typer.BadParameter(f"write an id: {PERSON_ID_WORDS}", param_hint="person_id")
    with reading_record(folder, by, reference, "audit person") as acts:
        account = record_of().get_account(acts.actor, person_id)
    if as_json:
        print_json([asdict(line) for line in account.lines])
    else:
        columns = ["when", "who", "of", "as", "for"]
        rows = [
            (line.recorded_at.isoformat(timespec="seconds"), *astuple(line)[1:3], line.role_name, line.purpose_name)
            for line in account.lines
        ]
        print_table("Who looked at this person", columns, rows)
    return 0


@audits.command("snooping")
def snooping(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Point out looks worth a question, each with its rule, figure and threshold, and the day by which to ask.

    Example: braid audit snooping place --by lead-1 --reference MTG-2026-041
    """
    with reading_record(folder, by, reference, "audit snooping") as acts:
        findings = record_of().get_findings(acts.actor)
    if as_json:
        print_json(json.loads(json.dumps([asdict(finding) for finding in findings], default=str)))
    else:
        columns = ["rule", "who", "figure", "threshold", "last", "ask by"]
        rows = [
            (each.name, each.username, each.figure, each.threshold, f"{each.last_at:%Y-%m-%d %H:%M}", each.due_date)
            for each in findings
        ]
        print_table("Looks to ask about", columns, rows)
    return 0


@audits.command("disclosures")
def disclosures(
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    outcome: Annotated[str, typer.Option("--outcome", help="`shared` or `withheld` alone.")] = "",
    receiver: Annotated[str, typer.Option("--receiver", help="One organisation alone.")] = "",
    page: Annotated[int, typer.Option("--page", help="Which page of 50, the newest first.")] = 1,
    as_json: AsJson = False,
) -> int:
    """List what was decided to be shared with a partner and what not: ids and codes. The reading is in the record.

    Example: braid audit disclosures place --by lead-1 --reference MTG-2026-041
    """
    if outcome not in ("", *OUTCOMES):
        raise typer.BadParameter(f"write {' or '.join(OUTCOMES)}", param_hint="--outcome")
    with acting(folder, by, reference, "audit disclosures") as acts:
        acts.check_role(lambda role: role.sees_audit, "read decisions to share")
        if receiver not in ("", *(organisation.id for organisation in acts.place.organisations)):
            raise typer.BadParameter("the place has no such organisation", param_hint="--receiver")
        web, read = import_module("braid.web.acting"), import_module("braid.web.outbound.disclosure_list")
        with web.reading_as(acts.actor):
            found = read.find_decisions(acts.actor, {"outcome": outcome, "receiver": receiver}, page)
    if found is None:
        raise typer.BadParameter("there is no such page", param_hint="--page")
    rows = [asdict(one) for one in found.decisions]
    if as_json:
        print_json({"count": found.count, "page": found.page, "pages": found.page_count, "decisions": rows})
    else:
        columns = ["decided_at", "decided_by", "outcome_name", "receiver", "law", "person_id"]
        shown = [[str(row[name]) for name in columns] for row in rows]
        print_table(f"{found.count:,} decisions", [name.replace("_", " ") for name in columns], shown)
    return 0
