"""The shipped agreements hold, and every single-field corruption of them is refused or provably changes nothing."""

from __future__ import annotations

import copy
import datetime as dt
import json
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from braid.example.write_agreements import write_agreements
from braid.trust.agreement_file import AgreementInvalid, london_moment, read_agreement
from braid.trust.agreement_rules import find_warnings
from braid.trust.agreement_schema import agreement_schema
from braid.trust.agreements import sharings
from shared import REPOSITORY

COUNCILS = [f"{name}-council" for name in ("hallowmere", "quillbeck", "tarnwick", "osmerby", "fenhallow")]
KINDS = dict.fromkeys(COUNCILS, "council") | {
    "arden-vale-ca": "authority",
    "arden-vale-icb": "icb",
    "family-court": "court",
    "crown-court": "court",
    "arden-vale-police": "police",
    "lanternhouse": "voluntary",
    "arden-vale-probation": "probation",
    "arden-vale-cafcass": "cafcass",
}
NAMES = (
    "school-from-ta",
    "victim-response",
    "court-readiness",
    "draft-police-involvements",
    "pilot-school-from-ta",
)
TODAY = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
Document = dict[str, Any]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    folder = tmp_path_factory.mktemp("agreements")
    write_agreements(folder)
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def test_the_shipped_agreements_are_sound(shipped: dict[str, Document]) -> None:
    assert set(shipped) == set(NAMES)
    for name, document in shipped.items():
        read_agreement(document, name, KINDS)


def _refused(document: Document, kinds: dict[str, str] = KINDS) -> str:
    with pytest.raises(AgreementInvalid) as error:
        read_agreement(document, "agreements/x.toml", kinds)
    return str(error.value)


def _tables(document: Document) -> list[Document]:
    return [document["agreement"], *document["party"]]


def _corruptions(document: Document) -> Iterator[tuple[str, Document]]:
    """Every key of every table: of a wrong type, empty, an unknown code; and a key that nobody knows."""
    for number, table in enumerate(_tables(document)):
        for key, value in table.items():
            wrong: list[Any] = [{"a": 1}, 1.5]
            if isinstance(value, str):
                wrong += ["", "  ", 7]
            if isinstance(value, list):
                unknown = "No Such Id" if key == "statements" else "no_such_code"
                wrong += ["identity", [*value, unknown], [*value, 3], *([[*value, value[0]]] if value else [])]
            if isinstance(value, bool):
                wrong += ["true", 1]
            elif isinstance(value, int):
                wrong += [0, -1, "365", True]
            if isinstance(value, dt.date):
                wrong += ["2026-04-01", 20260401]
            if key in {"purpose", "organisation", "host", "controller_role", "article_6", "article_9", "schedule_1"}:
                wrong += ["no_such_code"]
            for bad in wrong:
                changed = copy.deepcopy(document)
                _tables(changed)[number][key] = bad
                yield f"{number}.{key}={bad!r}", changed
        changed = copy.deepcopy(document)
        _tables(changed)[number]["no_such_key"] = "x"
        yield f"{number}.no_such_key", changed


@pytest.mark.parametrize("name", NAMES)
def test_every_corruption_of_a_value_is_refused(shipped: dict[str, Document], name: str) -> None:
    accepted = []
    for label, changed in _corruptions(shipped[name]):
        try:
            read_agreement(changed, name, KINDS)
        except AgreementInvalid:
            continue
        accepted.append(label)
    assert accepted == []


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_refused_or_only_takes_flows_away(shipped: dict[str, Document], name: str) -> None:
    before = set(sharings([read_agreement(shipped[name], name, KINDS)], KINDS))
    harmless = set()
    for number, table in enumerate(_tables(shipped[name])):
        for key in table:
            changed = copy.deepcopy(shipped[name])
            del _tables(changed)[number][key]
            try:
                after = set(sharings([read_agreement(changed, name, KINDS)], KINDS))
            except AgreementInvalid:
                continue
            assert after <= before, (number, key)
            harmless.add(key)
    # No provides or receives gives or takes less; a schedule_1 is needed by every article 9 condition used here. The
    # flows are the same where no statement is named.
    assert harmless <= {"provides", "receives", "statements"}


@pytest.mark.parametrize("name", ["school-from-ta", "victim-response", "court-readiness"])
def test_a_party_without_signature_takes_no_part(shipped: dict[str, Document], name: str) -> None:
    for number in range(len(shipped[name]["party"])):
        changed = copy.deepcopy(shipped[name])
        party = changed["party"][number]
        del party["signed_at"], party["signed_by"]
        flows = sharings([read_agreement(changed, name, KINDS)], KINDS)
        organisation = party["organisation"]
        kind = f"kind:{KINDS[organisation]}"
        assert not [flow for flow in flows if organisation in (flow.receiver, flow.provider) or flow.provider == kind]


def test_swapped_dates_are_refused(shipped: dict[str, Document]) -> None:
    for document in shipped.values():
        changed = copy.deepcopy(document)
        head = changed["agreement"]
        head["valid_from"], head["valid_to"] = head["valid_to"], head["valid_from"]
        assert "valid_to: must be after valid_from" in _refused(changed)


RULES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "charity basis of a council": (
        "school-from-ta",
        {},
        {"article_6": "recognised_legitimate_interest"},
        "a public authority",
    ),
    "legitimate interests of a council": ("school-from-ta", {}, {"article_6": "legitimate_interests"}, "a public"),
    "consent in a victim response": ("victim-response", {}, {"article_6": "consent"}, "consent cannot"),
    "consent in child protection": ("court-readiness", {}, {"article_6": "consent"}, "consent cannot"),
    "unfitting schedule 1": ("school-from-ta", {}, {"schedule_1": "research"}, "needs a condition"),
    "health without its condition": ("school-from-ta", {}, {"article_9": "health_social_care"}, "needs a condition"),
    "host is a processor": ("school-from-ta", {}, {"controller_role": "processor"}, "host: a processor"),
    "host is no party": ("school-from-ta", {"host": "arden-vale-police"}, {}, "is no party"),
    "too long": ("school-from-ta", {"valid_to": dt.date(2029, 4, 2)}, {}, "3 years at most"),
    "review outside": ("school-from-ta", {"review_on": dt.date(2029, 4, 1)}, {}, "inside the period"),
    "signed too late": ("school-from-ta", {}, {"signed_at": dt.date(2029, 4, 1)}, "after the end"),
    "left before it signed": ("school-from-ta", {}, {"left_at": dt.date(2026, 1, 1)}, "left_at must be after"),
    "item nobody named": ("school-from-ta", {}, {"receives": ["vault.address"]}, "not among the items"),
    "joined item of a partner": ("school-from-ta", {}, {"provides": ["identity"]}, "of the joined record"),
    "law enforcement of nobody": ("pilot-school-from-ta", {"law_enforcement": True}, {}, "no party is a competent"),
    "suspended outside": ("school-from-ta", {"suspended_at": dt.date(2030, 1, 1)}, {}, "inside the period"),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_refuses_and_says_why(shipped: dict[str, Document], rule: str) -> None:
    name, head, party, message = RULES[rule]
    changed = copy.deepcopy(shipped[name])
    changed["agreement"] |= head
    changed["party"][0] |= party
    assert message in _refused(changed)


def test_criminal_data_needs_a_schedule_1_condition(shipped: dict[str, Document]) -> None:
    changed = copy.deepcopy(shipped["victim-response"])
    party = next(party for party in changed["party"] if party["organisation"] == "crown-court")
    party["article_9"] = "legal_claims"
    read_agreement(changed, "x", KINDS)
    del party["schedule_1"]
    assert "criminal offence data" in _refused(changed)


def test_three_years_are_three_years_over_clock_changes(shipped: dict[str, Document]) -> None:
    changed = copy.deepcopy(shipped["pilot-school-from-ta"])
    for party in changed["party"]:
        party["signed_at"] = dt.date(2027, 10, 1)
    days = {"valid_from": dt.date(2027, 10, 29), "valid_to": dt.date(2030, 10, 29), "review_on": dt.date(2028, 1, 1)}
    changed["agreement"] |= days
    read_agreement(changed, "x", KINDS)
    changed["agreement"]["valid_to"] = dt.date(2030, 10, 30)
    assert "3 years at most" in _refused(changed)


def test_all_problems_are_gathered(shipped: dict[str, Document]) -> None:
    changed = copy.deepcopy(shipped["school-from-ta"])
    del changed["agreement"]["dpia"], changed["agreement"]["retention_days"]
    changed["party"][2]["article_6"] = "because"
    with pytest.raises(AgreementInvalid) as error:
        read_agreement(changed, "agreements/x.toml", KINDS)
    assert [problem.clause for problem in error.value.problems] == [
        "[[party]] number 3 article_6",
        "[agreement] retention_days",
        "[agreement] dpia",
    ]


def test_text_that_a_database_would_refuse_is_refused_here(shipped: dict[str, Document]) -> None:
    changed = copy.deepcopy(shipped["school-from-ta"])
    changed["agreement"]["title"] += "\x00"
    assert "cannot be printed" in _refused(changed)


def test_warnings_say_what_decides_less(shipped: dict[str, Document]) -> None:
    def warned(name: str, now: dt.datetime) -> str:
        return "; ".join(problem.message for problem in find_warnings(read_agreement(shipped[name], name, KINDS), now))

    assert warned("school-from-ta", TODAY) == ""
    assert "fewer than two" in warned("draft-police-involvements", TODAY)
    assert "expired" in warned("pilot-school-from-ta", TODAY)
    assert "ends within 30 days" in warned("school-from-ta", dt.datetime(2029, 3, 20, tzinfo=dt.UTC))
    assert "review is due" in warned("school-from-ta", dt.datetime(2027, 4, 2, tzinfo=dt.UTC))
    assert "not yet valid" in warned("school-from-ta", dt.datetime(2026, 3, 31, 22, 59, 59, tzinfo=dt.UTC))
    assert "not yet valid" not in warned("school-from-ta", dt.datetime(2026, 3, 31, 23, tzinfo=dt.UTC))


def test_moments_are_of_london() -> None:
    assert london_moment(dt.date(2026, 4, 1)) == dt.datetime(2026, 3, 31, 23, tzinfo=dt.UTC)
    assert london_moment(dt.date(2028, 2, 29)) == dt.datetime(2028, 2, 29, tzinfo=dt.UTC)
    assert london_moment(dt.datetime.fromisoformat("2026-10-25T02:00")) == dt.datetime(2026, 10, 25, 2, tzinfo=dt.UTC)
    plus_one = dt.timezone(dt.timedelta(hours=1))
    assert london_moment(dt.datetime(2026, 10, 25, 1, 30, tzinfo=plus_one)).hour == 0
    for twice_or_never in map(dt.datetime.fromisoformat, ("2026-10-25T01:30", "2027-03-28T01:30")):
        with pytest.raises(ValueError, match="twice or never"):
            london_moment(twice_or_never)


def _plain(document: Document) -> Any:
    return json.loads(json.dumps(document, default=lambda value: value.isoformat()))


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_schema_refuses_the_reader_refuses(shipped: dict[str, Document], name: str) -> None:
    validator = jsonschema.Draft202012Validator(agreement_schema())
    assert not list(validator.iter_errors(_plain(shipped[name])))
    refused = [changed for _, changed in _corruptions(shipped[name]) if not validator.is_valid(_plain(changed))]
    assert len(refused) > 50
    for changed in refused:
        _refused(changed)


WRITTEN = runpy.run_path(str(REPOSITORY / "tools" / "agreement_schema.py"))["WRITTEN"]


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_what_is_published_of_the_vocabularies_is_what_they_say(name: str) -> None:
    published = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert published == WRITTEN[name](), "run: python tools/agreement_schema.py"
