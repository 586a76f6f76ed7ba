"""The database lets exactly those documents through that the decision allows; and nobody gets round its policies."""

import random
import uuid
from collections import defaultdict

import files_given
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from published_sample import as_pages
from sample_agreements import ORGANISATIONS, agreement, sample_agreements
from sample_run import CHILD, ONE_WAIT, VICTIM
from test_care_documents import COUNCIL, HOSPITAL, give, panel, passes, teams  # noqa: F401 - fixtures
from test_care_response import done, row

from braid.care.documents import SIDES, sees_side
from braid.trust.agreements import sharings
from braid.trust.decide import Actor, Outcome, Subject
from braid.trust.documents import DocumentHeld, SeatTaken, decide_document
from braid.trust.roles import PURPOSES
from braid.web.access.context import asking_as
from braid.web.case_type_files import case_types
from braid.web.enforcement import enforce
from braid.web.models import (
    Admitted,
    Barred,
    CaseDocument,
    CaseMember,
    CaseSubject,
    DocumentCheck,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    JointCase,
    PublishedRun,
    SealedPerson,
    ShareDecision,
    Suspension,
    User,
)
from braid.web.owner_functions import ask
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PEOPLE = (CHILD, VICTIM, ONE_WAIT)
KINDS = {"marac": "victim_response", "placement_panel": "school_from_ta"}
PLACES = (*sorted(set(ORGANISATIONS.values())),)


def draw_world(draw: random.Random) -> None:
    """Cases of two kinds, who takes part in which seat, documents of both sides, and who is kept from whom."""
    users = list(User.objects.order_by("username"))
    for kind, purpose in KINDS.items():
        cases, agencies = [], sorted(case_types()[kind].agencies)
        for _ in range(2):
            case = JointCase.objects.create(
                reference=uuid.uuid4().hex[:20],
                case_type=kind,
                purpose=purpose,
                opened_by="z",
                state="open",
            )
            cases.append(case)
            subjects = [
                CaseSubject.objects.create(
                    case=case,
                    part="x",
                    person_id=person,
                    added_by="z",
                    ended_at=timezone.now() if draw.random() < 0.3 else None,
                )
                for person in draw.sample(PEOPLE, draw.randint(1, 3))
            ]
            for user in draw.sample(users, 8):
                CaseMember.objects.create(
                    case=case,
                    username=user.username,
                    organisation=user.organisation if draw.random() < 0.9 else draw.choice(PLACES),
                    agency=draw.choice(agencies),
                    right=draw.choice(["edit", "view"]),
                    sight=draw.choice(["whole", "whole", "own"]),
                    left_at=timezone.now() if draw.random() < 0.1 else None,
                )
            for _ in range(8):
                draw_document(draw, case, cases, subjects, agencies)
    for model, most in ((Barred, 4), (Admitted, 2)):
        for _ in range(draw.randint(0, most)):
            name = draw.choice(users).username
            model.objects.get_or_create(person_id=draw.choice(PEOPLE), username=name)
    if draw.random() < 0.2:
        SealedPerson.objects.create(person_id=draw.choice(PEOPLE))
    User.objects.filter(username=draw.choice(users).username).update(is_active=False)
    User.objects.filter(username=draw.choice(users).username).update(organisation=draw.choice(PLACES))


def draw_document(draw: random.Random, case: JointCase, cases: list, subjects: list, agencies: list[str]) -> None:
    members = list(CaseMember.objects.filter(case=case))
    giver = draw.choice(members)
    document = CaseDocument.objects.create(
        reference=uuid.uuid4().hex[:20],
        case=case,
        side=draw.choice(list(SIDES)),
        kind="report",
        title="t",
        given_by="g",
        given_on=timezone.localdate(),
        organisation=giver.organisation,
        agency=giver.agency,
        added_by=giver.username,
        retention="days_90",
    )
    for subject in draw.sample(subjects, draw.randint(0, len(subjects))):
        DocumentSubject.objects.create(document=document, subject=subject)
    versions = [
        DocumentVersion.objects.create(
            document=document, number=n, file_kind="pdf", size_bytes=1, sha256="x", added_by="z"
        )
        for n in (1, 2)
    ]
    seats = {(one.organisation, one.agency) for one in draw.sample(members, 5)}
    seats |= {(giver.organisation, giver.agency)} | {(draw.choice(PLACES), draw.choice(agencies))}
    for organisation, agency in sorted(seats):
        DocumentReader.objects.create(
            document=document,
            case=draw.choice(cases) if draw.random() < 0.2 else case,
            organisation=organisation,
            agency=agency,
            added_by="z",
            ended_at=timezone.now() if draw.random() < 0.1 else None,
        )
    for organisation in sorted({one for one, _ in seats}):
        if draw.random() < 0.8:
            ShareDecision.objects.create(
                outcome="shared" if draw.random() < 0.9 else "withheld",
                gateway="x",
                reason="x",
                decided_by="z",
                role="z",
                purpose=case.purpose,
                reference="r",
                person_id=draw.choice(PEOPLE),
                receiver=organisation,
                item_classes="E",
                document_id=document.pk,
            )
        for version in versions:
            if draw.random() < 0.8:
                DocumentCheck.objects.create(
                    document=document,
                    of_version=version,
                    organisation=organisation,
                    state=draw.choice(["passed", "passed", "held"]),
                    checked_at=timezone.now(),
                )


def facts() -> tuple[dict, dict[str, Subject], dict[str, list[SeatTaken]]]:
    """All that the decision asks, read by the owner: each version as held, each person, the seats of each human."""
    about, readers, shared, people = (defaultdict(set) for _ in range(4))
    for one in DocumentSubject.objects.select_related("subject"):
        about[one.document_id].add(one.subject.person_id)
    for one in DocumentReader.objects.filter(ended_at__isnull=True):
        readers[one.document_id].add((str(one.case_id), one.organisation, one.agency))
    for one in ShareDecision.objects.filter(outcome="shared"):
        shared[one.document_id].add(one.receiver)
    passed = defaultdict(set)
    for one in DocumentCheck.objects.filter(state="passed"):
        passed[one.of_version_id].add(one.organisation)
    held = {
        version.pk: DocumentHeld(
            version.document.organisation,
            version.document.agency,
            version.document.side,
            frozenset(about[version.document_id]),
            frozenset(readers[version.document_id]),
            frozenset(shared[version.document_id]),
            frozenset(passed[version.pk]),
        )
        for version in DocumentVersion.objects.select_related("document")
    }
    for one in CaseSubject.objects.filter(ended_at__isnull=True):
        people[one.case_id].add(one.person_id)
    seats = defaultdict(list)
    for one in CaseMember.objects.filter(left_at__isnull=True).select_related("case"):
        kind = case_types()[one.case.case_type]
        sides = frozenset(side for side in SIDES if sees_side(kind, one.agency, side))
        seats[one.username].append(
            SeatTaken(
                str(one.case_id),
                one.case.purpose,
                one.organisation,
                one.agency,
                one.sight == "whole",
                sides,
                frozenset(people[one.case_id]),
            )
        )
    barred, admitted = defaultdict(set), defaultdict(set)
    for one in Barred.objects.all():
        barred[one.person_id].add(one.username)
    for one in Admitted.objects.all():
        admitted[one.person_id].add(one.username)
    sealed = set(SealedPerson.objects.values_list("person_id", flat=True))
    subjects = {
        person: Subject(
            person,
            sealed=person in sealed,
            excluded=frozenset(barred[person]),
            restricted_to=frozenset(admitted[person]) if person in admitted else None,
        )
        for person in PEOPLE
    }
    return held, subjects, seats


QUICK = (0, 1)
"""Worlds in which somebody reads something; in some of the others, by agreements and restrictions, nobody does."""


@pytest.mark.parametrize(
    "seed", [*QUICK, *(pytest.param(one, marks=pytest.mark.slow) for one in range(120) if one not in QUICK)]
)
def test_the_policies_let_through_what_the_decision_allows_and_nothing_else(published, seed):
    draw = random.Random(seed)
    with known_asker():
        draw_world(draw)
        agreements = sample_agreements()
        if draw.random() < 0.3:
            one = draw.choice(agreements)
            agreements[agreements.index(one)] = agreement(
                one.purpose, set(one.items), {draw.choice(PLACES)}, id=one.id, valid_to=timezone.now()
            )
        enforce(agreements)
        if draw.random() < 0.3:
            Suspension.objects.create(agreement_id=draw.choice(agreements).id, suspended_by="l", reason="breach")
        suspended = set(Suspension.objects.values_list("agreement_id", flat=True))
        run = PublishedRun.objects.get()
        flows = sharings(agreements, run.kinds, {item: set(held) for item, held in run.senders.items()})
        open_flows = tuple(flow for flow in flows if flow.agreement_id not in suspended)
        held, subjects, seats = facts()
        users = list(User.objects.all())
        documents = dict(DocumentVersion.objects.values_list("pk", "document_id"))
    shown, now = 0, timezone.now()
    for user in users:
        actor = Actor(user.username, user.organisation, user.role, user.is_active, open_flows)
        for purpose in PURPOSES:
            expected = {
                version
                for version, document in held.items()
                if decide_document(actor, document, seats[user.username], subjects, purpose, now).outcome
                is Outcome.ALLOW
            }
            with as_pages(), asking_as(user.username, purpose):
                versions = set(DocumentVersion.objects.values_list("pk", flat=True))
                rows = set(CaseDocument.objects.values_list("pk", flat=True))
            assert versions == expected, (seed, user.username, purpose)
            assert rows == {documents[one] for one in expected}
            shown += len(expected)
    assert shown or seed not in QUICK, "a world in which nobody reads anything shows nothing"


@pytest.fixture
def given(panel, sample):  # noqa: F811
    """A document that the council gave and the hospital reads."""
    client, address = panel
    done(give(client, address, files_given.pdf()))
    passes(sample, passed=1)
    return client


def tried(username: str, statement: str, purpose: str = "school_from_ta") -> int:
    """How many rows a statement touches, as the role of the pages; -1 where the database refuses it."""
    with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
                return cursor.rowcount
        except DatabaseError as error:
            assert error.__cause__.sqlstate in ("42501", "23514"), error
            return -1


def test_no_statement_of_the_pages_gets_round_the_rules(given):
    """Smuggled statements, by the hospital that reads a document, by the council that gave it, and by a stranger."""
    document, version = row(CaseDocument), row(DocumentVersion)
    hospital, council, stranger = "test-partner", "test-practitioner", "test-placement_officer"
    case, mine = document.case_id, row(DocumentReader, organisation=HOSPITAL)
    reader = "insert into braid_documentreader (document_id, case_id, organisation, agency, added_by)"
    for who, statement, expected in (
        (stranger, "select sealed from braid_documentversion", 0),
        (stranger, "select 1 from braid_casedocument", 0),
        (stranger, "select 1 from braid_documentreader", 0),
        (stranger, "select 1 from braid_documentsubject", 0),
        (stranger, "select 1 from braid_documentcheck", 0),
        (stranger, "select braid_part_documents(gen_random_uuid(), gen_random_uuid(), array[gen_random_uuid()])", 1),
        (hospital, "select 1 from braid_documentcheck", 0),
        (hospital, f"update braid_documentcheck set state = 'passed' where id = {1}", -1),
        (hospital, "update braid_casedocument set title = 'mine'", 0),
        (hospital, "update braid_casedocument set organisation = 'vale-hospital'", -1),
        (hospital, "update braid_documentversion set sealed = ''", 0),
        (hospital, "update braid_documentversion set sha256 = ''", -1),
        (hospital, "delete from braid_casedocument", -1),
        (hospital, f"{reader} values ('{document.pk}', '{case}', 'harbour', 'voluntary', '{hospital}')", -1),
        (hospital, f"update braid_documentreader set ended_at = null where id = {mine.pk}", 0),
        (stranger, f"{reader} values ('{document.pk}', '{case}', 'northmere-council', 'placement', '{stranger}')", -1),
        (council, f"{reader} values ('{document.pk}', '{case}', 'harbour', 'voluntary', '{council}')", -1),
        (council, f"{reader} values ('{document.pk}', '{case}', 'vale-hospital', 'health', 'somebody else')", -1),
        (council, "insert into braid_documentcheck (document_id, of_version_id, organisation, state, reasons,"
         f" checked_at) values ('{document.pk}', '{version.pk}', 'harbour', 'passed', '[]', now())", -1),
        (council, "update braid_documentversion set sealed = '', wrapped = '', key_id = ''", 0),
        (council, "update braid_documentversion set sealed = 'other'", 0),
        (council, "update braid_casedocument set state = 'expired', title = '', given_by = '', ended_because = 'x',"
         " ended_at = now()", -1),
        (council, "update braid_casedocument set state = 'withdrawn', title = '', given_by = '', ended_because = 'x',"
         " ended_at = now(), ended_by = 'somebody else'", -1),
        (council, "update braid_casedocument set case_id = gen_random_uuid()", -1),
        (council, "insert into braid_documentversion (id, document_id, number, file_kind, size_bytes, sha256, added_by,"
         f" key_id, wrapped, sealed) values (gen_random_uuid(), '{document.pk}', 2, 'pdf', 1, 'x', 'another', '', '',"
         " '')", -1),
    ):  # fmt: skip
        assert tried(who, statement) == expected, (who, statement)
    with known_asker():
        assert CaseDocument.objects.get() == document and DocumentReader.objects.filter(ended_at=None).count() == 2


def read_by(username: str) -> set[uuid.UUID]:
    """The documents that somebody finds for the purpose of the panel."""
    with as_pages(), asking_as(username, "school_from_ta"):
        return set(CaseDocument.objects.values_list("pk", flat=True))


def test_a_seat_opens_nothing_to_who_works_for_another_organisation_now(given):
    """A health worker's seat is the hospital's. It is none of the council's once they work there, opened to or not."""
    document, partner = row(CaseDocument), "test-partner"
    assert read_by(partner) == {document.pk}
    with known_asker():
        DocumentReader.objects.create(
            document=document, case_id=document.case_id, organisation=COUNCIL, agency="health", added_by="z"
        )
        User.objects.filter(username=partner).update(organisation=COUNCIL)
    assert read_by(partner) == set()
    with known_asker():
        CaseMember.objects.filter(username=partner).update(organisation=COUNCIL)
    assert read_by(partner) == {document.pk}, "the seat alone was missing"


def test_a_document_about_somebody_one_is_kept_from_is_hidden_where_the_case_is_about_them_no_longer(given):
    document, partner = row(CaseDocument), "test-partner"
    with known_asker():
        CaseSubject.objects.filter(case_id=document.case_id).update(ended_at=timezone.now())
    assert read_by(partner) == {document.pk}
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=partner)
    assert read_by(partner) == set()


def test_who_it_was_closed_to_does_not_open_it_to_their_own_seat(given):
    """Of what else an opening needs nothing is missing: they sit in the case, it was shared with them, it is theirs."""
    document, partner = row(CaseDocument), "test-partner"
    with known_asker():
        DocumentReader.objects.filter(organisation=HOSPITAL).update(ended_at=timezone.now())
    assert read_by(partner) == set()
    opens = (
        "insert into braid_documentreader (document_id, case_id, organisation, agency, added_by)"
        f" values ('{document.pk}', '{document.case_id}', '{{}}', '{{}}', '{{}}')"
    )
    assert tried(partner, opens.format(HOSPITAL, "health", partner)) == -1
    assert tried("test-practitioner", opens.format(HOSPITAL, "health", "test-practitioner")) == 1, "the giver may"
    assert read_by(partner) == {document.pk}


def test_what_has_ended_does_not_change_for_its_owner_either(given):
    done(given.post(f"/documents/{row(CaseDocument).pk}/", {
        "kind": "withdraw", "withdraw-reason": "wrong_file", "version": "1",
    }))  # fmt: skip
    with known_asker(), pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        CaseDocument.objects.update(state="held", title="back", ended_because="", ended_at=None)


def test_nobody_carries_a_document_into_a_case_that_was_not_parted_from_its_own(given, client_of):
    client = given
    done(
        client.post(
            f"/people/{ONE_WAIT}/case/", {"case_type": "placement_panel", "agency": "education", "part": "child"}
        )
    )
    document = row(CaseDocument)
    with known_asker():
        other = JointCase.objects.exclude(pk=document.case_id).get()
    with as_pages(), asking_as("test-practitioner", "school_from_ta"):
        assert ask("braid_part_documents", document.case_id, other.pk, [document.pk]) == 0
    seat_of = {"organisation": HOSPITAL, "agency": "health", "right": "edit", "sight": "whole"}
    with known_asker():
        JointCase.objects.filter(pk=other.pk).update(parted_from=document.case_id)
        CaseMember.objects.create(case=other, username="test-partner", **seat_of)
    with as_pages(), asking_as("test-partner", "school_from_ta"):
        assert ask("braid_part_documents", document.case_id, other.pk, [document.pk]) == 0, "who leads neither"
    assert row(CaseDocument).case_id == document.case_id
