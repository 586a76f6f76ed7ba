"""Documents of a case as pages: given, read by the seats they were opened to, replaced, withdrawn, and gone with access."""

import datetime as dt
import re

import files_given
import pytest
from care_teams import make_teams
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, ONE_WAIT, VICTIM
from test_care_response import done, refused, row, seat, today

from braid.web.access.context import asking_as
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
    TeamMember,
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
    """A complex needs case about a child, led by the council, with the hospital at the table; its documents' address."""
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
    assert "Assessment of needs" in answer.content.decode(), "what was typed is kept in the form"


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
