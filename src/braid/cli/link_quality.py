"""`braid link quality`: how often linking errs, by a reviewed sample and, of an example place, by the truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, output, print_json, print_table
from braid.cli.truth import read_people
from braid.cli.waits import current_run
from braid.people.decisions import COLUMNS, DECISIONS_FILE, find_decided
from braid.people.estimates import number_limits
from braid.people.facts import read_standards
from braid.people.link_engine import Audit, audit_candidates, load_model
from braid.people.model import LinkageFailed
from braid.people.night import FOUND
from braid.people.release import Release, find_release, fingerprint_of
from braid.people.run import INPUT_TABLES
from braid.people.sampling import create_frame, group_pairs
from braid.people.standardise import standardise
from braid.pipeline import MEMORY_LIMIT, open_run, read_link_quality
from braid.problems.priority.link_quality import SampleShown, as_json, publish_quality, quality_groups, words_of
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.store.restricted import read_restricted
from braid.trust.link_error import Share

NEVER = "never_compared"
MANY = 10**6
"""So many links that a sample of them is as one of infinitely many."""


def link_quality(
    folder: PlaceFolder = Path(),
    against: Annotated[str, typer.Option("--against", help="`truth` prints what is true beside it.")] = "",
    audit: Annotated[int, typer.Option("--audit", min=0, help="Compare records with everybody, in so many pairs.")] = 0,
    as_json_document: AsJson = False,
) -> int:
    """Show how often linking errs, by group and pair of standards: what people found in pairs drawn by chance.

    It is what the page *Quality of links* shows, of the sample of the visible run. `--audit` also tells how many links
    share a key, which no reviewed pair can tell; `--against truth` what is true, of an example place.

    Example: braid link quality place --against truth
    """
    if against not in ("", "truth"):
        raise typer.BadParameter("write --against truth", param_hint="--against")
    place = load_place(folder)
    run = current_run(place)
    found = read_link_quality(place, run)
    shown = publish_quality(found) if found else None
    audited = _audit(place, run, audit) if audit else None
    truth = score_truth(place, run) if against else []
    if as_json_document:
        print_json({"run": run.id, "sample": as_json(shown) if shown else None, "audit": audited, "truth": truth})
        return 0
    if shown is None:
        errors.print("No pairs are drawn yet; run the chain again: braid run")
    else:
        _show(place, run, shown)
    if audited:
        print_table("Links that share a key", list(audited), [list(audited.values())])
    if truth:
        columns = list(truth[0])
        print_table("Truth, in pairs of records", columns, [[row[name] for name in columns] for row in truth])
    return 0


def _show(place: Place, run: Run, shown: SampleShown) -> None:
    def counted(number: int | None) -> str:
        return "1-7" if number is None else f"{number:,}"

    print_table(
        f"{place.name}, run {run.id}: pairs drawn on {shown.drawn_date}",
        ["pairs", "there are", "drawn", "decided"],
        [[each.name, *map(counted, (each.pairs, each.drawn, each.decided))] for each in shown.strata],
    )
    if not shown.is_told:
        output.print(
            "Nothing is told yet: four in five of the drawn pairs must be decided, of those joined and of those apart."
        )
        return
    print_table(
        "Found by people, in per cent (between which shares the true one lies for 95 of 100 samples)",
        ["", "group", "false, of the links", "missed, of the true ones compared"],
        [
            [each.name, row.name, _share(row.false), _share(row.missed)]
            for each in shown.characteristics
            for row in each.groups
        ],
    )
    output.print("Links between records that were never compared are in no figure: see docs/linkage/quality.md.")


def _share(share: Share | None) -> str:
    return "too few" if share is None else f"{share.share} ({share.low} to {share.high})"


def _audit(place: Place, run: Run, pairs: int) -> dict[str, Any]:
    """Return which share of the links that would be found if everybody were compared share a key, with its interval."""
    model = find_release(place.folder) or load_model()
    with closing(open_run(run, names=INPUT_TABLES)) as engine:
        found = audit_candidates(standardise(engine), model, MEMORY_LIMIT, pairs, standards=read_standards(engine))
    return {**asdict(found), **_audit_share(found)}


def _audit_share(found: Audit) -> dict[str, float | None]:
    if not found.links:
        return {"recall": None, "recall_from": None, "recall_to": None}
    low, high = (number / MANY for number in number_limits(MANY, found.links, found.links_found))
    return {"recall": found.recall, "recall_from": round(low, 4), "recall_to": round(high, 4)}


def score_truth(place: Place, run: Run) -> list[dict[str, Any]]:
    """Return by group, in pairs of records: links, false ones, those missed of what was compared, and those missed that
    were never compared. Of the run as it is, without pairs that humans decided and whoever is sealed, as a sample is. A
    pair with a row so broken that the truth does not know it counts as right.

    Raises `PlaceInvalid` where the place has no truth, or the run is from before pairs were kept.
    """
    path = run.folder / f"{FOUND}.parquet"
    if not path.is_file():
        raise PlaceInvalid("the visible run kept no pairs; run the chain again: braid run")
    known = read_people(place)
    names = ("person_record", "person_link", "person", "stay", "sealed_person")
    with closing(open_run(run, names=names)) as engine:
        _create_frame(engine, place, run)
        keys = engine.rows("select record_id, feed, partner_record_id from person_record")
        ours = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in keys}
        true = {record: known[key] for record, key in ours.items() if key in known}
        columns = {"record_id": pa.array(true.keys(), pa.string()), "true_id": pa.array(true.values(), pa.string())}
        engine.load_arrow("truth", pa.table(columns))
        engine.create("judged_pair", _JUDGED)
        as_of = dt.date.fromisoformat(run.manifest["as_of"])
        rows = engine.rows(
            "select characteristic, group_code, stratum, count(*) as pairs from"
            f" ({group_pairs('judged_pair', quality_groups(as_of))}) as g group by characteristic, group_code, stratum"
        )
    held: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        held[row["characteristic"], row["group_code"]][row["stratum"]] += row["pairs"]
    return [_truth_row(name, code, counts) for (name, code), counts in sorted(held.items())]


def _create_frame(engine: Engine, place: Place, run: Run) -> None:
    path = run.folder / f"{FOUND}.parquet"
    scored = pq.read_table(path, columns=["left", "right", "weight"]).rename_columns(["record_a", "record_b", "weight"])
    links = engine.rows("select person_record_id, person_id from person_link")
    person_of = {row["person_record_id"]: row["person_id"] for row in links}
    decided = {
        pair: decision.is_same
        for pair, decision in find_decided(engine, read_restricted(place, DECISIONS_FILE, COLUMNS)).pairs
    }
    kinds = {(*pair, "record") for pair in decided}
    kinds |= {(person_of[one], person_of[other], "person") for (one, other), is_same in decided.items() if not is_same}
    sealed = {row["person_id"] for row in engine.rows("select person_id from sealed_person")}
    create_frame(engine, scored, kinds, sealed, find_threshold(place, run))


def find_threshold(place: Place, run: Run) -> float:
    """Return the threshold by which a run linked, in bits: that of its release, whichever the place has taken since.

    Raises `PlaceInvalid` where the run is from before runs said it and its release is not there any more.
    """
    used: Mapping[str, Any] = run.manifest["stages"]["link"].get("release", {})
    if "threshold" in used:
        return float(used["threshold"])
    finders: tuple[Callable[[], Release | None], ...] = (load_model, lambda: find_release(place.folder))
    for find in finders:
        with suppress(LinkageFailed):  # the place took one that fits no more: the run was not made by it
            release = find()
            if release and fingerprint_of(release) == used.get("fingerprint"):
                return float(release["threshold"])
    raise PlaceInvalid("the visible run does not say by which threshold it linked; run the chain again: braid run")


_JUDGED = f"""
  select p.record_a, p.record_b, p.person_a, p.person_b, p.standard_a, p.standard_b,
    case when p.person_a = p.person_b then case when t.true_id <> u.true_id then 'false' else 'right' end
      else 'missed' end as stratum
  from frame_pair p left join truth t on t.record_id = p.record_a left join truth u on u.record_id = p.record_b
  where p.person_a = p.person_b or t.true_id = u.true_id
  union all
  select t.record_id, u.record_id, l.person_id, m.person_id, r.standard, s.standard, '{NEVER}'
  from truth t join truth u on u.true_id = t.true_id and t.record_id < u.record_id
  join person_link l on l.person_record_id = t.record_id join person_link m on m.person_record_id = u.record_id
  join person_record r on r.record_id = t.record_id join person_record s on s.record_id = u.record_id
  left join frame_scored f on f.record_a = t.record_id and f.record_b = u.record_id
  left join frame_decided d on d.one = t.record_id and d.other = u.record_id and d.kind = 'record'
  left join frame_sealed a on a.person_id = l.person_id left join frame_sealed b on b.person_id = m.person_id
  where l.person_id <> m.person_id and f.record_a is null and d.one is null and a.person_id is null
    and b.person_id is null
"""


def _truth_row(characteristic: str, code: str, counts: Counter[str]) -> dict[str, Any]:
    links = counts["right"] + counts["false"]
    compared, everybody = counts["right"] + counts["missed"], counts["right"] + counts["missed"] + counts[NEVER]
    name, group = words_of(characteristic, code)
    return {
        "what": name,
        "group": group,
        "links": links,
        "false": counts["false"],
        "missed": counts["missed"],
        NEVER: counts[NEVER],
        "false_share": counts["false"] / links if links else None,
        "missed_share": counts["missed"] / compared if compared else None,
        "missed_share_of_all": (counts["missed"] + counts[NEVER]) / everybody if everybody else None,
    }
