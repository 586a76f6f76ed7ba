"""Publication: a run of the lake becomes the published set, whole, in one transaction.

What goes in is the least that the pages need: people who have a wait, and of them no address, postcode, telephone
number, identifier or case number. Where a person's location is withheld, the district, the workers, the teams and which
partner of a kind sent a row are left out here, so that no mistake in a page could show them. Readers go on seeing the
old set until the commit.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from braid.care.team_file import TeamEntry
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.language.findings import (
    BACKLOG_MEASURE,
    BLOCKER,
    COHORT,
    INVOLVEMENT,
    PERSON,
    PERSON_WAIT,
)
from braid.problems.load import find_own, load_statements
from braid.store.lake import Run
from braid.store.place_folder import Feed, Organisation, Place
from braid.trust.agreements import provider_of_kind
from braid.trust.items import waits_item
from braid.web.calendar_document import calendar_document
from braid.web.care.drafts import forget_old_drafts
from braid.web.care.identities import follow
from braid.web.care.team_list import load_teams
from braid.web.copying import copy_rows, cut, rows_of
from braid.web.feed_history import feed_history
from braid.web.geography.publishing import is_ground_published, load_ground
from braid.web.homes.publishing import load_homes
from braid.web.link_reviews.publishing import forget_withdrawn_pairs, has_link_reviews, load_link_reviews
from braid.web.models import Cohort, PriorityVersion, PublishedRun
from braid.web.outcomes.publishing import has_outcomes, publish_outcomes
from braid.web.overlay.effects import renew_effects
from braid.web.overlay.seals import fill_seals, has_seals
from braid.web.overlay.ties import fill_ties
from braid.web.proposals.publishing import forget_proposals, load_plans
from braid.web.publish_graph import load_graph_figures
from braid.web.publish_involved import find_oldest, find_sources, oldest_by_feed
from braid.web.publish_priority import load_priority
from braid.web.published import find_published_run, wait_for_pages
from braid.web.refusals import NotPublishable
from braid.web.service_figures import (
    MEASURE_COLUMNS as SERVICE_COLUMNS,
)
from braid.web.service_figures import (
    OVERLAP_COLUMNS,
    has_measures,
    is_measured,
    keep_shown,
    read_measures,
    read_overlaps,
)
from braid.web.vault.filling import fill_vault, is_filled
from braid.web.watch import known_asker

PUBLISH_LOCK = 7_303_002
Row = Mapping[str, Any]

PERSON_COLUMNS = ("person_id", "household_id")
IDENTITY_COLUMNS = ("person_id", "given_name", "family_name", "birth_date")
WAIT_COLUMNS = (
    "wait_id person_id kind backlog provider organisation_kind priority start_date start_event stop_date"
    " extended_to_date exception counted_from_date pauses elapsed_days due_date due_date_other days_left clock rule_id"
    " rule_version explanation as_of_date sensitivity"
).split()
BLOCKER_COLUMNS = (
    "blocker_id person_id problem rule_id held_wait_id holder_type holder_kind holder_wait_id holder_person_id"
    " reason evidence evidence_date owner_organisation owner_role next_action sensitivity"
).split()
COHORT_COLUMNS = ("problem", "statement", "person_id", "reason")
INVOLVEMENT_COLUMNS = (
    "id person_id provider organisation_kind place_wide_name place_wide_contact"
    " service since_date last_date as_of_date every_days sensitivity"
).split()
CONTACT_COLUMNS = "involvement_id provider organisation_name contact worker team".split()
MEASURE_COLUMNS = BACKLOG_MEASURE.names


@dataclass(frozen=True)
class PublishSummary:
    """What was published. `changed` is false where the run was published already."""

    run_id: str
    changed: bool
    people: int = 0
    waits: int = 0
    blockers: int = 0


def publish(run: Run, place: Place) -> PublishSummary:
    """Replace the published set by this run's findings in one transaction; do nothing where it is published already.

    Raises `NotPublishable` where a table is missing or names what another table does not hold.
    """
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])
        published = find_published_run()
        if published is not None and published.run_id == run.id and _is_whole(cursor, run, published):
            return PublishSummary(run.id, changed=False)
        _empty(cursor)
        summary = _load(cursor, run, place)
        _name_run(cursor, run, place)
        follow(run, published.run_id if published else "")
        forget_old_drafts()
        keep_shown(run, _as_of(run, place), is_first=published is None)
        publish_outcomes(run, place, _as_of(run, place))
        renew_effects()
        _analyse(cursor)
        cursor.execute("set constraints all immediate")  # else each row is looked up at the end, while pages wait
        wait_for_pages()
    _sweep()
    return summary


def _is_whole(cursor: Any, run: Run, published: PublishedRun) -> bool:
    """Whether the set holds all that this Braid publishes: one that an older Braid published is published again."""
    whole = is_filled(cursor, run) and has_seals(cursor, run) and has_measures(run)
    whole = whole and is_ground_published() and has_outcomes(run) and has_link_reviews(run)
    is_old = Cohort.objects.filter(statement="").exists() or PriorityVersion.objects.filter(rests_on={}).exists()
    told = bool(published.calendar) and published.has_homes and bool(published.feed_history)
    return told and whole and not is_old


def _empty(cursor: Any) -> None:
    """Delete rather than truncate: pages that are being read keep the rows they see.

    What is proposed goes with the people it is about, so that nobody who is protected since is in any of it.
    """
    forget_proposals()
    tables = (
        "kinship homespell cohabitant"
        " blocker personrank cohort contact"
        " involvement reach personwait personidentity persondistrict protection person"
        " backlogmeasure servicemeasure serviceoverlap district priorityversion fairnessfigure linkerrorfigure"
        " unblockfigure deadlockfigure problemstatement partfigure bodyfigure publishedground"
    )
    for table in tables.split():
        cursor.execute(f"delete from braid_{table}")


def _load(cursor: Any, run: Run, place: Place) -> PublishSummary:
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    waiting = {row["person_id"] for row in rows_of(run, PERSON_WAIT.name, ["person_id"])}
    located = _load_people(cursor, run, waiting)
    waits = _load_waits(cursor, run, kinds, located)
    blockers = _load_blockers(
        cursor, run, waits, located, oldest_by_feed(place, _feeds(run, place, _as_of(run, place)))
    )
    copy_rows(cursor, "cohort", COHORT_COLUMNS, _cohort(run, waiting))
    load_priority(cursor, run, place, waiting)
    _load_reach(cursor, find_own_statements(run, place))
    fill_seals(cursor, run, place)
    fill_ties(cursor, run, waiting)
    load_homes(cursor, run, place, waiting, _as_of(run, place))
    _load_involvements(cursor, run, place, located)
    fill_vault(cursor, run, place)
    copy_rows(cursor, "backlogmeasure", MEASURE_COLUMNS, _known_kinds(run, BACKLOG_MEASURE.name, MEASURE_COLUMNS))
    if is_measured(run):
        copy_rows(cursor, "servicemeasure", SERVICE_COLUMNS, read_measures(run))
        copy_rows(cursor, "serviceoverlap", OVERLAP_COLUMNS, read_overlaps(run))
    districts = ({"code": district.code, "name": district.name} for district in place.districts)
    copy_rows(cursor, "district", ("code", "name"), districts)
    load_ground(cursor, run, place)
    load_graph_figures(cursor, run, kinds)
    load_plans(run, place)
    load_link_reviews(run)
    forget_withdrawn_pairs(place)
    return PublishSummary(run.id, changed=True, people=len(waiting), waits=len(waits), blockers=blockers)


def _load_people(cursor: Any, run: Run, waiting: set[str]) -> dict[str, bool]:
    """Load the people who wait; return of each whether where they are may be published.

    It is left out where location is withheld: of the protected, and of their neighbours, so that a district not known
    does not say that somebody is protected.
    """
    wanted = sorted({*PERSON_COLUMNS, *IDENTITY_COLUMNS, "protected", "district_code", "location_withheld"})
    people = [row for row in rows_of(run, PERSON.name, wanted) if row["person_id"] in waiting]
    if len(people) != len(waiting):
        raise NotPublishable(
            "person_wait names people whom person does not hold; run the chain again before publishing"
        )
    located = {
        row["person_id"]: not row["location_withheld"] and not row["protected"] and row["district_code"] is not None
        for row in people
    }
    copy_rows(cursor, "person", PERSON_COLUMNS, people)
    copy_rows(cursor, "personidentity", IDENTITY_COLUMNS, people)
    homes = (row for row in people if located[row["person_id"]])
    copy_rows(cursor, "persondistrict", ("person_id", "district_code"), homes)
    copy_rows(cursor, "protection", ("person_id",), (row for row in people if row["protected"]))
    return located


def _load_waits(cursor: Any, run: Run, kinds: Mapping[str, str], located: Mapping[str, bool]) -> set[str]:
    waits: set[str] = set()
    single = {kind for kind, number in Counter(kinds.values()).items() if number == 1}
    dated = rows_of(run, PERSON_WAIT.name, ("organisation_id", "kind", "as_of_date"))
    oldest = find_oldest(dated, kinds, "kind")
    columns = [*(name for name in WAIT_COLUMNS if name not in ("organisation_kind", "provider")), "organisation_id"]

    def rows() -> Iterator[Row]:
        for row in _known_kinds(run, PERSON_WAIT.name, columns):
            waits.add(row["wait_id"])
            kind = kinds.get(row["organisation_id"], "")
            is_told = located[row["person_id"]] or kind in single
            day = row["as_of_date"] if is_told else oldest[kind, row["kind"]]
            yield {**row, "organisation_kind": kind, "provider": _provider(row, kind, located), "as_of_date": day}

    copy_rows(cursor, "personwait", WAIT_COLUMNS, rows())
    return waits


def _provider(row: Row, kind: str, located: Mapping[str, bool]) -> str:
    """Return whose row it is: a partner, or only its kind where the person's location is withheld."""
    return str(row["organisation_id"]) if located[row["person_id"]] else provider_of_kind(kind)


def _cohort(run: Run, waiting: set[str]) -> Iterator[Row]:
    """Yield whom each problem statement concerns, with the purpose that it serves: rights are given for purposes."""
    for row in rows_of(run, COHORT.name, COHORT.names):
        if row["person_id"] in waiting:
            yield {**row, "statement": row["problem"], "problem": _purpose(row)}


def _purpose(row: Row) -> str:
    """Return the purpose under which a finding may be looked at; a run before there was one named both alike."""
    return str(row.get("purpose") or row["problem"])


def find_own_statements(run: Run, place: Place) -> list[str]:
    """Return the statements of a run that are not as Braid ships them; of a run from before, as the place has them."""
    stage = run.manifest.get("stages", {}).get("problems", {})
    return list(stage["own"] if "own" in stage else find_own(load_statements(place.folder)))


def _load_reach(cursor: Any, own: list[str]) -> None:
    """Work out whom each statement reaches for its purpose: those it concerns, and whoever lives with them.

    `own` are the statements that are not as Braid ships them. Whose agreement covers which is asked by the policies.
    """
    columns = "braid_reach (purpose, statement, ships, relation, person_id)"
    ships = "c.statement <> all(%s)"
    cursor.execute(
        f"insert into {columns} select c.problem, c.statement, {ships}, 'concerned', c.person_id from braid_cohort c",
        [own],
    )
    cursor.execute(
        f"insert into {columns} select distinct c.problem, c.statement, {ships}, 'household', p.person_id"
        " from braid_cohort c join braid_person h on h.person_id = c.person_id"
        " join braid_person p on p.household_id = h.household_id where h.household_id <> ''",
        [own],
    )


def _load_blockers(
    cursor: Any, run: Run, waits: set[str], located: Mapping[str, bool], oldest: Mapping[str, dt.date]
) -> int:
    """Load blockers; where a partner is not told, neither is the date of its extract, but the oldest of its kind."""

    def dated(row: Row) -> dt.date | None:
        is_told = all(located.get(row[whose], True) for whose in ("person_id", "holder_person_id"))
        day: dt.date | None = row["evidence_date"]
        return day if is_told else oldest.get(str(row.get("evidence_feed")), day)

    found = rows_of(run, BLOCKER.name, (*BLOCKER_COLUMNS, "purpose", "evidence_feed"))
    blockers = [{**row, "problem": _purpose(row), "evidence_date": dated(row)} for row in found]
    for row in blockers:
        if row["held_wait_id"] not in waits or (row["holder_wait_id"] and row["holder_wait_id"] not in waits):
            raise NotPublishable("blocker names waits that person_wait does not hold; run the chain again")
    copy_rows(cursor, "blocker", BLOCKER_COLUMNS, blockers)
    return len(blockers)


def _load_involvements(cursor: Any, run: Run, place: Place, located: Mapping[str, bool]) -> None:
    """Load who is involved, and apart from it whom to ask, where the person's location may be published.

    An organisation's name can be a district, so it is published like one, unless the place has only one of its kind. A
    service under a safe address is never named.
    """
    partners = {organisation.id: organisation for organisation in place.organisations}
    counts = Counter(organisation.kind for organisation in place.organisations)
    dated = rows_of(run, INVOLVEMENT.name, ("organisation_id", "service", "as_of_date"))
    sources = find_sources(place, load_teams(place), dated, _as_of(run, place))
    columns = [name for name in INVOLVEMENT.names if name != "sensitivity"] + ["sensitivity"]
    contacts: list[Row] = []

    def rows() -> Iterator[Row]:
        for number, row in enumerate(rows_of(run, INVOLVEMENT.name, columns), 1):
            if row["person_id"] not in located:
                continue
            partner = partners.get(row["organisation_id"])
            kind = partner.kind if partner else ""
            provider = _provider(row, kind, located)
            shown: Row = {"id": number, "provider": provider, "organisation_kind": kind}
            is_place_wide = partner is not None and counts[kind] == 1 and row["sensitivity"] != "safe_address"
            contact = _contact(number, provider, partner, row, sources.team(row))
            if partner and is_place_wide:
                desk = ", ".join(part for part in (contact["desk"], contact["contact"]) if part)
                shown = {**shown, "place_wide_name": partner.name, "place_wide_contact": desk}
            is_told = located[row["person_id"]]
            if is_told:
                contacts.append(contact)
            yield {**row, **shown, **sources.shown(row, kind, is_told=is_told or is_place_wide)}

    copy_rows(cursor, "involvement", INVOLVEMENT_COLUMNS, rows())
    copy_rows(cursor, "contact", CONTACT_COLUMNS, contacts)


def _contact(
    involvement: int, provider: str, partner: Organisation | None, row: Row, team: TeamEntry | None
) -> dict[str, Any]:
    """Return whom to call: the team that the source names, else the one of the place's file that answers for it."""
    named = partner.name if partner else ""
    desk = team.name if team and not row["team"] else ""
    call = (team.contact if team and desk else "") or (partner.contact if partner else "")
    known = {"worker": row["worker"], "team": row["team"] or desk, "desk": desk}
    return {"involvement_id": involvement, "provider": provider, "organisation_name": named, "contact": call, **known}


def _known_kinds(run: Run, table: str, columns: Sequence[str]) -> Iterator[Row]:
    for row in rows_of(run, table, columns):
        if row["kind"] not in WAIT_KINDS or row["backlog"] not in BACKLOGS:
            raise NotPublishable(f"{table} holds a kind of wait that the common language does not know")
        yield row


def _name_run(cursor: Any, run: Run, place: Place) -> None:
    as_of = _as_of(run, place)
    feeds = _feeds(run, place, as_of)
    name = cut(cursor, "publishedrun", "place_name", place.name)
    PublishedRun.objects.update_or_create(
        id=1,
        defaults={
            "run_id": run.id,
            "place_name": name,
            "as_of_date": as_of,
            "feeds": feeds,
            "kinds": {organisation.id: organisation.kind for organisation in place.organisations},
            "names": {organisation.id: organisation.name for organisation in place.organisations},
            "senders": _senders(run),
            "calendar": calendar_document(place.calendar),
            "feed_history": feed_history(run, place),
            "has_homes": True,
            "published_at": Now(),
        },
    )


def _senders(run: Run) -> dict[str, list[str]]:
    """Return which organisations hold rows of each item."""
    found: dict[str, set[str]] = {"involvements": set(), "contacts": set()}
    for row in rows_of(run, PERSON_WAIT.name, ["backlog", "organisation_id"]):
        found.setdefault(waits_item(row["backlog"]), set()).add(row["organisation_id"])
    for row in rows_of(run, INVOLVEMENT.name, ["organisation_id"]):
        found["involvements"].add(row["organisation_id"])
        found["contacts"].add(row["organisation_id"])
    return {item: sorted(organisations) for item, organisations in found.items()}


def _as_of(run: Run, place: Place) -> dt.date | None:
    stated = run.manifest.get("as_of")
    return dt.date.fromisoformat(str(stated)) if stated else place.as_of


def _feeds(run: Run, place: Place, as_of: dt.date | None) -> list[dict[str, Any]]:
    """Each source with the date its newest extract speaks of: as the run read it, else as the folder holds it."""
    read = {
        row["feed"]: row.get("as_of_date") for row in run.manifest.get("stages", {}).get("read", {}).get("feeds", [])
    }
    feeds = []
    for feed in place.feeds:
        newest = read[feed.id] if feed.id in read else _newest_in_folder(place, feed, as_of)
        feeds.append(
            {
                "feed": feed.id,
                "organisation": place.organisation(feed.organisation).name,
                "service": feed.service,
                "standard": feed.standard,
                "as_of_date": newest,
            }
        )
    return feeds


def _newest_in_folder(place: Place, feed: Feed, as_of: dt.date | None) -> str | None:
    newest, _ = place.extract_files(feed, as_of or dt.date.max)
    return newest.isoformat() if newest else None


def _sweep() -> None:
    """Let the list be counted from its index alone: that needs the space of the set before to be swept.

    Not in a transaction that holds this one: there the database does it in its own time.
    """
    if not connection.in_atomic_block:
        with known_asker(), connection.cursor() as cursor:
            cursor.execute("vacuum (analyze) braid_personwait, braid_reach")


def _analyse(cursor: Any) -> None:
    for table in ("person", "personwait", "blocker", "reach", "cohort"):
        cursor.execute(f"analyze braid_{table}")
