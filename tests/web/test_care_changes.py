"""Joint cases changed as a whole, under the pages' own role: stood in for, parted, merged, moved with identities."""

import datetime as dt
import json
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from care_teams import make_teams
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone
from joint_sample import put_joint
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import ORGANISATIONS
from sample_run import CHILD, CHILD_PROTECTED, ONE_WAIT, VICTIM, person_id

from braid.language.steps import NotPossible
from braid.store.lake import Lake
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, looking
from braid.web.care import case_changes, case_waits, cases, meetings, referrals
from braid.web.care.drafts import forget_old_drafts
from braid.web.care.identities import follow
from braid.web.models import (
    Attendance,
    CareAction,
    CaseMember,
    CaseSubject,
    CaseWait,
    Draft,
    ExclusionEntry,
    JointCase,
    Meeting,
    Person,
    PersonAlias,
    PersonWait,
    Referral,
    Team,
    TeamMember,
    User,
)
from braid.web.overlay.effects import renew_effects
from braid.web.overlay.ties import fill_ties
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


@contextmanager
def acting_as(role: str, purpose: str = SCHOOL_FROM_TA, username: str = ""):
    """The transaction of a human, under the role of the pages."""
    with as_pages(), looking(Viewer(username or f"test-{role}", role, purpose, REFERENCE, "test")) as sight:
        yield sight


def open_panel(person: str = CHILD) -> JointCase:
    with acting_as("practitioner") as sight:
        return cases.open_case(sight, "placement_panel", "education", person, "child", another=True)


def colleague(name: str, role: str = "practitioner", leads: str = "") -> None:
    with known_asker():
        User.objects.create(username=name, role=role, display_name=name, organisation=ORGANISATIONS[role])
        if leads:
            TeamMember.objects.create(team_id=leads, username=name, is_lead=True)


def stands_in(name: str, row: JointCase, role: str = "practitioner", why: str = "away") -> None:
    with acting_as(role, username=name) as sight:
        case_changes.stand_in(sight, row.pk, why)


def test_whoever_leads_the_team_stands_in_and_nobody_else(teams):
    row = open_panel()
    colleague("head", leads="northmere-education")
    colleague("other")
    for name, role in (("other", "practitioner"), ("test-analyst", "analyst"), ("test-partner", "partner")):
        with acting_as(role, username=name) as sight:
            assert case_changes.list_led() == []
            with pytest.raises(NotThere):
                case_changes.stand_in(sight, row.pk, "away")
    with acting_as("practitioner", username="head") as sight:
        (led,) = case_changes.list_led()
        assert (led.reference, led.lead, led.agency, led.is_stuck) == (
            *(row.reference, "test-practitioner"),
            *("education", False),
        )
        with pytest.raises(NotThere):
            cases.get_case(sight, row.pk)
        with pytest.raises(NotPossible, match="Choose from the list why"):
            case_changes.stand_in(sight, row.pk, "bored")
    stands_in("head", row)
    with acting_as("practitioner", username="head") as sight:
        seen = cases.get_case(sight, row.pk)
        assert seen.mine.is_lead and seen.mine.agency == "education" and seen.subjects[0].name
        assert case_changes.list_led() == []
    with acting_as("practitioner") as sight:
        mine = cases.get_case(sight, row.pk).mine
        assert (mine.is_lead, mine.right) == (False, "edit"), "the lead before stays, to edit"
    (entry,) = [one for one in ENTRIES.filter(kind="changed") if one.details["what"] == "stood in"]
    assert (entry.username, entry.person_id, entry.details["reason"]) == ("head", CHILD, "away")


def test_a_case_whose_lead_is_gone_or_kept_away_asks_for_another(teams):
    row = open_panel()
    colleague("head", leads="northmere-education")

    def is_stuck() -> bool:
        with acting_as("practitioner", username="head"):
            (led,) = case_changes.list_led()
            return led.is_stuck

    assert not is_stuck()
    with known_asker(), transaction.atomic():
        entry = {"reason": "staff_knows", "entered_by": "test-ig_lead", "barred_username": "test-practitioner"}
        ExclusionEntry.objects.create(subject_id=CHILD, **entry)
        renew_effects()
        assert is_stuck(), "kept from the child by an exclusion"
        transaction.set_rollback(True)
    with known_asker():
        renew_effects()
    assert not is_stuck()
    User.objects.filter(username="test-practitioner").update(is_active=False)
    with known_asker():
        TeamMember.objects.filter(username="test-practitioner").update(ended_at=timezone.now())
    assert is_stuck(), "who left all teams was last of those they left"
    stands_in("head", row, why="left")
    with acting_as("practitioner", username="head") as sight:
        assert cases.get_case(sight, row.pk).mine.is_lead


def test_who_is_kept_from_the_person_stands_in_for_nobody(teams):
    row = open_panel()
    colleague("head", leads="northmere-education")
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=CHILD, reason="staff_knows", barred_username="head", entered_by="test-ig_lead"
        )
        renew_effects()
    with acting_as("practitioner", username="head") as sight:
        assert case_changes.list_led() == []
        with pytest.raises(NotThere):
            case_changes.stand_in(sight, row.pk, "away")


def test_whoever_stands_in_gives_up_another_seat_that_they_had(teams):
    row = open_panel()
    colleague("head", leads="northmere-education")
    with known_asker():
        CaseMember.objects.create(
            case=row,
            username="head",
            organisation="northmere-council",
            agency="childrens_social_care",
            right="view",
            sight="own",
        )
    stands_in("head", row)
    with acting_as("practitioner", username="head") as sight:
        mine = cases.get_case(sight, row.pk).mine
        assert (mine.agency, mine.right, mine.sight, mine.is_lead) == ("education", "edit", "whole", True)


def test_a_coordinator_of_the_organisation_takes_the_chair(teams):
    with acting_as("coordinator") as sight:
        meeting = meetings.plan_meeting(sight, "placement_panel", timezone.now() + dt.timedelta(days=9))
    colleague("second", role="coordinator")
    with acting_as("partner") as sight, pytest.raises(NotThere):
        meetings.take_chair(sight, meeting.pk, 1)
    with acting_as("coordinator") as sight, pytest.raises(NotPossible, match="already"):
        meetings.take_chair(sight, meeting.pk, 1)
    with acting_as("coordinator", username="second") as sight:
        assert meetings.get_meeting(sight, meeting.pk).may_take_chair
        with pytest.raises(NotPossible, match="Only the chair"):
            meetings.take_meeting_step(sight, meeting.pk, 1, "cancel", "not_needed")
        meetings.take_chair(sight, meeting.pk, 1)
        meetings.take_meeting_step(sight, meeting.pk, 2, "cancel", "not_needed")
    with acting_as("coordinator") as sight, pytest.raises(NotPossible, match="over"):
        meetings.take_chair(sight, meeting.pk, 3)
    assert Meeting.objects.get().chair == "second"


def test_waits_are_chosen_from_those_that_one_sees(teams):
    row = open_panel()
    with acting_as("practitioner") as sight:
        found = case_waits.list_waits(sight, row)
        assert found and not any(one.is_chosen for one in found)
        wanted = [found[0].wait.wait_id, found[1].wait.wait_id]
        case_waits.choose_waits(sight, row.pk, wanted)
        case_waits.choose_waits(sight, row.pk, wanted[1:])
        assert [one.wait.wait_id for one in case_waits.list_waits(sight, row) if one.is_chosen] == wanted[1:]
        theirs = PersonWait.objects.filter(person=ONE_WAIT).values_list("wait_id", flat=True)
        with pytest.raises(NotPossible, match="Choose from the waits on the page"):
            case_waits.choose_waits(sight, row.pk, theirs)
    assert CaseWait.objects.count() == 2, "what was chosen before stays in the record"
    with known_asker():
        hidden = PersonWait.objects.filter(person=VICTIM).first()
        CaseWait.objects.create(case=row, wait_id=hidden.wait_id, added_by="somebody")
    with acting_as("practitioner"):
        assert CaseWait.objects.filter(wait_id=hidden.wait_id).count() == 0, "a wait one may not see is no link either"
        with pytest.raises(ProgrammingError, match="policy"), transaction.atomic():
            CaseWait.objects.append_one(CaseWait(case=row, wait_id=hidden.wait_id, added_by="test-practitioner"))


def test_who_lives_with_them_is_offered_and_added(teams):
    row = open_panel()
    with acting_as("practitioner") as sight:
        household = case_waits.list_household(sight, row)
        assert list(household) == [ONE_WAIT] and household[ONE_WAIT]
        cases.add_subject(sight, row.pk, "child", ONE_WAIT)
        assert case_waits.list_household(sight, row) == {}


def subject_key(person: str, row: JointCase) -> str:
    with known_asker():
        return str(CaseSubject.objects.get(person_id=person, case=row, ended_at__isnull=True).pk)


def test_a_case_is_parted_and_merged_again_and_nobody_comes_in_unasked(teams):
    row = open_panel()
    with known_asker():
        CaseMember.objects.create(
            case=row,
            username="test-partner",
            organisation="vale-hospital",
            agency="health",
            right="edit",
            sight="whole",
        )
    with acting_as("practitioner") as sight:
        cases.add_subject(sight, row.pk, "child", ONE_WAIT)
        parted = case_changes.part_case(sight, row.pk, 1, [subject_key(ONE_WAIT, row)])
        assert [one.name for one in cases.get_case(sight, parted.pk).subjects] == ["Dee Example"]
        assert [one.name for one in cases.get_case(sight, row.pk).subjects] == ["Ada Example"]
        with pytest.raises(NotPossible, match="Somebody else changed"):
            case_changes.merge_case(sight, row.pk, 1, parted.reference)
    with acting_as("partner") as sight:
        with pytest.raises(NotThere):
            cases.get_case(sight, parted.pk)
        assert case_changes.links_of(cases.get_row(row.pk)).parted == ()
    with acting_as("practitioner") as sight:
        with pytest.raises(NotPossible, match="no other case of that reference"):
            case_changes.merge_case(sight, parted.pk, 1, parted.reference)
        with known_asker():
            action = CareAction(
                case=parted, team_id="northmere-education", words="a", due_on="2027-01-01", made_by="test-practitioner"
            )
            action.save()
        with pytest.raises(NotPossible, match="1 of its actions"):
            case_changes.merge_case(sight, parted.pk, 1, row.reference)
        CareAction.objects.filter(pk=action.pk).update(state="done")
        into = case_changes.merge_case(sight, parted.pk, 1, row.reference.lower())
        assert {one.name for one in cases.get_case(sight, into.pk).subjects} == {"Ada Example", "Dee Example"}
        links = case_changes.links_of(cases.get_row(row.pk))
        assert [one.reference for one in links.merged_from] == [parted.reference]
        with pytest.raises(NotPossible, match="not open"):
            cases.add_subject(sight, parted.pk, "child", CHILD)
    with acting_as("partner") as sight:
        assert {one.name for one in cases.get_case(sight, row.pk).subjects} == {"Ada Example", "Dee Example"}


def test_the_last_person_is_not_taken_out(teams):
    row = open_panel()
    with acting_as("practitioner") as sight:
        with pytest.raises(NotPossible, match="Nobody would be left"):
            case_changes.take_out_subject(sight, row.pk, subject_key(CHILD, row), "no_longer")
        cases.add_subject(sight, row.pk, "child", ONE_WAIT)
        with pytest.raises(NotPossible, match="Choose why they are taken out"):
            case_changes.take_out_subject(sight, row.pk, subject_key(CHILD, row), "")
        case_changes.take_out_subject(sight, row.pk, subject_key(CHILD, row), "in_error")
        assert CaseSubject.objects.get(case=row, person_id=CHILD).in_error
        assert [one.name for one in cases.get_case(sight, row.pk).subjects] == ["Dee Example"]


GONE, NEW = person_id(950), person_id(951)


def write_history(folder, run_id: str, history, people=(), previous=None):
    """Write a run that holds who is there and what changed; return it."""
    run = folder / "runs" / run_id
    run.mkdir(parents=True)
    rows = [dict(zip(("person_id", "change", "other_person_id"), one, strict=True)) for one in history]
    columns = pa.schema([(name, pa.string()) for name in ("person_id", "change", "other_person_id")])
    pq.write_table(pa.Table.from_pylist(rows, columns), run / "person_history.parquet")
    pq.write_table(pa.table({"person_id": pa.array(list(people), pa.string())}), run / "person.parquet")
    (run / "manifest.json").write_text(json.dumps({"previous_run": previous}), encoding="utf-8")
    return Lake(folder).run(run_id)


def test_joint_work_follows_whom_a_run_finds_to_be_one(teams, tmp_path):
    row = open_panel()
    with acting_as("practitioner") as sight:
        cases.add_subject(sight, row.pk, "child", ONE_WAIT)
        referrals.send(sight, ONE_WAIT, "hospital-safeguarding", "health", "urgent", "")
    with known_asker():
        CaseSubject.objects.filter(person_id=ONE_WAIT).update(person_id=GONE)
        Referral.objects.update(person_id=GONE)
        write_history(tmp_path, "a", [(GONE, "merged", NEW)])
        write_history(tmp_path, "b", [(NEW, "merged", ONE_WAIT)], previous="a")
        last = write_history(tmp_path, "c", [], (CHILD, ONE_WAIT), previous="b")
        assert follow(last) == 2
        assert follow(last) == 0, "publishing again changes nothing"
    with acting_as("practitioner") as sight:
        assert {one.name for one in cases.get_case(sight, row.pk).subjects} == {"Ada Example", "Dee Example"}
        assert [one.name for one in referrals.list_sent(sight)] == ["Dee Example"]
    entries = [one for one in ENTRIES.filter(kind="changed") if one.details["what"] == "identity merged"]
    assert {one.person_id for one in entries} == {GONE, ONE_WAIT}


def test_two_ids_of_one_case_that_are_one_person_are_one_subject(teams, tmp_path):
    row = open_panel()
    with known_asker():
        CaseSubject.objects.create(case=row, part="child", person_id=GONE, added_by="somebody")
        assert follow(write_history(tmp_path, "a", [(GONE, "merged", CHILD)], (CHILD,))) == 1
    with acting_as("practitioner") as sight:
        assert [one.name for one in cases.get_case(sight, row.pk).subjects] == ["Ada Example"]


def test_nothing_leads_to_an_identity_that_an_adoption_ended(teams, tmp_path):
    row = open_panel()
    with known_asker():
        CaseSubject.objects.create(case=row, part="child", person_id=GONE, added_by="somebody")
        run = write_history(tmp_path, "a", [(GONE, "merged", CHILD_PROTECTED)], (CHILD, CHILD_PROTECTED))
        sealed = pa.table({"person_id": [CHILD_PROTECTED], "side": ["pre_adoptive"]})
        pq.write_table(sealed, run.table("sealed_person"))
        assert follow(run) == 0
    assert CaseSubject.objects.filter(person_id=GONE).exists()


def test_a_case_says_that_somebody_was_two_people_until_it_was_looked_at(teams, tmp_path):
    row = open_panel()
    with known_asker():
        write_history(tmp_path, "before", [(person_id(952), "split", CHILD)], (CHILD,))
        run = write_history(tmp_path, "after", [(NEW, "split", CHILD)], (CHILD, NEW), previous="before")
        assert follow(run, since="after") == 0, "known already"
        assert follow(run, since="before") == 1
    (subject,) = CaseSubject.objects.filter(case=row)
    assert subject.parted_ids == [NEW], "what was parted before the last publication was known to whoever added them"
    with acting_as("practitioner") as sight:
        assert cases.get_case(sight, row.pk).subjects[0].is_doubted
        case_changes.confirm_subject(sight, row.pk, str(subject.pk))
        assert not cases.get_case(sight, row.pk).subjects[0].is_doubted
        with pytest.raises(NotPossible, match="said already"):
            case_changes.confirm_subject(sight, row.pk, str(subject.pk))
    with known_asker():
        assert follow(run, since="before") == 0, "published again, it asks no second time"


def test_what_stood_under_an_id_goes_back_to_it_when_a_merge_is_undone(teams, tmp_path):
    """Two people taken for one, and then not: the case of each is about each again, and what is left in doubt asks."""
    with known_asker():
        hers, theirs = open_panel(), open_panel(ONE_WAIT)
        merged = write_history(tmp_path, "a", [(ONE_WAIT, "merged", CHILD)], (CHILD,))
        assert follow(merged) == 1
        assert CaseSubject.objects.get(case=theirs).person_id == CHILD
        between = open_panel()
        undone = [(ONE_WAIT, "returned", None), (ONE_WAIT, "split", CHILD)]
        parted = write_history(tmp_path, "b", undone, (CHILD, ONE_WAIT), previous="a")
        follow(parted, since="a")
        assert follow(parted, since="b") == 0, "publishing again changes nothing"
    found = {subject.case_id: subject for subject in CaseSubject.objects.all()}
    assert [found[row.pk].person_id for row in (hers, theirs, between)] == [CHILD, ONE_WAIT, CHILD]
    assert found[theirs.pk].earlier_ids == [] and found[theirs.pk].doubted_at is None
    assert found[hers.pk].doubted_at and found[between.pk].doubted_at, "humans say who was meant"
    entries = [one for one in ENTRIES.filter(kind="changed") if one.details["what"] == "identity given back"]
    assert {one.person_id for one in entries} == {CHILD, ONE_WAIT}


def test_an_entry_reaches_through_a_merge_of_a_run_that_nobody_published(db, tmp_path):
    """Two runs in one night and the second published: an exclusion on the id that is gone holds all the same."""
    write_history(tmp_path, "a", [(GONE, "merged", CHILD)])
    run = write_history(tmp_path, "b", [], (CHILD,), previous="a")
    with known_asker(), connection.cursor() as cursor:
        tables = pq.read_table(run.table("person")).append_column("household_id", pa.array([None], pa.string()))
        pq.write_table(tables, run.table("person"))
        fill_ties(cursor, run, {CHILD})
        assert list(PersonAlias.objects.values_list("person_id", "other_id")) == [(GONE, CHILD)]


def test_the_pages_of_changes(teams, client_of):
    row = open_panel()
    practitioner = client_of("practitioner", SCHOOL_FROM_TA)
    people = f"/cases/{row.pk}/people/"
    page = practitioner.get(people)
    text = page.content.decode()
    assert page.status_code == 200 and "Who lives with them" in text and "Dee Example" in text
    added = {"kind": "household", "part": "child", "person": ONE_WAIT, "version": "1"}
    assert practitioner.post(people, added).status_code == 302
    with known_asker():
        wait = PersonWait.objects.filter(person=CHILD, stop_date__isnull=True).first()
    assert practitioner.post(people, {"kind": "waits", "wait": [wait.wait_id]}).status_code == 302
    assert practitioner.post(people, {"kind": "waits", "wait": ["another"]}).status_code == 400
    key = subject_key(ONE_WAIT, row)
    parted = practitioner.post(people, {"kind": "part", "subject": [key], "version": "1"})
    assert parted.status_code == 302
    other = JointCase.objects.exclude(pk=row.pk).get()
    assert f"/cases/{other.pk}/" in practitioner.get(f"/cases/{row.pk}/").content.decode()
    merged = {"kind": "merge", "merge-into": row.reference, "version": "1"}
    assert practitioner.post(f"/cases/{other.pk}/people/", merged).status_code == 302
    assert "was merged into this case" in practitioner.get(f"/cases/{row.pk}/").content.decode()
    assert practitioner.post(people, {"kind": "take_out", "subject": "x"}).status_code == 400
    assert "Why they are taken out" in practitioner.get(people).content.decode()
    with known_asker():
        TeamMember.objects.filter(username="test-practitioner").update(is_lead=False)
        Team.objects.filter(pk="northmere-education").update(version=1)
    colleague("head", leads="northmere-education")
    practitioner.logout()
    practitioner.force_login(User.objects.get(username="head"), backend="django.contrib.auth.backends.ModelBackend")
    practitioner.post("/reason/", {"purpose": SCHOOL_FROM_TA, "reference": REFERENCE})
    assert practitioner.get(people).status_code == 404
    stand = f"/cases/{row.pk}/stand-in/"
    assert stand in practitioner.get("/teams/northmere-education/").content.decode()
    assert practitioner.get(stand).status_code == 200
    assert practitioner.post(stand, {"why": ""}).status_code == 400
    assert practitioner.post(stand, {"why": "left"}).status_code == 302
    assert practitioner.get(people).status_code == 200


def test_a_restricted_member_sees_what_is_asked_and_not_who_waits_for_what(teams, client_of):
    row = open_panel()
    with known_asker():
        CaseMember.objects.create(
            case=row, username="test-partner", organisation="vale-hospital", agency="health", right="edit", sight="own"
        )
    partner = client_of("partner", SCHOOL_FROM_TA)
    assert partner.get(f"/cases/{row.pk}/").status_code == 200
    assert partner.get(f"/cases/{row.pk}/people/").status_code == 404


def put_meeting(role: str = "practitioner"):
    """A case with a human in it, on the agenda of a meeting in session."""
    return put_joint(CHILD, f"test-{role}")


def test_a_draft_is_its_writers_alone_and_gone_once_it_is_sent(teams, client_of):
    joint = put_meeting()
    with known_asker():
        Draft.objects.all().delete()
        CaseMember.objects.create(
            case_id=joint.case,
            username="test-placement_officer",
            organisation="northmere-council",
            agency="social_care",
            right="edit",
            sight="whole",
        )
    mine, other = (client_of(role, SCHOOL_FROM_TA) for role in ("practitioner", "placement_officer"))
    item = f"/agenda/{joint.item}/"
    begun = {"kind": "note", "note-words": "half of what we said", "draft": "keep"}
    assert mine.post(item, begun).status_code == 302
    assert mine.post(item, begun | {"note-words": "half of what we said, and more"}).status_code == 302
    with known_asker():
        assert [(row.form, row.fields) for row in Draft.objects.all()] == [
            ("note", {"words": "half of what we said, and more"})
        ]
    assert "half of what we said, and more" in mine.get(item).content.decode()
    assert "half of what we said" not in other.get(item).content.decode()
    refused = mine.post(item, {"kind": "note", "note-words": "They live at QB99 9ZZ", "draft": "keep"})
    assert refused.status_code == 400 and "QB99 9ZZ" in refused.content.decode(), "what was typed is not lost"
    assert mine.post(item, {"kind": "put_off", "draft": "keep"}).status_code == 400
    too_long = mine.post(item, {"kind": "note", "note-words": "x" * 2001, "draft": "keep"})
    assert too_long.status_code == 400
    assert mine.post(item, {"kind": "note", "note-about": "*", "note-words": "All of what we said"}).status_code == 302
    with known_asker():
        assert Draft.objects.get().fields == {}
    assert "Not sent yet" not in mine.get(item).content.decode()
    mine.post(item, begun)
    assert mine.post(item, {"kind": "note", "draft": "drop"}).status_code == 302
    with known_asker():
        assert Draft.objects.get().fields == {}


def test_a_draft_is_forgotten_in_time(teams):
    put_meeting()
    with known_asker():
        assert forget_old_drafts() == 0
        Draft.objects.update(saved_at=timezone.now() - dt.timedelta(days=15))
        assert forget_old_drafts() == 1
        Draft.objects.update(fields={"words": "w"}, saved_at=timezone.now())
        Meeting.objects.update(state="agreed")
        assert forget_old_drafts() == 1


def test_one_follows_what_others_do_and_no_look_at_anybody_is_left(teams, client_of):
    joint = put_meeting()
    client = client_of("practitioner", SCHOOL_FROM_TA)
    looks = ENTRIES.filter(kind="viewed").count()
    page = client.get(f"/meetings/{joint.meeting}/follow/")
    text = page.content.decode()
    assert "wrote what it said" in text and "does not agree" in text and "Refresh" not in page
    assert "words of a meeting" not in text and "Ada" not in text
    assert client.get(f"/meetings/{joint.meeting}/follow/?again=yes")["Refresh"] == "15"
    assert ENTRIES.filter(kind="viewed").count() == looks
    stranger = client_of("partner", SCHOOL_FROM_TA)
    assert stranger.get(f"/meetings/{joint.meeting}/follow/").status_code == 404


def test_every_organisation_in_a_seat_that_is_there_may_say_that_it_does_not_agree(teams):
    row = open_panel()
    with acting_as("coordinator") as sight:
        meeting = meetings.plan_meeting(sight, "placement_panel", timezone.now() + dt.timedelta(days=9))
    with known_asker():
        for name, organisation in (("test-coordinator", "vale-authority"), ("elsewhere", "southwick-council")):
            seat = {
                "agency": "coordination" if name == "test-coordinator" else "education",
                "organisation": organisation,
            }
            CaseMember.objects.create(case=row, username=name, right="edit", sight="whole", **seat)
    with acting_as("coordinator") as sight:
        meetings.put_on_agenda(sight, meeting.pk, row.pk)
        for attendance in ("apologies", "present", "present"):
            meetings.write_attendance(
                sight, meeting.pk, Meeting.objects.get(pk=meeting.pk).version, {"education": (attendance, "")}
            )
    rows = Attendance.objects.filter(meeting=meeting).values_list("agency", "organisation", "attendance")
    assert sorted(rows) == [
        ("education", "northmere-council", "present"),
        ("education", "southwick-council", "present"),
    ]


def test_more_people_than_a_home_holds_are_no_household(teams):
    row = open_panel()
    with known_asker():
        others = [
            one.pk
            for one in Person.objects.filter(reaches__purpose=SCHOOL_FROM_TA).exclude(pk__in=[CHILD]).distinct()[:16]
        ]
        Person.objects.filter(pk__in=others).update(household_id="home-1")
    with acting_as("practitioner") as sight:
        assert case_waits.list_household(sight, row) == {}
    with known_asker():
        Person.objects.filter(pk__in=others[2:]).update(household_id="")
    with acting_as("practitioner") as sight:
        assert case_waits.list_household(sight, row)
