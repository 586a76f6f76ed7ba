"""`braid analysis` as a user types it: who may, what it prints, what it refuses and what it leaves in the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.one_process import Opened, python
from shared import REPOSITORY

LEAD = ("--by", "demo-ig-lead", "--reference", "HR-7")
ANALYST = ("--by", "demo-analyst", "--reference", "MTG-2026-041")
ADVOCATE = ("--by", "demo-advocate", "--reference", "MTG-2026-041")


def test_a_dataset_is_built_listed_and_kept_until_its_time(place: Path, served: Opened) -> None:
    since = served.newest()
    made = served.braid("analysis", "build", "backlog_measures", str(place), *ANALYST, "--json")
    assert made.returncode == 0, made.stderr
    manifest = json.loads(made.stdout)
    assert Path(manifest["folder"], "waits.parquet").is_file()
    assert manifest["tables"]["waits"]["rows"] > 50
    (entry,) = served.entries(since)
    assert (entry["kind"], entry["username"], entry["role"]) == ("exported", "demo-analyst", "analyst")
    assert (entry["purpose"], entry["reference"]) == ("school_from_ta", "MTG-2026-041")
    assert (entry["agreement_id"], entry["agreement_version"]) == ("school-from-ta", manifest["agreement"]["version"])
    assert (entry["person_id"], entry["row_count"]) == ("", manifest["tables"]["waits"]["rows"])
    assert entry["details"] == {
        "what": "dataset built",
        "dataset": "backlog_measures",
        "run": manifest["run"],
        "receiver": manifest["receiver"],
        "key": manifest["key_id"],
    }
    listed = json.loads(served.braid("analysis", "list", str(place), "--json").stdout)
    assert [row["id"] for row in listed["datasets"]][:3] == ["school_from_ta", "victim_response", "court_readiness"]
    assert [(row["dataset"], row["expired"]) for row in listed["built"]] == [("backlog_measures", False)]
    assert json.loads(served.braid("analysis", "sweep", str(place), "--json").stdout) == {"deleted": []}
    assert Path(manifest["folder"]).is_dir()


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (("--by", "demo-board-member", "--reference", "MTG-1"), "'board_member' may not build datasets for school"),
        (("--by", "demo-practitioner", "--reference", "MTG-1"), "ask a colleague whose role may: analyst"),
        (ADVOCATE, "'advocate' may not build datasets for school"),
        (("--by", "nobody", "--reference", "MTG-1"), "no open account of that name"),
        (("--by", "demo-analyst", "--reference", "curious"), "say why with --reference"),
    ],
    ids=["no role of people", "another role", "another purpose", "no account", "no reference"],
)
def test_whose_role_may_not_builds_nothing_and_is_in_the_record(
    place: Path, served: Opened, who: tuple[str, ...], words: str
) -> None:
    since = served.newest()
    refused = served.braid("analysis", "build", "school_from_ta", str(place), *who)
    assert refused.returncode == 5
    assert words in refused.stderr and "Traceback" not in refused.stderr
    assert not list((place / "analysis").glob("school_from_ta/*"))
    written = [(row["kind"], row["username"], row["decision"]) for row in served.entries(since)]
    known = (who[1] != "nobody" and who[3] == "MTG-1") or who == ADVOCATE
    assert written == ([("refused", who[1], "deny")] if known else [])


def test_a_dataset_goes_to_the_organisation_of_whoever_asks_alone(place: Path, served: Opened) -> None:
    """A party may not have it built for another; a non-party, and an account of no organisation, not at all."""
    build = ("analysis", "build", "backlog_measures", str(place), "--reference", "MTG-4")
    for name, organisation in (("party", "tarnwick-council"), ("outsider", "arden-vale-police"), ("nobodys", "")):
        who = ("--role", "analyst", "--organisation", organisation or "tarnwick-council", "--name", "A. Smith")
        assert served.braid("user", "add", name, *who, str(place), *LEAD).returncode == 0
    served.database.execute("update braid_user set organisation = '' where username = 'nobodys'")
    since = served.newest()
    tried = [
        served.braid(*build, "--by", "outsider"),
        served.braid(*build, "--by", "outsider", "--receiver", "arden-vale-ca"),
        served.braid(*build, "--by", "party", "--receiver", "arden-vale-ca"),
        served.braid(*build, "--by", "nobodys"),
    ]
    assert [one.returncode for one in tried] == [5, 5, 5, 5]
    assert "lets arden-vale-police receive" in tried[0].stderr
    assert all("for the organisation of whoever asks" in one.stderr for one in tried[1:])
    assert [(row["kind"], row["username"]) for row in served.entries(since)] == [
        ("refused", name) for name in ("outsider", "outsider", "party", "nobodys")
    ]
    built = served.braid(*build, "--by", "party", "--json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["receiver"] == "tarnwick-council"


def test_a_closed_account_builds_nothing(place: Path, served: Opened) -> None:
    who = ("--role", "analyst", "--organisation", "arden-vale-ca", "--name", "A. Smith")
    assert served.braid("user", "add", "asmith", *who, str(place), *LEAD).returncode == 0
    asking = ("analysis", "build", "backlog_measures", str(place), "--by", "asmith", "--reference", "MTG-2")
    served.database.execute("update braid_user set is_active = false where username = 'asmith'")
    refused = served.braid(*asking)
    assert refused.returncode == 5 and "no open account" in refused.stderr


def test_only_who_supports_victims_builds_their_dataset(place: Path, served: Opened) -> None:
    refused = served.braid("analysis", "build", "victim_response", str(place), *ANALYST)
    assert refused.returncode == 5 and "whose role may: advocate" in refused.stderr
    assert served.braid("analysis", "build", "victim_response", str(place), *ADVOCATE).returncode == 0


def test_a_suspended_agreement_stops_a_build_and_lifting_lets_it_go_on(place: Path, served: Opened) -> None:
    asking = ("analysis", "build", "court_readiness", str(place), *ANALYST)
    served.database.execute(
        "insert into braid_suspension (agreement_id, suspended_by, reason, lift_asked_by, lifted_by)"
        " values ('court-readiness', 'demo-ig-lead', 'breach', '', '')"
    )
    since = served.newest()
    refused = served.braid(*asking)
    assert refused.returncode == 5
    assert "court-readiness is suspended" in refused.stderr and "two people lift" in refused.stderr
    assert not (place / "analysis" / "court_readiness").exists()
    assert [row["kind"] for row in served.entries(since)] == ["refused"]
    assert served.braid("analysis", "build", "backlog_measures", str(place), *ANALYST).returncode == 0
    served.database.execute(
        "update braid_suspension set lift_asked_by = 'demo-ig-lead', lifted_by = 'demo-ig-lead-2', lifted_at = now()"
    )
    assert served.braid(*asking).returncode == 0


SUSPENDED_MEANWHILE = """
import sys
from pathlib import Path
from braid.analysis.model import DatasetRefused
from braid.cli import analysis
from braid.cli.acting import acting
from braid.cli.waits import current_run

with acting(Path(sys.argv[1]), "demo-analyst", "MTG-3", "analysis build") as acts:
    dataset = analysis._get_dataset(acts.place, "school_from_ta")
    permission = analysis._permission(acts.place, dataset, "")
    from braid.web.models import Suspension
    kept = Suspension.objects.create(agreement_id="school-from-ta", suspended_by="demo-ig-lead", reason="breach")
    try:
        analysis._build(acts, current_run(acts.place), dataset, permission)
    except DatasetRefused as refusal:
        print(refusal)
    finally:
        kept.delete()
"""


def test_a_suspension_while_it_is_built_leaves_nothing(place: Path, served: Opened) -> None:
    since = served.newest()
    tried = python("-c", SUSPENDED_MEANWHILE, str(place))
    assert tried.returncode == 0, tried.stderr
    assert "school-from-ta is suspended" in tried.stdout
    assert not list((place / "analysis").glob("school_from_ta/*"))
    assert served.entries(since) == []


def test_a_build_whose_entry_cannot_be_written_is_not_there(place: Path, served: Opened) -> None:
    since = served.newest()
    before = sorted(path for path in (place / "analysis").rglob("*") if path.is_file())
    stamps = [path.stat().st_mtime_ns for path in before]
    with served.no_entry():
        stopped = served.braid("analysis", "build", "backlog_measures", str(place), *ANALYST)
        rotated = served.braid("analysis", "keys", "rotate", "backlog_measures", str(place), *ANALYST)
    assert stopped.returncode != 0 and rotated.returncode != 0
    assert sorted(path for path in (place / "analysis").rglob("*") if path.is_file()) == before
    assert [path.stat().st_mtime_ns for path in before] == stamps
    assert served.entries(since) == []
    built = json.loads(served.braid("analysis", "build", "backlog_measures", str(place), *ANALYST, "--json").stdout)
    keys = json.loads(served.braid("analysis", "keys", "list", str(place), "--json").stdout)["keys"]
    assert built["key_id"] in {key["key_id"] for key in keys}


def test_without_a_web_database_to_ask_nothing_is_built(place: Path) -> None:
    nowhere = "postgresql://braid@127.0.0.1:9/braid?connect_timeout=2"
    before = sorted((place / "analysis").rglob("*"))
    refused = python("-m", "braid", "analysis", "build", "backlog_measures", str(place), *ANALYST, DATABASE_URL=nowhere)
    assert refused.returncode == 4
    assert "PostgreSQL" in refused.stderr and "Next step" in refused.stderr and "Traceback" not in refused.stderr
    assert sorted((place / "analysis").rglob("*")) == before


def test_keys_are_listed_by_id_rotated_and_deleted_by_who_may_build(place: Path, served: Opened) -> None:
    dataset, since = "court_readiness", served.newest()
    asking = ("analysis", "keys", "rotate", dataset, str(place))
    first = json.loads(served.braid(*asking, *ANALYST).stdout)
    second = json.loads(served.braid(*asking, *ANALYST).stdout)
    assert first["key_id"] != second["key_id"]
    listed = json.loads(served.braid("analysis", "keys", "list", str(place), "--json").stdout)["keys"]
    assert second in listed and {"purpose", "dataset", "key_id"} == set(second)
    refused = served.braid(*asking, *ADVOCATE)
    assert refused.returncode == 5
    assert second in json.loads(served.braid("analysis", "keys", "list", str(place), "--json").stdout)["keys"]
    gone = served.braid("analysis", "keys", "delete", dataset, str(place), *ANALYST)
    assert json.loads(gone.stdout) == {"dataset": dataset, "deleted": True}
    assert served.braid("analysis", "keys", "rotate", "curiosity", str(place), *ANALYST).returncode == 2
    assert [(row["kind"], row["details"]["what"], row["purpose"]) for row in served.entries(since)] == [
        ("changed", "pseudonym key rotated", "court_readiness"),
        ("changed", "pseudonym key rotated", "court_readiness"),
        ("refused", "refused", "court_readiness"),
        ("changed", "pseudonym key deleted", "court_readiness"),
    ]


def test_a_dataset_that_takes_a_place_is_refused_with_exit_code_5(place: Path, served: Opened) -> None:
    shipped = REPOSITORY / "src" / "braid" / "analysis" / "datasets" / "school_from_ta.toml"
    text = shipped.read_text(encoding="utf-8").replace('id = "school_from_ta"', 'id = "places"')
    (place / "datasets").mkdir(exist_ok=True)
    (place / "datasets" / "places.toml").write_text(text.replace('from = "sex"', 'from = "district_code"'), "utf-8")
    refused = served.braid("analysis", "build", "places", str(place), *ANALYST)
    assert refused.returncode == 5
    assert "location class" in refused.stderr and "Traceback" not in refused.stderr
    assert "REFUSED" in served.braid("analysis", "list", str(place)).stdout
    assert not (place / "analysis" / "places").exists()
    assert served.braid("analysis", "build", "no_such", str(place), *ANALYST).returncode == 2
    assert served.braid("analysis", "build", "school_from_ta", str(place)).returncode == 2, "nobody is named"


def test_without_its_agreement_a_dataset_is_refused_with_exit_code_5(place: Path, served: Opened) -> None:
    agreement = place / "agreements" / "school-from-ta.toml"
    text = agreement.read_text(encoding="utf-8")
    agreement.unlink()
    refused = served.braid("analysis", "build", "school_from_ta", str(place), *ANALYST)
    agreement.write_text(text, encoding="utf-8")
    assert refused.returncode == 5
    assert "no agreement for school_from_ta is in force" in refused.stderr
    assert not list((place / "analysis").glob("school_from_ta/*"))


def test_a_bad_list_of_opt_outs_stops_the_run_with_exit_code_3(place: Path, served: Opened) -> None:
    path = place / "restricted" / "opt_outs.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text("nhs_number\n9990000017\n", encoding="utf-8")
    stopped = served.braid("run", str(place))
    path.write_text(text, encoding="utf-8")
    assert stopped.returncode == 3
    assert "restricted/opt_outs.csv line 2, nhs_number" in stopped.stderr
    assert "9990000017" not in stopped.stderr
