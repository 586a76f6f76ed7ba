"""What rules find reaches the report of a file and the issues of a run, with number, place and no person's value."""

from __future__ import annotations

import datetime as dt
import json
import runpy
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from braid.cli.app import app
from braid.extracts.recognition import recognise, year_of_return
from braid.extracts.rules.check import codes_of, day_of
from braid.extracts.rules.layouts import CIN, LAYOUTS, SSDA903
from braid.extracts.rules.model import Rule
from braid.extracts.rules.rule_files import load_absent, load_rules, read_rule
from braid.extracts.run import FeedTask, read_one_feed
from braid.language.rule_files import RulesInvalid
from braid.pipeline import new_engine
from braid.store.place_folder import load_place
from extracts.rules_census import write_census
from extracts.rules_help import find_in_files
from extracts.rules_looked_after import write_return
from shared import REPOSITORY

CENSUS = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>
<ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails></Header><Children><Child>
<ChildIdentifiers><LAchildID>Secret7</LAchildID><PersonBirthDate>2015-05-05</PersonBirthDate><Sex>F</Sex>
</ChildIdentifiers><CINdetails><CINreferralDate>2025-06-02</CINreferralDate><ReferralNFA>false</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>2025-09-02</CPPstartDate><CPPendDate>2025-08-01</CPPendDate></ChildProtectionPlans>
</CINdetails></Child></Children></Message>"""
PLACE = """[place]
id = "testtown"
name = "Testtown"
[[organisation]]
id = "council"
name = "Council"
kind = "council"
[[feed]]
id = "census"
organisation = "council"
standard = "cin"
year = 2026
"""
RULE = """code = "1"
severity = "error"
table = "Child"
fields = ["UPN"]
message = "m"
where = "r.UPN is null"
[breaks]
Child = [{}]
[keeps]
Child = [{ UPN = "A" }]
"""


def read(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["read", *arguments, "--json"])
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_read_says_what_rules_find_and_where(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text(CENSUS, encoding="utf-8")
    report = read(str(path))
    found = [issue for issue in report["issues"] if issue["rule"] == "cin:8925"]  # type: ignore[index, attr-defined]
    assert [(one["severity"], one["field"]) for one in found] == [("warning", "CPPendDate")]
    assert found[0]["position"] == "/Message/Children[1]/Child[1]/CINdetails[1]/ChildProtectionPlans[1]"
    assert report["rules"]["found"]["cin:8925"] == 1  # type: ignore[index]
    assert report["rows"]["ChildProtectionPlans"] == {"in": 1, "read": 1, "rejected": 0}  # type: ignore[index]


def test_a_run_keeps_what_rules_find_among_its_issues(tmp_path: Path) -> None:
    folder = tmp_path / "place" / "extracts" / "census" / "2026-06-01"
    folder.mkdir(parents=True)
    (folder / "census.xml").write_text(CENSUS, encoding="utf-8")
    (tmp_path / "place" / "place.toml").write_text(PLACE, encoding="utf-8")
    place = load_place(tmp_path / "place")
    parts = tmp_path / "parts"
    parts.mkdir()
    summary = read_one_feed(FeedTask(place, place.feeds[0], dt.date(2026, 6, 1), parts, new_engine))
    rows = pq.read_table(parts / "issue.census.rules-2026.parquet").to_pylist()
    one = next(row for row in rows if row["rule"] == "cin:8925")
    assert (one["feed"], one["file_name"], one["severity"]) == ("census", "census.xml", "warning")
    assert one["file_sha256"] == next(iter(summary.files.values()))
    assert summary.issues["cin:8925"] == 1 and summary.rows_rejected == 0
    assert not any("Secret7" in str(value) or "2015" in str(value) for row in rows for value in row.values())
    assert not list(parts.glob(".rules-*")), "the tables of the rules are personal data and must not stay"


def test_no_message_of_a_rule_can_carry_a_value() -> None:
    rules = [rule for standard in LAYOUTS for rule in load_rules(standard)]
    assert len(rules) == 367
    assert not [
        rule.name for rule in rules if "{" in rule.message or not rule.message[0].isalpha() or ": " not in rule.message
    ]


def test_a_return_of_modules_is_checked_for_the_year_that_its_newest_date_tells_and_says_so(tmp_path: Path) -> None:
    texts = {
        "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nZz7,1,01/02/2015,WBRI,,,\n",
        "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC\nZz7,05/05/2025,S,V2,N1,U1,04/05/2025,E3\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    names = [str(tmp_path / f"{name}.csv") for name in texts]
    reports = read(*names)["files"]
    told = [report["rules"] for report in reports]  # type: ignore[attr-defined]
    why = "the newest date under DECOM is of 2026"
    assert [(one["year"], one["why_year"]) for one in told] == [(2026, why), (2026, why)], "also of the dateless header"
    assert all(one["checked"] > 50 for one in told) and told[1]["found"]
    stated = read(*names, "--as", "ssda903:2024")["files"]
    assert {(one["rules"]["year"], one["rules"]["why_year"]) for one in stated} == {  # type: ignore[attr-defined]
        (2024, "it was said with --as")
    }
    found = [one["rules"]["found"] for one in read(*names, "--as", "ssda903:2026")["files"]]  # type: ignore[attr-defined]
    assert found == [one["found"] for one in told]
    said = CliRunner().invoke(app, ["read", *names]).stdout
    assert "rules are those of 2026" in said and "the newest date under" in said


def test_files_that_no_year_fits_together_are_checked_for_none(tmp_path: Path) -> None:
    old = tmp_path / "episodes.csv"
    old.write_text("CHILD,DECOM,RNE,LS\nZz7,05/05/2025,S,V2\n", encoding="utf-8")
    fits = recognise(old).fits
    assert len(fits) == 1
    early, late = replace(fits[0], last_year=2020), replace(fits[0], first_year=2024)
    assert year_of_return([early, late]) is None and year_of_return([]) is None
    assert year_of_return([late, late]) == (2026, "the newest date under DECOM is of 2026")


def test_rules_whose_module_is_not_there_are_left_out_and_named(tmp_path: Path) -> None:
    paths = {path.stem: path for path in write_return(tmp_path, 30, 1)}
    report = read(str(paths["2026-episodes"]), "--as", "ssda903:2026")
    assert report["rules"]["not_checked"]["ssda903:INT03"] == ["Header"]  # type: ignore[index]
    assert "ssda903:143" not in report["rules"]["not_checked"]  # type: ignore[index]
    assert "INT03" not in find_in_files([paths["2026-episodes"]], "ssda903", 2026)


def test_findings_name_the_file_that_they_are_in(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        write_census(tmp_path / f"{name}.xml", 20, seed)
    both = find_in_files([tmp_path / "one.xml", tmp_path / "two.xml"], "cin", None)
    alone = find_in_files([tmp_path / "two.xml"], "cin", None)
    second = {code: [one.position for one in found if one.file == 1] for code, found in both.items()}
    assert second["8925"] == [one.position for one in alone["8925"]] and any(second.values())


def test_a_census_in_another_encoding_is_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_bytes(CENSUS.replace("Secret7", "Zoë").encode("cp1252"))
    assert find_in_files([path], "cin", None)["8925"]


def test_the_census_year_is_that_of_the_reference_date(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text(CENSUS.replace("2026-03-31", "2025-11-30"), encoding="utf-8")
    found = find_in_files([path], "cin", 2020)
    assert found["100"] and not found["8930"]


def test_days_and_codes_are_those_of_the_year() -> None:
    assert day_of("end_less_45_working_days", 2026) == dt.date(2026, 1, 27)
    assert day_of("start_less_1_working_days", 2026) == dt.date(2025, 3, 31)
    assert day_of("end_less_67_months", 2026) == dt.date(2020, 8, 31)
    assert "Z1" in codes_of(SSDA903, "places", 2025) and "Z1" not in codes_of(SSDA903, "places", 2026)
    assert codes_of(CIN, "unborn_sex", 2024) == ["0"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (('severity = "error"', 'severity = "fatal"'), "severity"),
        (('fields = ["UPN"]', 'fields = ["UPM"]'), "UPM"),
        (('table = "Child"', 'table = "Person"'), "table"),
        (("r.UPN is null", "r.UPN in {nobody}"), "nobody"),
        (('message = "m"', 'message = "m"\nnote = "n"'), "note"),
        (("Child = [{ UPN", "Child = [{ UPX"), "UPX"),
        (('message = "m"\n', ""), "message is missing"),
        (('code = "1"', 'code = "2"'), "code"),
        (('code = "1"', "code = "), "not TOML"),
    ],
)
def test_a_file_of_a_rule_is_read_strictly(wrong: tuple[str, str], said: str) -> None:
    assert isinstance(read_rule(RULE, "1.toml", CIN), Rule)
    with pytest.raises(RulesInvalid, match=said):
        read_rule(RULE.replace(*wrong), "1.toml", CIN)


def test_no_rule_is_both_written_and_named_as_absent() -> None:
    for standard in LAYOUTS:
        codes = [code for own in load_absent(standard).values() for code in own]
        assert len(codes) == len(set(codes)) and not {rule.code for rule in load_rules(standard)} & set(codes)


def test_the_page_of_rules_is_what_the_files_say() -> None:
    page = runpy.run_path(str(REPOSITORY / "tools" / "rules_page.py"))
    assert page["PAGE"].read_text(encoding="utf-8") == page["rules_page"](), "run python tools/rules_page.py"


def test_rules_can_be_listed_and_explained() -> None:
    listed = json.loads(CliRunner().invoke(app, ["rules", "cin", "--json"]).stdout)["rules"]
    assert len(listed) == 109
    told = CliRunner().invoke(app, ["rules", "--explain", "cin:8925"]).stdout
    assert "r.CPPendDate < r.CPPstartDate" in told and "Department for Education" in told
    assert CliRunner().invoke(app, ["rules", "--explain", "nothing"]).exit_code == 2
