"""Documents of a case as pages: given, read by the seats that they were opened to, replaced, withdrawn, gone."""

import datetime as dt
import re

import files_given
import pytest
from care_teams import make_teams
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from published_sample import ENTRIES
from sample_run import CANARIES, CHILD, VICTIM
from test_care_response import done, refused, row, seat, today

from braid.web.care.document_expiry import expire_due
from braid.web.care.document_guard import check_due
from braid.web.models import (
    CaseDocument,
    CaseMember,
    CaseSubject,
    DocumentCheck,
    DocumentReader,
    DocumentVersion,
    ExclusionEntry,
    JointCase,
    SafetyTask,
    ShareDecision,
    Suspension,
    User,
)
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
LAW = {"gateway": "children_act_2004_s10", "necessity": "joint_decision"}
HOSPITAL, HARBOUR, COUNCIL = "vale-hospital", "harbour", "northmere-council"


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


@pytest.fixture
def panel(teams, client_of):
    """A panel about a child, led by the council, with the hospital at the table; the address of its documents."""
    client = client_of("practitioner", "school_from_ta")
    done(
        client.post(f"/people/{CHILD}/case/", {"case_type": "placement_panel", "agency": "education", "part": "child"})
    )
    seat("test-partner", HOSPITAL, "health")
    return client, f"/cases/{row(JointCase).pk}/documents/"


def fields(page: str, prefix: str = "add") -> dict[str, object]:
    """What the form of a page is sent with as it stands: its ticked boxes, and empty choices."""
    boxes = re.findall(rf'name="({prefix}-about)" value="(\d+)" id="[^"]+" checked', page)
    return {f"{prefix}-about": [value for _, value in boxes]}


def give(client, address: str, content: bytes, name: str = "letter.pdf", **more: object):
    """Add a document by the form of the page."""
    page = client.get(address).content.decode()
    given = {
        "title": "Assessment of needs",
        "kind": "assessment",
        "given_by": "Health visitor",
        "given_on": f"{today()}",
        "retention": "days_90",
        **LAW,
        **more,
    }
    sent = {**fields(page), **{f"add-{key}": value for key, value in given.items() if value is not None}}
    file = {"add-file": SimpleUploadedFile(name, content)} if content is not None else {}
    return client.post(address, {**sent, **file})


def passes(sample, **expected: int) -> None:
    """Let the guard read what waits for it."""
    place, _ = sample
    assert dict(check_due(place)) == expected


def the(document=None) -> str:
    """The address of the one document."""
    return f"/documents/{(document or row(CaseDocument)).pk}/"


def test_a_document_is_read_by_the_seats_of_the_case_once_the_guard_has_read_it(panel, client_of, sample):
    client, address = panel
    content = files_given.pdf()
    done(give(client, address, content))
    kept = row(CaseDocument)
    page = client.get(address).content.decode()
    assert "Assessment of needs" in page and "Being read by the guard" in page and HOSPITAL in page
    hospital = client_of("partner", "school_from_ta")
    assert "Assessment of needs" not in hospital.get(address).content.decode()
    assert hospital.get(the()).status_code == hospital.get(f"{the()}versions/1/").status_code == 404
    passes(sample, passed=1)
    passes(sample)
    assert "Assessment of needs" in hospital.get(address).content.decode()
    answer = hospital.get(f"{the()}versions/1/")
    assert answer.content == content
    assert answer["Content-Disposition"] == f'attachment; filename="{kept.reference}-v1.pdf"'
    assert answer["Content-Type"] == "application/pdf" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox;") and answer["Cache-Control"] == "no-store"
    (entry,) = ENTRIES.filter(kind="exported")
    assert (entry.username, entry.person_id, entry.relation) == ("test-partner", CHILD, "case")
    assert entry.details["document"] == kept.reference
    decision = row(ShareDecision)
    assert (decision.receiver, decision.outcome, decision.person_id) == (HOSPITAL, "shared", CHILD)
    assert decision.document_id == kept.pk
    (sent,) = ENTRIES.filter(kind="sent")
    assert sent.details["receiver"] == HOSPITAL and sent.page == "document guard"


def test_nothing_but_the_sealed_bytes_rests_anywhere(panel, client_of, sample):
    client, address = panel
    words = "CANARYWORDSOFAFILE"
    done(give(client, address, words.encode(), "C:\\fakepath\\CANARY of a name.txt", title="CANARY of a title"))
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname in ('public', 'vault')")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            schema = "vault." if table in ("data_key", "field", "filled", "call") else ""
            cursor.execute(f"select t::text from {schema}{table} t")
            text = "\n".join(str(one) for (one,) in cursor.fetchall())
            hits = [w for w in (words, "CANARY of a name", "CANARY of a title", words.encode().hex()) if w in text]
            if hits:
                found[table] = hits
    assert found == {"braid_casedocument": ["CANARY of a title"]}
    assert client.get(f"{the()}versions/1/").content == words.encode()


def test_what_is_not_said_or_not_taken_is_refused_with_the_next_step(panel, settings):
    client, address = panel
    good = files_given.pdf()
    for content, name, words in (
        (None, "", "Choose a file"),
        (b"", "empty.pdf", "The file is empty"),
        (good, "letter.docx", "its content is something else"),
        (good, "letter.exe", "one of these kinds"),
        (b"<html><script>1</script>", "page.html", "one of these kinds"),
        (files_given.acting_pdf(), "a.pdf", "holds a script"),
        (files_given.locked_pdf(), "a.pdf", "is encrypted"),
        (files_given.png(), "scan.png", "whose words cannot be searched"),
    ):
        refused(give(client, address, content, name), words)
    for more, words in (
        ({"title": ""}, "Enter a title"),
        ({"title": "For M1 1AE"}, "Take that out"),
        ({"given_by": "07700 900123"}, "Take that out"),
        ({"kind": "poem"}, "Choose what kind"),
        ({"given_on": f"{today() + dt.timedelta(days=1)}"}, "today or before"),
        ({"retention": "years_6"}, "Choose how long"),
        ({"gateway": ""}, "Choose a law"),
        ({"necessity": ""}, "Choose why it is necessary"),
        ({"about": []}, "Choose whom"),
        ({"about": ["999"]}, "Choose whom"),
    ):
        refused(give(client, address, good, **more), words)
    with known_asker():
        assert not CaseDocument.objects.exists() and not ShareDecision.objects.exists()


def test_a_file_that_is_too_long_is_not_read_on_and_the_page_says_so(panel, monkeypatch):
    client, address = panel
    monkeypatch.setattr("braid.web.uploads.MOST_BYTES", 100_000)
    answer = give(client, address, b"%PDF-" + b"x" * 900_000)
    refused(answer, "larger than 10 MB")
    page = answer.content.decode()
    assert "Assessment of needs" in page and "<details" in page, "what was typed is kept in the form"
    assert re.search(r"<details[^>]* open", page), "and the form is open"


def test_the_places_own_search_for_harm_is_asked_and_fails_closed(panel, settings, monkeypatch, tmp_path):
    client, address = panel
    for command, words in (
        ("/bin/false", "said no"),
        (str(tmp_path / "is-not-there"), "did not answer"),
        ("/bin/sleep 60", "did not answer"),
    ):
        settings.DOCUMENT_SCANNER = command
        monkeypatch.setattr("braid.web.care.document_scanner.scan.__defaults__", (0.3,))
        refused(give(client, address, files_given.pdf()), words)
    seen = tmp_path / "seen"
    settings.DOCUMENT_SCANNER = f"/bin/sh -c 'cat > {seen}'"
    monkeypatch.setattr("braid.web.care.document_scanner.scan.__defaults__", (10,))
    done(give(client, address, files_given.pdf()))
    assert seen.read_bytes() == client.get(f"{the()}versions/1/").content


def test_where_no_key_answers_nothing_is_kept_and_nothing_shown(panel, settings, tmp_path):
    client, address = panel
    done(give(client, address, files_given.pdf()))
    key = settings.VAULT_KEY_FILE
    settings.VAULT_KEY_FILE = str(tmp_path / "no key")
    refused(give(client, address, files_given.pdf()), "cannot be kept safely")
    answer = client.get(f"{the()}versions/1/")
    assert answer.status_code == 503 and b"cannot be opened just now" in answer.content
    settings.VAULT_KEY_FILE = key
    assert client.get(f"{the()}versions/1/").status_code == 200
    assert ENTRIES.filter(kind="exported").count() == 1


@pytest.fixture
def given(panel, client_of, sample):
    """A document that the council gave and the hospital reads; clients of both, and the address of the documents."""
    client, address = panel
    done(give(client, address, files_given.pdf()))
    passes(sample, passed=1)
    return client, client_of("partner", "school_from_ta"), address


def reads(client) -> bool:
    """Whether somebody reads the one document: by its page and as a file alike; where not, as if it did not exist."""
    absent = "/documents/00000000-0000-4000-8000-000000000000/"
    page, file = client.get(the()), client.get(f"{the()}versions/1/")
    assert page.status_code == file.status_code
    if page.status_code == 404:
        assert page.content == file.content == client.get(absent).content
    return page.status_code == 200


def test_access_is_gone_with_the_next_statement(given, client_of):
    client, hospital, _ = given
    assert reads(client) and reads(hospital)
    for role in ("analyst", "placement_officer", "coordinator"):
        assert not reads(client_of(role, "school_from_ta")), role
    assert hospital.get(f"{the()}versions/2/").status_code == 404

    def back(model, where: dict, **values) -> None:
        nonlocal hospital
        with known_asker():
            before = model.objects.filter(**where).values(*values)[0]
            assert model.objects.filter(**where).update(**values) == 1
        assert not reads(hospital), values
        with known_asker():
            model.objects.filter(**where).update(**before)
        if model is User:
            hospital = client_of("partner", "school_from_ta")  # a session ends with the organisation
        assert reads(hospital)

    member = {"username": "test-partner"}
    back(CaseMember, member, left_at=timezone.now())
    back(CaseMember, member, agency="housing")
    back(CaseMember, member, sight="own")
    back(CaseMember, member, organisation=HARBOUR)
    back(User, member, organisation=HARBOUR)
    back(DocumentReader, {"organisation": HOSPITAL}, ended_at=timezone.now())
    back(DocumentCheck, {"organisation": HOSPITAL}, state="held")
    with known_asker():
        suspension = Suspension.objects.create(
            agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach"
        )
    assert not reads(hospital) and not reads(client)
    with known_asker():
        suspension.delete()
        ExclusionEntry.objects.create(
            subject_id=CHILD, barred_username="test-partner", reason="relative", entered_by="z"
        )
        renew_effects()
    assert not reads(hospital) and reads(client)


def test_whoever_is_kept_from_whom_it_is_about_does_not_find_it_when_the_case_is_about_them_no_longer(given):
    client, hospital, _ = given
    with known_asker():
        CaseSubject.objects.create(case=JointCase.objects.get(), part="child", person_id=VICTIM, added_by="x")
        CaseSubject.objects.filter(person_id=CHILD).update(ended_at=timezone.now())
        assert reads(hospital)
        ExclusionEntry.objects.create(
            subject_id=CHILD, barred_username="test-partner", reason="relative", entered_by="z"
        )
        renew_effects()
    assert hospital.get(f"/cases/{row(JointCase).pk}/").status_code == 200, "the case is there for them again"
    assert not reads(hospital) and reads(client)


def test_a_seat_that_is_left_out_does_not_read_it_and_why_stands_in_the_ledger(panel, client_of, sample):
    client, address = panel
    seat("test-responder", HOSPITAL, "voluntary")
    seat("test-advocate", HARBOUR, "voluntary")
    page = client.get(address).content.decode()
    seats = re.findall(r'for="id_add-(not_\d)">([^<]+):', page)
    names = {words: name for name, words in seats}
    assert len(names) == 3, names
    other = next(name for words, name in names.items() if words == f"{HOSPITAL}, voluntary service")
    harbour = next(name for words, name in names.items() if HARBOUR in words)
    refused(give(client, address, files_given.pdf(), **{other: "nonsense"}), "Choose why")
    done(give(client, address, files_given.pdf(), **{other: "not_necessary", harbour: "of_another_person"}))
    passes(sample, passed=1)
    with known_asker():
        readers = set(DocumentReader.objects.values_list("organisation", "agency"))
        assert readers == {(COUNCIL, "education"), (HOSPITAL, "health")}
        decided = set(ShareDecision.objects.values_list("receiver", "outcome", "reason"))
    assert decided == {(HOSPITAL, "shared", "joint_decision"), (HARBOUR, "withheld", "of_another_person")}
    assert reads(client_of("partner", "school_from_ta"))
    with known_asker():
        CaseMember.objects.filter(username="test-partner").update(agency="voluntary")
    assert not reads(client_of("partner", "school_from_ta")), "another seat of the same organisation"


def test_who_joins_later_reads_nothing_until_it_is_opened_to_them(given, client_of, sample):
    client, hospital, _ = given
    seat("test-listing_officer", "vale-authority", "coordination")
    with known_asker():
        User.objects.filter(username="test-listing_officer").update(organisation="vale-authority", role="coordinator")
    page = client.get(the()).content.decode()
    assert "vale-authority, coordination" in page
    form = {"kind": "open", "open-seat": "0", "version": "1", "open-gateway": "", "open-necessity": "joint_decision"}
    refused(client.post(the(), form), "Choose a law")
    refused(client.post(the(), {**form, "open-gateway": LAW["gateway"], "version": "9"}), "Somebody else changed", 409)
    done(client.post(the(), {**form, "open-gateway": LAW["gateway"]}))
    refused(client.post(the(), {**form, "version": "2"}), "Choose a seat")
    passes(sample, passed=2)
    assert "vale-authority" in hospital.get(the()).content.decode(), "readers know of each other"
    refused(hospital.post(the(), {"kind": "close", "reader": "1", "version": "2"}), "organisation that gave it decides")
    with known_asker():
        reader = DocumentReader.objects.get(organisation=HOSPITAL)
    done(client.post(the(), {"kind": "close", "reader": str(reader.pk), "version": "2"}))
    assert not reads(hospital) and reads(client)
    own = row(DocumentReader, organisation=COUNCIL)
    refused(client.post(the(), {"kind": "close", "reader": str(own.pk), "version": "3"}), "There is no such reader")


def test_a_newer_version_is_read_by_the_same_and_the_older_stays(given, sample):
    client, hospital, address = given
    file = {"kind": "replace", "version": "1"}
    refused(client.post(the(), file), "Choose a file")
    refused(hospital.post(the(), {**file, "replace-file": SimpleUploadedFile("a.pdf", files_given.pdf())}), "gave it")
    newer = files_given.pdf("The assessment was corrected.")
    done(client.post(the(), {**file, "replace-file": SimpleUploadedFile("a.pdf", newer)}))
    assert hospital.get(f"{the()}versions/2/").status_code == 404, "the guard has not read it yet"
    assert "Download version 1" in hospital.get(the()).content.decode()
    refused(
        client.post(the(), {**file, "replace-file": SimpleUploadedFile("a.pdf", newer)}), "Somebody else changed", 409
    )
    passes(sample, passed=1)
    assert hospital.get(f"{the()}versions/2/").content == newer
    assert hospital.get(f"{the()}versions/1/").status_code == 200
    assert "version 2" in hospital.get(address).content.decode()


def test_a_withdrawn_document_leaves_its_row_and_reason_and_no_byte(given):
    client, hospital, address = given
    steps = {"kind": "withdraw", "version": "1"}
    refused(client.post(the(), steps), "Choose why it is withdrawn")
    refused(hospital.post(the(), {**steps, "withdraw-reason": "wrong_file"}), "gave it, or the lead professional")
    done(client.post(the(), {**steps, "withdraw-reason": "leads_to_somebody"}))
    kept = row(DocumentVersion)
    assert bytes(kept.sealed) == bytes(kept.wrapped) == b"" and kept.sha256
    for who in (client, hospital):
        page = who.get(the()).content.decode()
        assert "says where somebody is" in page and "Withdrawn" in page and "Assessment of needs" not in page
        assert who.get(f"{the()}versions/1/").status_code == 404
        assert "Assessment of needs" not in who.get(address).content.decode()
    refused(client.post(the(), {**steps, "version": "2", "withdraw-reason": "wrong_file"}), "by now")
    refused(client.post(the(), {"kind": "hold", "version": "2", "hold-reason": "inquiry"}), "Its content is gone")
    refused(client.post(the(), {"kind": "fly", "version": "2"}), "There is no such step")
    assert {one.details["reason"] for one in ENTRIES.filter(details__what="document withdrawn")} == {
        "leads_to_somebody"
    }


def test_the_clock_erases_what_is_past_its_time_unless_a_hold_is_on_it(given):
    client, hospital, _ = given
    case = f"/cases/{row(JointCase).pk}/"
    later = timezone.now() + dt.timedelta(days=4000)
    assert expire_due(lambda: later) == 0, "the case is open"
    done(client.post(case, {"kind": "close", "close-outcome": "goals_met", "version": "1"}))
    assert reads(hospital), "whoever reads the closed case reads its documents"
    assert "It goes on" in client.get(the()).content.decode()
    assert "Add a document" not in client.get(f"{case}documents/").content.decode()
    hold = {"kind": "hold", "version": "1", "hold-reason": "inquiry"}
    refused(hospital.post(the(), hold), "gave it, or the lead")
    done(client.post(the(), hold))
    assert "A hold is on it" in hospital.get(the()).content.decode()
    assert expire_due(lambda: later) == 0
    done(client.post(the(), {"kind": "let_go", "version": "2"}))
    assert expire_due(lambda: timezone.now() + dt.timedelta(days=89)) == 0
    assert expire_due(lambda: timezone.now() + dt.timedelta(days=91)) == 1 and expire_due(lambda: later) == 0
    kept = row(CaseDocument)
    assert (kept.state, kept.ended_because, kept.title) == ("expired", "time_over", "")
    assert bytes(row(DocumentVersion).sealed) == b""
    assert "Its time was over" in client.get(the()).content.decode()
    (entry,) = ENTRIES.filter(details__what="document expired")
    assert (entry.person_id, entry.username) == (CHILD, "")


@pytest.fixture
def marac(teams, client_of):
    """A case of the victim, led by the advocate, with somebody accused; a hospital in the seat of health."""
    advocate = client_of("advocate", "victim_response")
    done(advocate.post(f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}))
    case = f"/cases/{row(JointCase).pk}/"
    done(advocate.post(case, {"kind": "subject", "subject-part": "accused", "subject-name_apart": "Max Apart"}))
    seat("test-responder", HOSPITAL, "health")
    return advocate, case


def test_what_says_where_a_protected_person_is_is_held_back_and_the_lead_has_the_task(marac, client_of, sample):
    advocate, case = marac
    address = f"{case}documents/"
    secret = f"She lives at {CANARIES['address']} now."
    done(give(advocate, address, files_given.docx(secret), "letter.docx"))
    passes(sample, held=1)
    passes(sample)
    health = client_of("responder", "victim_response")
    assert not reads(health) and "Assessment of needs" not in health.get(address).content.decode()
    page = advocate.get(address).content.decode()
    assert f"Held back from {HOSPITAL}" in page and "governance lead has a task" in page
    assert "location" not in page.lower().replace("allocation", ""), "a reason that tells is not told"
    lead = client_of("ig_lead")
    tasks = lead.get("/tasks/").content.decode()
    assert "A document of a case was held back" in tasks and str(row(CaseDocument).pk) in tasks
    assert "location of a protected person" in tasks
    assert row(SafetyTask).kind == "document_held"
    (entry,) = ENTRIES.filter(kind="refused", page="document guard")
    assert (entry.person_id, entry.details["reason 1"]) == (VICTIM, "location")
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, barred_username="test-ig_lead", reason="relative", entered_by="z"
        )
        renew_effects()
    assert "document of a case" not in lead.get("/tasks/").content.decode(), "kept from the person, kept from the task"
    with known_asker():
        DocumentCheck.objects.update(checked_at=timezone.now() - dt.timedelta(minutes=11))
    passes(sample, held=1)
    assert ENTRIES.filter(kind="refused", page="document guard").count() == 1, "no news, no entry"


def test_a_protection_that_came_since_closes_it_again_after_the_next_run(marac, client_of, sample):
    advocate, case = marac
    done(give(advocate, f"{case}documents/", files_given.docx("Nothing of where."), "letter.docx"))
    passes(sample, passed=1)
    health = client_of("responder", "victim_response")
    assert reads(health)
    with known_asker():
        DocumentCheck.objects.update(checked_at=timezone.now() - dt.timedelta(days=400))
        ExclusionEntry.objects.create(
            subject_id=VICTIM, barred_username="test-responder", reason="relative", entered_by="z"
        )
    passes(sample, held=1)
    assert not reads(health)


def test_nothing_of_one_side_is_on_the_other(marac, client_of, sample):
    advocate, case = marac
    harmed, apart = f"{case}documents/", f"{case}documents/accused/"
    seat("test-partner", HOSPITAL, "probation")
    assert [
        words for words in ("health", "probation") if f"{HOSPITAL}, {words}" in advocate.get(harmed).content.decode()
    ] == ["health"]
    assert [
        words for words in ("health", "probation") if f"{HOSPITAL}, {words}" in advocate.get(apart).content.decode()
    ] == ["probation"]
    done(give(advocate, harmed, files_given.docx(), "a.docx", title="Therapy report"))
    done(give(advocate, apart, files_given.docx(), "a.docx", title="Bail conditions"))
    passes(sample, passed=2)
    of_harmed, of_apart = row(CaseDocument, side="harmed"), row(CaseDocument, side="apart")
    seat("test-partner", HOSPITAL, "probation")
    health = client_of("responder", "victim_response")
    with known_asker():
        User.objects.filter(username="test-partner").update(role="responder")
    probation = client_of("partner")
    probation.post("/reason/", {"purpose": "victim_response", "reference": "MTG-1"})
    for client, sees, other, page, gone, words, never in (
        (health, of_harmed, of_apart, harmed, apart, "Therapy report", "Bail conditions"),
        (probation, of_apart, of_harmed, apart, harmed, "Bail conditions", "Therapy report"),
    ):
        text = client.get(page).content.decode()
        assert words in text and never not in text
        assert client.get(the(sees)).status_code == client.get(f"{the(sees)}versions/1/").status_code == 200
        assert client.get(the(other)).status_code == client.get(f"{the(other)}versions/1/").status_code == 404
        assert (client.get(gone).status_code, client.post(gone).status_code) == (404, 404)
        for route in (case, "/work-list/", "/cases/"):
            assert never not in client.get(route).content.decode(), route
    text = probation.get(apart).content.decode() + probation.get(the(of_apart)).content.decode()
    assert VICTIM not in text and "Max Apart" in text
    assert "/people/" not in "".join(re.findall(r"<main.*?</main>", text, re.DOTALL))
    assert "accused" not in health.get(harmed).content.decode().lower()
    assert "Max Apart" not in health.get(harmed).content.decode()
    about = ENTRIES.filter(details__what="document added", details__document=of_apart.reference)
    assert [one.person_id for one in about] == [""], "of somebody apart nothing stands under anybody's record"


def test_a_restricted_member_gives_and_reads_what_they_gave_alone(panel, client_of, sample):
    client, address = panel
    seat("test-partner", HOSPITAL, "health", sight="own")
    done(give(client, address, files_given.pdf(), title="Of the council", gateway=None, necessity=None))
    hospital = client_of("partner", "school_from_ta")
    assert not reads(hospital)
    done(give(hospital, address, files_given.pdf(), title="Of the hospital"))
    passes(sample, passed=1)
    page = hospital.get(address).content.decode()
    assert "Of the hospital" in page and "Of the council" not in page
    assert "Of the hospital" in client.get(address).content.decode()
    with known_asker():
        document = CaseDocument.objects.get(title="Of the council")
        DocumentReader.objects.create(
            document=document, case=document.case, organisation=HOSPITAL, agency="health", added_by="x"
        )
    assert hospital.get(the(document)).status_code == 404, "not even where somebody opened it to their seat"
