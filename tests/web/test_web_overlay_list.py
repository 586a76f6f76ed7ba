"""The list of a partner and the command line: held to the rules of the pages; what goes missing lifts nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from published_sample import REFERENCE
from sample_agreements import HOST
from sample_run import CHILD, ONE_WAIT, VICTIM, write_sample_place

from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.models import ExclusionEntry, RestrictionEntry, User
from braid.web.overlay import commands
from braid.web.overlay.agency_list import load_list
from braid.web.refusals import NoSuchUser, OverlayListInvalid
from braid.web.watch import known_asker

REPOSITORY = Path(__file__).resolve().parents[2]
HEAD = "kind,subject_id,barred_username,barred_person_id,admitted,reason,reference,until\n"
LEAD = Viewer("test-ig_lead", "ig_lead", "", "MTG-1", "overlay list")
ROWS = (
    f"exclusion,{CHILD},test-analyst,,,agency_list,{REFERENCE},2027-03-31\n"
    f"exclusion,{CHILD},,{ONE_WAIT},,perpetrator,,\n"
    f"restriction,{VICTIM},,,test-advocate test-analyst,witness,,\n"
)


@pytest.fixture
def load(published, user_of, tmp_path):
    """Load a list with these rows as the lead."""

    def loaded(rows: str, head: str = HEAD) -> int:
        path = tmp_path / "overlay.csv"
        path.write_text(head + rows, encoding="utf-8")
        with known_asker():
            return load_list(user_of("ig_lead"), path)

    return loaded


def _kept() -> tuple[int, int]:
    with known_asker():
        return ExclusionEntry.objects.count(), RestrictionEntry.objects.count()


@pytest.mark.django_db
def test_a_list_is_read_once_and_what_goes_missing_stays(load, client_of):
    assert load(ROWS) == 3
    assert load(ROWS) == 0
    assert load("") == 0
    assert _kept() == (2, 1)
    assert client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/").status_code == 404
    assert load(ROWS + f"exclusion,{CHILD},test-practitioner,,,agency_list,,\n") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (f"exclusion,{CHILD},u,,,dislike,,\n", "row 2, reason"),
        ("exclusion,,u,,,relative,,\n", "row 2, subject_id"),
        (f"exclusion,{CHILD},,,,relative,,\n", "row 2, barred_username"),
        (f"exclusion,{CHILD},u,{VICTIM},,relative,,\n", "row 2, barred_username"),
        ("rumour,p1,u,,,relative,,\n", "row 2: kind"),
        (f"exclusion,{CHILD},u\n", "row 2: kind"),
        (f"exclusion,{CHILD},u,,,relative,,,more\n", "row 2: kind"),
        (f"{ROWS}exclusion,{CHILD},u,,,relative,,soon\n", "row 5, until"),
        ("exclusion,=1+1,u,,,relative,,\n", "row 2, subject_id"),
    ],
)
def test_a_row_that_breaks_a_rule_adds_nothing_and_is_named_without_its_values(rows, says, load):
    with pytest.raises(OverlayListInvalid) as refused:
        load(rows)
    assert says in str(refused.value)
    assert not {"dislike", "1+1", CHILD, VICTIM} & set(str(refused.value).replace(",", " ").split())
    assert _kept() == (0, 0)


@pytest.mark.django_db
def test_other_columns_and_a_file_that_is_none_are_refused(load, user_of, tmp_path):
    with pytest.raises(OverlayListInvalid, match="the columns are"):
        load("x\n", head="name\n")
    for content in (b"\xff\xfe\x00", None):
        path = tmp_path / f"list-{content is None}.csv"
        if content:
            path.write_bytes(content)
        with known_asker(), pytest.raises(OverlayListInvalid, match="not readable"):
            load_list(user_of("ig_lead"), path)


@pytest.mark.django_db
def test_the_command_line_takes_two_leads_as_the_pages_do(published):
    User.objects.create(username="lead-2", role="ig_lead", organisation=HOST, display_name="Second")
    given = {"subject_id": CHILD, "barred_username": "test-analyst", "reason": "relative"}
    made = commands.add("test-ig_lead", "exclusion", given)
    change = commands.propose_removal("test-ig_lead", made["kind"], made["id"])["change"]
    assert commands.entries(LEAD)[0]["change"] == change
    with pytest.raises(NotPossible):
        commands.approve("test-ig_lead", change)
    for nobody, refusal in (("nobody", NoSuchUser), ("test-analyst", NotPossible)):
        with pytest.raises(refusal):
            commands.approve(nobody, change)
    assert commands.approve("lead-2", change)["state"] == "approved"
    assert commands.entries(LEAD) == []
    with pytest.raises(OverlayListInvalid, match="barred username"):
        commands.add("test-ig_lead", "exclusion", {"subject_id": CHILD, "reason": "relative"})


@pytest.mark.slow
def test_the_verbs_work_on_a_place_folder(tmp_path):
    folder = tmp_path / "place"
    write_sample_place(folder)
    (folder / "restricted").mkdir()
    (folder / "restricted" / "overlay.csv").write_text(HEAD + ROWS, encoding="utf-8")

    def braid(*arguments: str) -> subprocess.CompletedProcess[str]:
        left_out = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS")
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        environment["PYTHONPATH"] = str(REPOSITORY / "src")
        command = [sys.executable, "-m", "braid", *arguments, str(folder)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    for name, by in (("lead-1", ()), ("lead-2", ("--by", "lead-1", "--reference", "HR-7"))):
        made = braid("user", "add", name, "--role", "ig_lead", "--organisation", HOST, "--name", "Lead", *by)
        assert made.returncode == 0, made.stderr
    assert json.loads(braid("overlay", "load", "--by", "lead-1").stdout) == {"added": 3}
    added = braid("overlay", "add", VICTIM, "--bar-user", "x", "--reason", "court_order", "--by", "lead-1")
    assert added.returncode == 0, added.stderr
    entry = json.loads(added.stdout)
    proposed = braid("overlay", "propose-removal", f"exclusion/{entry['id']}", "--by", "lead-1")
    change = str(json.loads(proposed.stdout)["change"])
    refused = braid("overlay", "approve", change, "--by", "lead-1")
    assert refused.returncode == 5 and "may not decide on it" in refused.stderr
    assert braid("overlay", "approve", change, "--by", "lead-2").returncode == 0
    listed = json.loads(braid("overlay", "list", "--json", "--by", "lead-2", "--reference", "MTG-1").stdout)
    assert len(listed) == 3 and f"exclusion/{entry['id']}" not in {one["entry"] for one in listed}
