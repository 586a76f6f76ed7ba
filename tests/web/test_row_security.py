"""The database says what the decision says: every row by every human and purpose, and nothing without a context."""

import dataclasses
import datetime as dt
import random
from collections import Counter, defaultdict

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from policy_twin import Asked, Twin
from published_sample import ENTRIES, as_pages
from sample_agreements import ORGANISATIONS, agreement, sample_agreements
from sample_run import CHILD, ONE_WAIT, VICTIM

from braid.language.codes import BACKLOGS
from braid.trust.agreements import sharings
from braid.trust.audit import KINDS
from braid.trust.decide import Actor, Grant, Subject
from braid.trust.items import waits_item
from braid.trust.roles import PURPOSES, ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.enforcement import enforce
from braid.web.models import (
    Admitted,
    AuditEntry,
    Barred,
    BreakGlass,
    Cohabitant,
    Cohort,
    EmergencyApproval,
    ExclusionEntry,
    HomeSpell,
    Kinship,
    Person,
    Protection,
    PublishedRun,
    RestrictionEntry,
    SealedPerson,
    Suspension,
    User,
)
from braid.web.pages_role import PAGES_ROLE
from braid.web.recording import record
from braid.web.row_security import HIDDEN_LISTS, PROTECTED, find_faults
from braid.web.watch import NoContext, known_asker

pytestmark = pytest.mark.django_db


def seen_by(username: str, purpose: str, table: str = "braid_personwait", key: str = "wait_id") -> set[str]:
    """What a bare query of the pages' role gets for this human: the policies alone, without the access layer."""
    with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
        cursor.execute(f"select {key} from {table}")
        return {row[0] for row in cursor.fetchall()}


def test_without_a_context_there_are_no_rows(published):
    with as_pages(), known_asker(), connection.cursor() as cursor:
        for table in PROTECTED:
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,), table


def test_a_context_ends_with_its_look(published):
    assert seen_by("test-analyst", "school_from_ta")
    with as_pages(), known_asker(), connection.cursor() as cursor:
        cursor.execute("select count(*) from braid_personwait")
        assert cursor.fetchone() == (0,)


def test_a_statement_about_people_outside_a_context_is_refused_before_the_database(published):
    with pytest.raises(NoContext):
        Person.objects.count()


@pytest.mark.parametrize(
    "table", ["braid_barred", "braid_admitted", "braid_sealedperson", "braid_decidedorder", "braid_cohabitant"]
)
def test_the_lists_of_who_is_kept_from_whom_are_read_by_no_page(published, table):
    with as_pages(), known_asker(), connection.cursor() as cursor:
        cursor.execute("savepoint before")
        with pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute(f"select * from {table}")
        cursor.execute("rollback to savepoint before")


NOT_ABOUT_PEOPLE = frozenset(
    "agreementinforce alert apiuse backlogmeasure calendarfeed caseopening checkpoint covered deadlockfigure"
    " directoryentry district keptmoment"
    " fairnessfigure flow linkerrorfigure linkmiss"
    " overlaychange priorityversion problemstatement publishedrun reminderchoice remindersent roleright searchmade"
    " secondfactor servicemeasure serviceoverlap bodyfigure groundpart partfigure publishedground"
    " provisioningtoken securitykey shownsize signedsession signinmiss suspension team teammember unblockfigure user"
    " user_groups user_user_permissions"
    " webhooksecret".split()
)
"""Tables with no person in them, by name after `braid_`."""
OF_WHAT_LEAVES = {
    f"braid_{name}"
    for name in (
        "safetytask outboxmessage outboxrecipient safecontact safecontactdigest contactrelease sharedecision"
    ).split()
}
"""Tables seen by their author and the lead alone: held to that by the tests of the outbox, not by the decision."""
OF_JOINT_WORK = {
    f"braid_{name}"
    for name in (
        "referral replylink jointcase casemember casesubject casewait caseoffer careaction meeting"
        " agendaitem meetingreturn returnline attendance agencynote dissent minutesamendment jointplan"
        " plangoal goalaction planapproval planreview goalreview ownview ownwords readinessday"
        " casereadiness unreadydecision plannedmove mover movenotice movecorrection responseevent draft frozenrank"
        " decidedrules casedocument documentsubject documentversion documentreader documentcheck appointmentsheet"
    ).split()
}
"""Tables seen by who takes part: held to that by the tests of joint work."""
OF_PLANS = {
    f"braid_{name}" for name in "shownplan proposal proposalperson proposalchoice proposalanswer answeredperson".split()
} | {"braid_listingchange", "braid_boardpaper"}
"""What plans propose about people: held to that by the tests of the placement board and of the listing board."""
OF_SIMULATIONS = {f"braid_simulation{name}" for name in ("network", "question", "answer")}
"""Counts that are open to some roles: held to that by the tests of simulations."""
OF_BOARDS = {
    f"braid_{name}"
    for name in (
        "boardseatholder boardmeeting boarditem meetingpaper boardattendance boardinterest boarddecision boardvote"
        " decisionlink boardaction boardactionstep boardrisk boardriskrating boardpriority boardpriorityend"
    ).split()
}
"""What boards decide, about nobody: held to who governs and who sits by the tests of boards."""
OF_FUNDS = {
    f"braid_{name}" for name in "ledgerfund ledgerperiod ledgerentry ledgerline ledgerdecision cohortcost".split()
}
"""Money, and about nobody; published sums: held to some roles by the tests of the ledger and of costs."""
OF_COMMISSIONS = {
    f"braid_{name}"
    for name in (
        "commission commissionterms commissionsignature commissionposting reportinground roundreturn"
        " serviceepisode serviceplan servicesession outcomescore"
    ).split()
}
"""Rows about nobody, and the service to whoever a referral is about: held to that by the tests of commissions."""
OF_OUTCOMES = {f"braid_outcome{name}" for name in ("framework", "definition", "figure")}
"""Figures as they were published, open to whose role governs: held to that by the tests of outcomes."""
OF_LISTS = {f"braid_board{name}" for name in ("remit", "overlap", "waitshare")}
"""What lists of boards have in common, as published: held to whose role governs by the tests of boards together."""
OF_FORECASTS = {"braid_boardforecast"}
"""What was forecast when boards decided, about nobody: held to where its item is by the tests of forecasts."""
OF_PACKS = {"braid_boardpack"}
"""Packs of boards, open to whose role governs or to members: held to that by the tests of packs."""
OF_LINKS = {f"braid_link{name}" for name in ("pair", "answer", "decision", "agreement", "qualityshown")}
"""Links under review, without whoever is kept from the reviewer: held to that by the tests of link reviews."""
OF_PORTFOLIO = {f"braid_{name}" for name in ("placeportfolio", "portfoliostudy", "portfoliochoice")}
"""What bodies may buy jointly, about nobody: held to roles by the tests of the portfolio."""
OF_SYSTEMS = {f"braid_{name}" for name in "apitoken apianswer webhooksubscription webhookdelivery".split()}
"""Machines, what they sent and what they are told: held to whose they are by the tests of the API."""
OF_RIGHTS = {
    f"braid_{name}" for name in "rightsrequest rightspause rightsstep rightsitem legalhold retentionsweep".split()
}
"""Requests about somebody's data, for whoever accounts for looks: held to that by the tests of rights."""
OF_THE_RECORD = {"braid_auditentry"}
"""Read by whoever accounts for it: held to that by the tests below."""


def test_every_table_that_names_a_person_is_compared_or_read_by_nobody(published):
    """Of every table in the catalogue: no table is new without a comparison, and none names a person unnoticed."""
    compared = (
        set(Twin.tables())
        | OF_WHAT_LEAVES
        | OF_JOINT_WORK
        | OF_PLANS
        | OF_SIMULATIONS
        | OF_BOARDS
        | OF_FUNDS
        | OF_COMMISSIONS
        | OF_OUTCOMES
        | OF_PORTFOLIO
        | OF_LISTS
        | OF_FORECASTS
        | OF_PACKS
        | OF_LINKS
        | OF_SYSTEMS
        | OF_RIGHTS
        | OF_THE_RECORD
    )
    assert compared == set(PROTECTED)
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, c.relrowsecurity, exists (select 1 from pg_attribute a where a.attrelid = c.oid and"
            " a.attname ~ '(person|subject|wait|involvement|household|tie|other)_id$'),"
            " has_table_privilege(%s, c.oid, 'select')"
            " from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
            " and c.relname like 'braid%%'",
            [PAGES_ROLE],
        )
        tables = cursor.fetchall()
    assert len(tables) > 30
    by_column = OF_WHAT_LEAVES | OF_JOINT_WORK | OF_PLANS | OF_LINKS | OF_SYSTEMS
    for table, has_policies, names_person, is_read in tables:
        name = table.removeprefix("braid_")
        if table in compared:
            assert has_policies and (is_read or table in by_column), table
        elif table in HIDDEN_LISTS:
            assert has_policies and not is_read, table
        else:
            assert not names_person, f"{table} names a person: give it a policy and policy_twin.py a rule"
            assert name in NOT_ABOUT_PEOPLE or name.startswith(("audit", "witness", "log")), f"{table} is new: say what"


# Worlds of the example place that show somebody some of every table. Few people are protected, so a world may well
# bar, close or end whatever showed them: where the example place changes, choose again among all of them.
QUICK_WORLDS = (1, 4, 19)


@pytest.mark.parametrize(
    "seed",
    [*QUICK_WORLDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(420) if seed not in QUICK_WORLDS)],
)
def test_the_policies_and_the_decision_agree_on_every_row(published, seed):
    """Worlds drawn at random: who is barred, admitted, granted, closed, and which agreement is live for whom. Every
    protected table, every human, every purpose."""
    with known_asker():
        now, agreements = _draw_world(random.Random(seed), random.Random(f"seals and lists {seed}"))
    run = PublishedRun.objects.get()
    flows = tuple(sharings(agreements, run.kinds, {item: set(held) for item, held in run.senders.items()}))
    with known_asker():
        twin = Twin(_subjects())
    decisions, shown = 0, Counter()
    suspended = set(Suspension.objects.values_list("agreement_id", flat=True))
    open_flows = tuple(flow for flow in flows if flow.agreement_id not in suspended)
    for user in User.objects.order_by("username"):
        actor = Actor(user.username, user.organisation, user.role, user.is_active, open_flows)
        for purpose in PURPOSES:
            for table, (model, _) in Twin.tables().items():
                expected = twin.expected(table, Asked(actor, purpose, now))
                assert seen_by(user.username, purpose, table, model._meta.pk.attname) == expected, (
                    seed,
                    user.username,
                    purpose,
                    table,
                )
                decisions += len(twin.rows[table])
                shown[table] += len(expected)
    print(
        f"policies, decide() and naive specification, seed {seed}: {decisions:,} rows of {len(shown)} tables,"
        f" {twin.decided:,} decisions"
    )
    assert decisions > 10_000
    assert all(shown.values()) or seed not in QUICK_WORLDS, shown


def _draw_world(draw: random.Random, more: random.Random):
    now = timezone.now()
    people = [CHILD, VICTIM, ONE_WAIT, *draw.sample(sorted(_all_people()), 12)]
    users = list(User.objects.order_by("username").values_list("username", flat=True))
    Barred.objects.bulk_create(
        [Barred(person_id=p, username=draw.choice(users)) for p in people[:6]], ignore_conflicts=True
    )
    Admitted.objects.bulk_create(
        [Admitted(person_id=p, username=draw.choice([*users, ""])) for p in people[4:8]], ignore_conflicts=True
    )
    SealedPerson.objects.bulk_create(
        [SealedPerson(person_id=p) for p in more.sample(sorted(set(people) - _protected()), 3)]
        + [SealedPerson(person_id="waits for nothing")]
    )
    for person, drawn in [(p, draw) for p in people[8:]] + [(p, more) for p in more.sample(people, 6)]:
        start = now + dt.timedelta(hours=drawn.choice([-5, -1, 1]))
        grant = BreakGlass.objects.create(
            username=drawn.choice(users),
            organisation="",
            role="",
            person_id=person,
            purpose=drawn.choice(sorted(PURPOSES)),
            reason="immediate_danger",
            reference="INC-1",
            colleague="another",
            live_from=start,
            live_to=start + dt.timedelta(hours=4),
            review_due_at=now,
            items=more.sample(["identity", "district", "blockers", "involvements", "contacts"], more.randrange(6)),
        )
        if more.random() < 0.5:
            EmergencyApproval.objects.create(break_glass=grant, asked_by=grant.username, approved_by="a second")
    for entered_by in draw.sample(users, 3):
        facts = {"subject_id": draw.choice(people), "reason": "staff_knows", "entered_by": entered_by}
        ExclusionEntry.objects.create(**facts, barred_username=draw.choice(users))
        RestrictionEntry.objects.create(**facts, admitted=[draw.choice(users)])
    _draw_homes(random.Random(f"homes {more.random()}"), people)
    User.objects.filter(username=draw.choice(users)).update(is_active=False)
    agreements = sample_agreements()
    changed = draw.randrange(len(agreements))
    ended = agreements[changed]
    agreements[changed] = agreement(
        ended.purpose,
        set(ended.items) - {waits_item(draw.choice(sorted(BACKLOGS)))},
        {draw.choice(sorted(set(ORGANISATIONS.values()))), "northmere-council"},
        id=ended.id,
        valid_to=draw.choice([ended.valid_to, now - dt.timedelta(seconds=1)]),
    )
    enforce(agreements)
    if draw.random() < 0.5:
        Suspension.objects.create(agreement_id=draw.choice(agreements).id, suspended_by="lead", reason="breach")
    return now, agreements


def _draw_homes(draw: random.Random, people: list[str]):
    """Two people who live together, or did; what they are to each other; and with whom some lived besides."""
    everybody = sorted(_all_people())
    for one, other in {tuple(draw.sample(everybody, 2)) for _ in range(60)}:
        lasts = draw.random() < 0.7
        spell = {"since_date": dt.date(2026, 1, 1), "is_stated": True, "is_own": False}
        HomeSpell.objects.create(person_id=one, other_id=other if lasts else None, **spell)
        kin = {"kind": "parent", "standard": "cin", "as_of_date": dt.date(2026, 11, 1)}
        for backlog in draw.sample(["childrens_social_care", "homelessness", "crown_court"], 2 if lasts else 0):
            sensitivity = draw.choice(["normal", "special", "criminal"])
            Kinship.objects.create(person_id=one, other_id=other, backlog=backlog, sensitivity=sensitivity, **kin)
        beside = draw.choice([*people, "waits for nothing"]) if draw.random() < 0.4 else other
        Cohabitant.objects.get_or_create(person_id=one, other_id=beside)


def _protected() -> set[str]:
    """Few are: a world that seals them shows no protection to anybody, and would compare nothing of it."""
    return set(Protection.objects.values_list("person_id", flat=True))


def _all_people() -> set[str]:
    with known_asker():
        return set(Person.objects.values_list("person_id", flat=True))


def _subjects() -> dict[str, Subject]:
    """What decide() needs to know of each person, gathered in Python from the tables."""
    homes = dict(Person.objects.values_list("person_id", "household_id"))
    concerned, barred, admitted, grants = (defaultdict(set) for _ in range(4))
    for problem, person in Cohort.objects.values_list("problem", "person_id"):
        concerned[person].add(problem)
    for row in Barred.objects.all():
        barred[row.person_id].add(row.username)
    for row in Admitted.objects.all():
        admitted[row.person_id].add(row.username)
    for row in BreakGlass.objects.all():
        is_approved = EmergencyApproval.objects.filter(break_glass=row).exists()
        grants[row.person_id].add(
            Grant(row.username, row.purpose, row.live_from, row.live_to, frozenset(row.items), is_approved)
        )
    sealed = set(SealedPerson.objects.values_list("person_id", flat=True))
    at_home = {
        person: frozenset(
            problem for other, home in homes.items() if home and home == homes[person] for problem in concerned[other]
        )
        for person in homes
    }
    return {
        person: Subject(
            person,
            sealed=person in sealed,
            excluded=frozenset(barred[person]),
            restricted_to=frozenset(admitted[person] - {""}) if person in admitted else None,
            concerned=frozenset(concerned[person]),
            at_home=at_home[person],
            grants=tuple(grants[person]),
        )
        for person in homes
    }


def test_an_agreement_that_lapses_takes_its_rows_and_fields_with_it(published):
    assert seen_by("test-advocate", "victim_response")
    lapsed = [
        agreement(one.purpose, set(one.items), {"harbour"}, valid_to=timezone.now()) if "victim" in one.id else one
        for one in sample_agreements()
    ]
    enforce(lapsed)
    for table, key in (("braid_personwait", "wait_id"), ("braid_person", "person_id"), ("braid_blocker", "blocker_id")):
        assert seen_by("test-advocate", "victim_response", table, key) == set()
    assert seen_by("test-analyst", "school_from_ta"), "the others go on"


def test_an_agreement_that_lapses_takes_the_rows_of_who_reaches_the_whole_place(published):
    """An analyst reaches everybody without a problem statement, whose own end would close the rows as well."""
    assert seen_by("test-analyst", "school_from_ta")
    now = timezone.now()
    ends = {"school_from_ta": now}
    enforce(dataclasses.replace(one, valid_to=ends.get(one.purpose, one.valid_to)) for one in sample_agreements())
    assert seen_by("test-analyst", "school_from_ta") == set()


def test_a_suspension_closes_at_the_next_statement_and_lifting_opens_again(published):
    before = seen_by("test-analyst", "school_from_ta")
    suspension = Suspension.objects.create(agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach")
    assert seen_by("test-analyst", "school_from_ta") == set()
    suspension.lift_asked_by, suspension.lifted_by = "lead", "second lead"
    suspension.lifted_at = timezone.now()
    suspension.save()
    assert seen_by("test-analyst", "school_from_ta") == before


def test_whoever_is_excluded_finds_a_person_as_absent_as_one_who_does_not_exist(published, client_of):
    client = client_of("analyst", "school_from_ta")
    assert client.get(f"/people/{CHILD}/").status_code == 200
    with known_asker():
        Barred.objects.create(person_id=CHILD, username="test-analyst")
    hidden, absent = client.get(f"/people/{CHILD}/"), client.get(f"/people/{'0' * 32}/")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert CHILD not in client.get("/people/").content.decode()
    assert client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/").status_code == 200


def test_a_person_restricted_to_named_users_is_absent_for_all_others(published, client_of):
    with known_asker():
        Admitted.objects.create(person_id=CHILD, username="test-practitioner")
    for role in ROLES:
        if ROLES[role].sees_people and "school_from_ta" in ROLES[role].purposes:
            status = client_of(role, "school_from_ta").get(f"/people/{CHILD}/").status_code
            assert status == (200 if role == "practitioner" else 404), role


def test_the_catalogue_is_sound_as_it_is_made(published):
    assert find_faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "alter table braid_person disable row level security",
        "alter table braid_personwait no force row level security",
        "drop policy not_hidden on braid_personwait",
        "drop policy not_hidden on braid_safecontact",
        "drop policy not_hidden on braid_auditentry",
        "alter table braid_auditentry no force row level security",
        "drop policy not_hidden on braid_safetytask",
        "drop policy not_hidden on braid_sharedecision",
        "drop policy seen on braid_blocker",
        "create policy all_rows on braid_person for select to braid_pages using (true)",
        "create policy all_rows on braid_person for select using (true)",
        "create view everybody as select * from braid_personidentity",
        "create materialized view everybody as select * from braid_person",
        "create function everybody() returns setof braid_person language sql security definer"
        " as 'select * from braid_person'",
        "alter function braid_hidden_people() reset search_path",
        "alter function braid_hidden_messages() reset search_path",
        "grant select on braid_barred to braid_pages",
        "grant select on braid_sealedperson to braid_pages",
        "alter function braid_sealed_people() reset search_path",
        "drop policy not_hidden on braid_homespell",
        "drop policy not_hidden on braid_kinship",
        "grant select on braid_cohabitant to braid_pages",
        "alter function braid_hidden_homes() reset search_path",
        "grant select on braid_person to public",
        "alter role braid_pages bypassrls",
        "alter role braid_pages superuser",
        "grant create on schema public to braid_pages",
    ],
)
def test_what_would_let_a_row_past_the_policies_is_found(published, statement):
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(statement)
        assert find_faults()


def test_the_record_is_read_by_whoever_accounts_for_it_alone(published):
    """By a bare query of the pages' role: every human, and nobody; of somebody hidden, what one did oneself."""
    viewer = Viewer("test-analyst", "analyst", "school_from_ta", "MTG-1", "person")
    record("look", viewer, [CHILD, VICTIM])
    record("changed", dataclasses.replace(viewer, username="test-ig_lead"), [CHILD])
    for role in ROLES:
        seen = seen_by(f"test-{role}", "", "braid_auditentry", "person_id || username")
        assert len(seen) == (3 if role == "ig_lead" else 0), role
    assert seen_by("", "", "braid_auditentry", "id") == set()
    with known_asker():
        Barred.objects.create(person_id=CHILD, username="test-ig_lead")
    seen = seen_by("test-ig_lead", "", "braid_auditentry", "person_id || username")
    assert seen == {f"{VICTIM}test-analyst", f"{CHILD}test-ig_lead"}


def test_a_page_adds_entries_in_the_name_of_its_human_alone(published):
    """A refusal and a sign-in by somebody whom the database does not know yet are kept, though not read back."""
    viewer = Viewer("test-analyst", "analyst", "school_from_ta", "MTG-1", "person")
    with as_pages(), asking_as("test-analyst", ""):
        record("look", viewer, [CHILD])
    refused = pytest.raises(DatabaseError, match="row-level security")
    with as_pages(), asking_as("test-practitioner", ""), refused, transaction.atomic():
        record("look", viewer, [CHILD])
    for kind in KINDS:
        if kind in ("refused", "signed_in", "signed_out"):
            with as_pages():
                record(kind, viewer)
        else:
            refused = pytest.raises(DatabaseError, match="row-level security")
            with as_pages(), refused, transaction.atomic():
                record(kind, viewer)
    assert ENTRIES.count() == 4


def test_a_statement_about_the_record_outside_a_context_is_refused_before_the_database(published):
    with pytest.raises(NoContext):
        AuditEntry.objects.count()
