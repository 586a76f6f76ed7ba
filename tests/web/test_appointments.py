"""Appointments of a joint case: entered, planned, agreed, refused; and the two sides, which never meet on a page."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_run import VICTIM
from test_care_pages import done, people  # noqa: F401 - a fixture
from test_care_steps import join, open_marac, teams  # noqa: F401 - a fixture

from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.care import appointments
from braid.web.care.things import list_things
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import AppointmentSheet, Barred, CaseMember, JointCase
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
CANARY_SITE, CANARY_COURT = "CANARY clinic", "CANARY courthouse"


@pytest.fixture
def case(people):  # noqa: F811
    """A conference led by the advocate, with health, which is shown nothing of who is accused, and probation, which is
    shown nothing of who was harmed."""
    made = open_marac().pk
    join(made, "hospital-safeguarding", "health", "responder")
    join(made, "vale-coordination", "coordination", "coordinator")
    with known_asker():
        CaseMember.objects.filter(username="test-coordinator").update(agency="probation")
    return f"/cases/{made}/appointments"


def day(number: int) -> str:
    return f"{timezone.localdate() + dt.timedelta(days=number)}"


def version(side: str = "harmed") -> int:
    with known_asker():
        return AppointmentSheet.objects.filter(side=side).values_list("version", flat=True).first() or 0


def send(client, case: str, kind: str, /, more: dict | None = None, side: str = "", **fields):
    stands = version("apart" if side else "harmed")
    form = {f"{kind}-{name}": str(value) for name, value in fields.items()}
    return client.post(f"{case}/{side}", {"kind": kind, "version": str(stands), **form, **(more or {})})


def need(client, case: str, **more):
    given = {"service": "forensic_examination", "minutes": 60, "from_date": day(0), "by_date": day(9), "days": 0}
    return send(client, case, "need", **{**given, **more})


def offer(client, case: str, number: int = 1, **more):
    given = {"service": "forensic_examination", "who": "Nurse on duty", "sex": "female", "building": "vale-hospital"}
    given |= {"words": "", "date": day(number), "starts": "10:00", "ends": "11:00"}
    return send(client, case, "offer", **{**given, **more})


def known(client, case: str, number: int = 1, **more):
    given = {"building": "vale-hospital", "words": "", "date": day(number), "starts": "09:00", "ends": "12:00"}
    return send(client, case, "known", side="accused/", **{**given, **more})


def page(client, case: str, side: str = "") -> str:
    answer = client.get(f"{case}/{side}")
    assert answer.status_code == 200
    return answer.content.decode()


def part(text: str, what: str) -> str:
    return re.search(rf'name="what" value="{what}"><input type="hidden" name="part" value="(\w+)"', text)[1]


def need_of(text: str) -> str:
    return re.search(r'name="need" value="(\w+)"', text)[1]


def test_from_what_is_needed_to_what_is_agreed(people, case):  # noqa: F811
    advocate, hospital = people["advocate"], people["responder"]
    assert "Nothing is proposed or agreed yet" in page(advocate, case)
    assert case in advocate.get(case.removesuffix("appointments")).content.decode()
    done(need(advocate, case))
    done(offer(hospital, case, 1))
    done(offer(hospital, case, 2))
    done(send(advocate, case, "own", kind="school_run", date=day(1), starts="10:30", ends="11:15"))
    done(send(advocate, case, "wish", service="forensic_examination", sex="female"))
    done(send(advocate, case, "plan"))
    shown = page(advocate, case)
    assert "Proposed" in shown and "10:00 to 11:00" in shown and "Nurse on duty" in shown and "Vale Hospital" in shown
    assert "Days on which they have to leave home: 1 by the plan" in shown
    done(send(advocate, case, "agree", {"need": need_of(shown)}))
    shown = page(hospital, case)
    assert "Agreed" in shown and "What is agreed, as a calendar file" in shown
    done(send(advocate, case, "call_off", {"need": need_of(shown)}))
    assert "Nothing is proposed or agreed yet" in page(advocate, case)
    what = set(ENTRIES.filter(kind="changed", person_id=VICTIM).values_list("details__what", flat=True))
    assert what >= {"appointment needed", "time offered", "appointments planned", "appointment agreed"}


def test_what_is_refused_is_given_to_the_next_plan_and_can_be_taken_back(people, case):  # noqa: F811
    advocate = people["advocate"]
    for step in (need, offer):
        done(step(advocate, case))
    done(offer(advocate, case, 2))
    done(send(advocate, case, "plan"))
    first = page(advocate, case)
    done(send(advocate, case, "refuse", {"need": need_of(first)}, reason="time"))
    done(send(advocate, case, "plan"))
    second = page(advocate, case)
    assert "Refused: the time does not suit" in second and "Victim advocate (test)" in second
    done(send(advocate, case, "remove", {"what": "refused", "part": part(second, "refused")}))
    assert "Refused:" not in page(advocate, case)


def test_where_who_is_accused_will_be_is_planned_round_and_stands_on_no_page_of_the_other_side(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    done(need(advocate, case))
    done(offer(advocate, case, 1, words=""))
    done(known(probation, case, 1))
    done(known(probation, case, 9, building="other", words=CANARY_COURT))
    done(send(advocate, case, "plan"))
    hospital = page(people["responder"], case)
    assert "has no time" in hospital and "not offered" in hospital
    with (
        as_pages(),
        looking(Viewer("test-responder", "responder", VICTIM_RESPONSE, "MTG-2026-041", "appointments")) as sight,
    ):
        [why] = appointments.get_appointments(sight, UUID(case.split("/")[2])).sheet.why
    assert {code for code, _ in why.causes} <= {"staff_busy", "not_offered"}, (
        "nor does the sheet say more than the page"
    )
    for secret in (CANARY_COURT, "courthouse", "09:00", "presence", "accused is", "within an hour"):
        assert secret not in hospital, secret
    assert people["responder"].get(f"{case}/accused/").status_code == 404
    apart = page(probation, case, "accused/")
    assert CANARY_COURT in apart and "09:00 to 12:00" in apart
    assert probation.get(f"{case}/").status_code == 404
    for secret in ("Cass", "Nurse", "10:00", "Forensic"):
        assert secret not in apart, secret
    assert probation.get(f"{case}.ics").status_code == 404


def offer_of(text: str, words: str) -> str:
    return re.search(rf'<option value="(\w+)">[^<]*{words}', text)[1]


def test_another_time_that_is_offered_is_chosen_planned_with_and_taken_back(people, case):  # noqa: F811
    advocate = people["advocate"]
    for step in (need, offer):
        done(step(advocate, case))
    done(offer(advocate, case, 2, who="Doctor on call", ends="12:00"))
    done(send(advocate, case, "plan"))
    first = page(advocate, case)
    assert "Nurse on duty. Vale" in first
    wanted = {"need": need_of(first), "offer": offer_of(first, "[^<]*Doctor on call")}
    done(send(advocate, case, "choose", **wanted, starts="10:30"))
    shown = page(advocate, case)
    assert "Doctor on call. Vale" in shown and "10:30 to 11:30" in shown and "Nurse on duty. Vale" not in shown
    assert "Chosen: Forensic examination, Doctor on call" in shown and "Victim advocate (test)" in shown
    refused = send(advocate, case, "choose", **wanted, starts="11:30")
    assert refused.status_code == 400 and "It takes 60 minutes" in refused.content.decode()
    done(send(advocate, case, "remove", {"what": "chosen", "part": part(shown, "chosen")}))
    done(send(advocate, case, "plan"))
    assert "Nurse on duty. Vale" in page(advocate, case)
    assert ENTRIES.filter(kind="changed", details__what="appointment chosen", person_id=VICTIM).exists()


def test_a_chosen_time_near_who_is_accused_is_not_offered_and_the_choice_is_on_record(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    done(need(advocate, case))
    done(offer(advocate, case, 1))
    done(known(probation, case, 1))
    shown = page(advocate, case)
    needed = part(shown, "need")
    done(send(advocate, case, "choose", need=needed, offer=offer_of(shown, "[^<]*Nurse"), starts="10:00"))
    shown = page(advocate, case)
    assert "has no time" in shown and "not offered" in shown and "Chosen: Forensic" in shown
    assert ENTRIES.filter(kind="changed", details__what="appointment chosen").count() == 1


def test_how_long_they_need_between_buildings_is_theirs_to_say(people, case):  # noqa: F811
    advocate = people["advocate"]
    done(need(advocate, case))
    assert "they need 30 minutes" in page(advocate, case)
    done(send(advocate, case, "travel", minutes=75))
    assert "they need 75 minutes" in page(advocate, case)
    assert send(advocate, case, "travel", minutes=999).status_code == 400


def agree_one(people, case) -> None:  # noqa: F811
    done(need(people["advocate"], case))
    done(offer(people["advocate"], case))
    done(send(people["advocate"], case, "plan"))
    done(send(people["advocate"], case, "agree", {"need": need_of(page(people["advocate"], case))}))


def calls(client) -> bool:
    return "Appointment to call off" in client.get("/work-list/").content.decode()


def test_that_an_agreed_appointment_became_unsafe_calls_who_leads_the_case(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    agree_one(people, case)
    assert appointments.mark_unsafe() == 0 and not calls(advocate)
    done(known(probation, case, 1))
    assert not calls(advocate), "whoever writes it down is told nothing of appointments"
    assert appointments.mark_unsafe() == 1 and appointments.mark_unsafe() == 0
    assert calls(advocate) and not calls(probation)
    assert f'href="{case}/"' in advocate.get("/work-list/").content.decode()
    with known_asker():
        assert AppointmentSheet.objects.get(side="harmed").unsafe_since
        assert AppointmentSheet.objects.get(side="apart").unsafe_since is None
    with as_pages(), asking_as("test-coordinator", VICTIM_RESPONSE):
        assert not [row for row in list_things(timezone.now()) if row.kind == "appointment"]
    with as_pages(), asking_as("test-advocate", VICTIM_RESPONSE):
        assert [row.kind for row in list_things(timezone.now())].count("appointment") == 1
    done(send(advocate, case, "call_off", {"need": need_of(page(advocate, case))}))
    assert not calls(advocate)


def test_where_the_lead_is_not_shown_them_every_seat_that_is_and_may_change_it_is_called(people, case):  # noqa: F811
    agree_one(people, case)
    with known_asker():
        CaseMember.objects.filter(is_lead=True).update(is_lead=False)
        CaseMember.objects.filter(username="test-coordinator").update(is_lead=True)
        CaseMember.objects.filter(username="test-advocate").update(left_at=timezone.now())
    done(known(people["coordinator"], case, 1))
    assert appointments.mark_unsafe() == 1
    assert calls(people["responder"]) and not calls(people["coordinator"])


def test_whoever_sat_where_they_are_not_shown_is_told_nothing_after_leaving_either(people, case):  # noqa: F811
    agree_one(people, case)
    done(known(people["coordinator"], case, 1))
    assert appointments.mark_unsafe() == 1
    with known_asker():
        CaseMember.objects.filter(username="test-coordinator").update(left_at=timezone.now())
    for days in (0, 2, 7, 30):
        with as_pages(), asking_as("test-coordinator", VICTIM_RESPONSE):
            later = timezone.now() + dt.timedelta(days=days)
            assert "appointment" not in {row.kind for row in list_things(later)}, days


def test_what_can_stay_again_or_is_over_calls_nobody(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    agree_one(people, case)
    done(known(probation, case, 1))
    later = timezone.now() + dt.timedelta(days=2)
    assert appointments.mark_unsafe(lambda: later) == 0, "it is over by then"
    assert appointments.mark_unsafe() == 1
    done(send(probation, case, "remove", {"part": part_apart(page(probation, case, "accused/"))}, side="accused/"))
    assert calls(advocate) and appointments.mark_unsafe() == 0 and not calls(advocate)


def part_apart(text: str) -> str:
    return re.search(r'name="part" value="(\w+)"', text)[1]


def test_a_sheet_that_cannot_be_opened_stops_no_other_round(people, case, settings, tmp_path, caplog):  # noqa: F811
    agree_one(people, case)
    settings.VAULT_KEY_FILE = str(tmp_path / "none.key")
    assert appointments.mark_unsafe() == 0
    assert "appointments were not looked through" in caplog.text


def test_an_agreed_appointment_that_became_unsafe_is_marked_without_why(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    done(need(advocate, case))
    done(offer(advocate, case))
    done(send(advocate, case, "plan"))
    done(send(advocate, case, "agree", {"need": need_of(page(advocate, case))}))
    assert "cannot stay" not in page(advocate, case)
    done(known(probation, case, 1, starts="11:30", ends="12:00"))
    shown = page(advocate, case)
    assert "An agreed appointment cannot stay where it is" in shown and "Cannot stay" in shown
    assert "11:30" not in shown
    assert "BEGIN:VEVENT" not in advocate.get(f"{case}.ics").content.decode(), "it leaves in no calendar"


def test_a_proposal_that_became_unsafe_is_gone_and_cannot_be_agreed(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    done(need(advocate, case))
    done(offer(advocate, case))
    done(send(advocate, case, "plan"))
    asked = need_of(page(advocate, case))
    done(known(probation, case, 1))
    refused = send(advocate, case, "agree", {"need": asked})
    assert refused.status_code == 400 and "no such proposal any more" in refused.content.decode()
    assert "Nurse on duty. Vale" not in page(advocate, case)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("need", {"service": "", "minutes": "x", "from_date": "x", "by_date": "", "days": ""}, "Choose a service"),
        ("need", {"service": "police", "minutes": 50, "from_date": "2026-01-01", "by_date": "2026-01-02", "days": 0},
         "quarters of an hour"),
        ("offer", {"service": "police", "who": "Officer at M1 1AE", "sex": "male", "building": "other", "words": "Hut",
                   "date": "2026-01-01", "starts": "10:00", "ends": "11:00"}, "a postcode"),
        ("offer", {"service": "police", "who": "Officer", "sex": "male", "building": "other", "words": "",
                   "date": "2026-01-01", "starts": "10:00", "ends": "11:00"}, "Name the building"),
        ("own", {"kind": "work", "date": "2026-01-01", "starts": "25:00", "ends": "11:00"}, "hours and minutes"),
        ("refuse", {"reason": "whim"}, "choose a reason"),
        ("agree", {}, "no such proposal"),
        ("remove", {}, "taken out already"),
        ("plan", {}, "which appointments are needed"),
        ("dance", {}, "no such step"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_and_nothing_is_kept(people, case, kind, fields, words):  # noqa: F811
    answer = send(people["advocate"], case, kind, **fields)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    with known_asker():
        assert not AppointmentSheet.objects.exists()


def test_of_two_who_change_at_once_one_is_told(people, case):  # noqa: F811
    advocate = people["advocate"]
    done(need(advocate, case))
    stale = advocate.post(f"{case}/", {"kind": "plan", "version": "0"})
    assert stale.status_code == 409 and "Somebody else changed this" in stale.content.decode()
    with known_asker():
        JointCase.objects.update(state="closed", outcome="goals_met", closed_at=timezone.now())
    closed = need(advocate, case)
    assert closed.status_code in (400, 404)


def test_a_seat_that_sees_its_own_part_or_reads_alone_changes_nothing(people, case):  # noqa: F811
    hospital = people["responder"]
    with known_asker():
        seat = CaseMember.objects.filter(username="test-responder")
        seat.update(right="view")
    assert 'value="plan"' not in page(hospital, case)
    assert need(hospital, case).status_code == 400
    with known_asker():
        seat.update(right="edit", sight="own")
    assert hospital.get(f"{case}/").status_code == need(hospital, case).status_code == 404


def test_whoever_is_kept_from_the_person_or_takes_no_part_finds_nothing(people, case, client_of):  # noqa: F811
    advocate = people["advocate"]
    done(need(advocate, case))
    with known_asker():
        Barred.objects.create(person_id=VICTIM, username="test-responder")
        CaseMember.objects.filter(username="test-coordinator").delete()
    for role in ("responder", "coordinator"):
        for address in (f"{case}/", f"{case}/accused/", f"{case}.ics"):
            assert people[role].get(address).status_code == 404, (role, address)


def test_the_database_gives_each_side_to_its_seats_alone(people, case):  # noqa: F811
    advocate, probation = people["advocate"], people["coordinator"]
    done(need(advocate, case))
    with known_asker():
        kept = AppointmentSheet.objects.get(side="harmed")
    with pytest.raises(DatabaseError), as_pages(), asking_as("test-responder", VICTIM_RESPONSE), transaction.atomic():
        AppointmentSheet.objects.append_one(
            AppointmentSheet(
                case_id=kept.case_id, side="apart", key_id="x", wrapped=b"x", sealed=b"x", changed_by="test-responder"
            )
        )
    done(known(probation, case))
    seen = {}
    for role in ("advocate", "responder", "coordinator"):
        with as_pages(), asking_as(f"test-{role}", VICTIM_RESPONSE):
            seen[role] = set(AppointmentSheet.objects.values_list("side", flat=True))
    assert seen == {"advocate": {"harmed", "apart"}, "responder": {"harmed"}, "coordinator": {"apart"}}
    with known_asker():
        CaseMember.objects.filter(username="test-responder").update(right="view")
    for name in ("test-coordinator", "test-responder"):
        with as_pages(), asking_as(name, VICTIM_RESPONSE):
            assert AppointmentSheet.objects.filter(pk=kept.pk).update(version=9, changed_by=name) == 0, name
    with as_pages(), asking_as("test-coordinator", VICTIM_RESPONSE), connection.cursor() as cursor:
        cursor.execute("select count(*) from braid_whereabouts_to_plan(%s)", [kept.case_id])
        assert cursor.fetchone() == (0,), "who is not shown the harmed plans nothing of theirs"


def test_sheets_rest_sealed_and_open_under_a_new_key(people, case):  # noqa: F811
    advocate = people["advocate"]
    done(offer(advocate, case, 1, building="other", words=CANARY_SITE))
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(a::text, '') from braid_appointmentsheet a")
        kept = cursor.fetchone()[0]
    assert CANARY_SITE not in kept and CANARY_SITE.encode().hex() not in kept
    rotate_vault()
    assert CANARY_SITE in page(advocate, case)
    replace_lost_key()
    with known_asker():
        assert not AppointmentSheet.objects.exists()


def test_pages_that_cannot_be_opened_say_so_and_show_nothing(people, case, settings, tmp_path):  # noqa: F811
    advocate = people["advocate"]
    done(need(advocate, case))
    done(known(advocate, case))
    settings.VAULT_KEY_FILE = str(tmp_path / "nothing")
    for address in (f"{case}/", f"{case}/accused/", f"{case}.ics"):
        answer = advocate.get(address)
        assert answer.status_code == 503
        assert "cannot be read just now" in answer.content.decode()


def test_what_is_agreed_leaves_as_times_and_a_reference_alone_and_on_record(people, case):  # noqa: F811
    advocate = people["advocate"]
    done(need(advocate, case))
    done(offer(advocate, case, 1, building="other", words=CANARY_SITE))
    done(send(advocate, case, "plan"))
    done(send(advocate, case, "agree", {"need": need_of(page(advocate, case))}))
    answer = advocate.get(f"{case}.ics")
    text = answer.content.decode().replace("\r\n ", "")
    assert answer["Content-Type"].startswith("text/calendar")
    assert text.count("BEGIN:VEVENT") == 1 and "SUMMARY:Appointment JC-" in text
    for secret in (CANARY_SITE, "Cass", "Example", "Nurse", "xamination", "LOCATION", VICTIM):
        assert secret not in text
    entry = ENTRIES.filter(kind="exported").latest("recorded_at")
    assert (entry.details["what"], entry.details["appointments"]) == ("agreed appointments", 1)
    assert entry.person_id == VICTIM


def test_the_other_side_takes_out_what_is_over(people, case):  # noqa: F811
    probation = people["coordinator"]
    done(known(probation, case))
    number = re.search(r'name="part" value="(\w+)"', page(probation, case, "accused/"))[1]
    done(send(probation, case, "remove", {"part": number}, side="accused/"))
    assert "Nothing is known" in page(probation, case, "accused/")
    again = send(probation, case, "remove", {"part": number}, side="accused/")
    assert again.status_code == 400 and "taken out already" in again.content.decode()
    assert send(probation, case, "dance", side="accused/").status_code == 400
