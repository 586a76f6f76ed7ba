"""The JSON Schema (2020-12) of a problem file, made from the vocabularies: an editor helps to write one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from braid.language.codes import BACKLOGS, EPISODE_KINDS, NEEDS, ORGANISATION_KINDS, STAY_KINDS, WAIT_KINDS
from braid.language.readiness import READINESS_ITEMS
from braid.language.rule_files import LARGEST
from braid.problems.conditions import DISTRICT, LISTS
from braid.problems.forms import CLEARED_BY, LONGEST_EVIDENCE, LONGEST_ROLE, PREVENTABLE, WORD_KEYS
from braid.problems.forms import LONGEST_ID as LONGEST_RULE_ID
from braid.problems.load import BETTER, COLUMNS, LONGEST_ID
from braid.problems.model import PLANS, RUNNING_CLOCKS, WHOSE_NEED
from braid.trust.roles import PURPOSES
from braid.waits.rules import Standing, Whose

TOP_WORDS = {
    "id": "Its name in findings; a place's statement replaces the shipped one of the same id.",
    "name": "As it stands on a page.",
    "purpose": "One sentence: what joining up is for.",
    "purpose_code": "The purpose of the agreement under which people may be looked at.",
    "partners": "Kinds of organisation at the table.",
    "waits": "The kinds of wait that it is about.",
    "plan": "The joint plan that answers it.",
    "cohort": "Whom it concerns.",
    "rule": "What holds up what, and whose move it is.",
    "outcome": "What would show that it worked.",
    "fund": "Money that could pay.",
}
"""The keys at the top of a problem file and what each says."""

COHORT_WORDS = {
    "all_of": "Conditions that somebody must meet, each of them.",
    "any_of": "Conditions of which somebody must meet one, where there are any.",
    "none_of": "Conditions that nobody concerned may meet.",
}
"""The keys of `[cohort]` and what each says; all_of or any_of must be there."""

CONDITION_WORDS = {
    "wait": "Waits for one of these. `crown_trial` stands alone, with wait_as.",
    "clock": "With wait: how the clock stands. A kind without a limit is never within or past one.",
    "days_at_least": "With wait: for so many calendar days, or longer.",
    "days_left_at_most": "With wait: so many calendar days are left inside the limit, or fewer.",
    "wait_as": "With wait: as whom somebody waits for the trial; as victim for the purpose of victim response alone.",
    "backlogs_at_least": "Waits in so many backlogs at once, or more, of those that `waits` of the statement are in.",
    "stay": "Lives in one of these on the day.",
    "district": "Lives in one of these districts, by code; whose location is withheld is not found by where they live.",
    "episode": "A service is responsible for them on the day.",
    "need": "A need of these is recorded.",
    "whose": "With need: whose need it is; anybody's if left out.",
    "age_at_least": "Whole years of age on the day, at least.",
    "age_under": "Whole years of age on the day, under.",
}
"""The keys of a condition and what each says."""

RULE_WORDS = {
    "id": "Its name in findings, used once in the place.",
    "held": "The kind of wait that is held up, one of waits.",
    "held_as": "With crown_trial: as whom the held person waits.",
    "held_by": "The form of the rule.",
    "holders": "Form wait: the kinds of wait that hold it up.",
    "whose": "Form wait: whose wait holds it up.",
    "holder_as": "Form wait, with crown_trial: as whom the holder waits.",
    "evidence": "Form missing_evidence: the document without which the wait runs past its limit.",
    "cause": "Form adjourned_hearing: a table of words for each cause group, as [rule.cause.expert].",
    "item": "Form adjourned_hearing: own words for a readiness item, as [rule.item.LA5]; may be left out.",
    "reason": "Why, in words; {holder} stands for the queue that holds.",
    "owner_organisation": "Whose move it is: kind of organisation.",
    "owner_role": "Whose move it is: role.",
    "next_action": "What would move it.",
    "cleared_by": "With item: the evidence that would clear it.",
}
"""The keys of `[[rule]]` and of its tables, and what each says."""

OUTCOME_WORDS = {
    "id": "Its name in findings.",
    "name": "As it stands on a page.",
    "unit": "What it counts.",
    "better": "Which way is better.",
    "how": "How it is reckoned, in a sentence.",
    "measured_from": "From which columns of the schema reference, as table.column.",
    "baseline": "Where it stood before; left out, the place's first run is the baseline.",
    "baseline_source": "Who measured the baseline, and when; goes with baseline.",
}
"""The keys of `[[outcome]]` and what each says."""

FUND_WORDS = {
    "name": "As the accounts call it.",
    "holder": "The kind of organisation that holds it.",
    "basis": "The law or grant it rests on; may be left out.",
}
"""The keys of `[[fund]]` and what each says."""

_TEXT = {"type": "string", "pattern": r"\S"}
_NUMBER = {"type": "integer", "maximum": LARGEST}
_STANDING = {"enum": [member.value for member in Standing]}


def problem_schema() -> dict[str, Any]:
    """Return the schema of the document. The reader refuses whatever it refuses, and some things that it lets pass."""
    top = {
        "id": _name(LONGEST_ID),
        "name": _TEXT,
        "purpose": _TEXT,
        "purpose_code": _one_of(PURPOSES),
        "partners": _list_of(ORGANISATION_KINDS),
        "waits": _list_of(WAIT_KINDS),
        "plan": _one_of(PLANS),
        "cohort": _cohort(),
        "rule": {"type": "array", "items": {"oneOf": _rules()}},
        "outcome": {"type": "array", "items": _outcome()},
        "fund": {"type": "array", "items": _fund()},
    }
    needed = [key for key in top if key not in ("rule", "outcome", "fund")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Problem statement of a place",
        **_table(_described(top, TOP_WORDS), needed),
    }


def _cohort() -> dict[str, Any]:
    lists = {name: {"type": "array", "items": {"oneOf": _conditions()}} for name in LISTS}
    cohort = _table(_described(lists, COHORT_WORDS), [])
    positive = [{"required": [name], "properties": {name: {"minItems": 1}}} for name in ("all_of", "any_of")]
    return cohort | {"anyOf": positive}


def _conditions() -> list[dict[str, Any]]:
    keys = {
        "wait": _list_of(WAIT_KINDS),
        "clock": _list_of(RUNNING_CLOCKS),
        "days_at_least": _NUMBER | {"minimum": 1},
        "days_left_at_most": _NUMBER | {"minimum": 0},
        "wait_as": _STANDING,
        "backlogs_at_least": _NUMBER | {"minimum": 1, "maximum": len(BACKLOGS)},
        "stay": _list_of(STAY_KINDS),
        "district": {
            "type": "array",
            "items": {"type": "string", "pattern": f"^{DISTRICT.pattern}$"},
            "uniqueItems": True,
            "minItems": 1,
        },
        "episode": _list_of(EPISODE_KINDS),
        "need": _list_of(NEEDS),
        "whose": _list_of(WHOSE_NEED),
        "age_at_least": _NUMBER | {"minimum": 0},
        "age_under": _NUMBER | {"minimum": 0},
    }
    described = _described(keys, CONDITION_WORDS)
    forms = (
        (("wait", "clock", "days_at_least", "days_left_at_most", "wait_as"), ("wait",)),
        (("backlogs_at_least",), ("backlogs_at_least",)),
        (("stay",), ("stay",)),
        (("district",), ("district",)),
        (("episode",), ("episode",)),
        (("need", "whose"), ("need",)),
    )
    found = [_table({key: described[key] for key in names}, list(needed)) for names, needed in forms]
    ages = {key: described[key] for key in ("age_at_least", "age_under")}
    return [*found, _table(ages, []) | {"minProperties": 1}]


def _rules() -> list[dict[str, Any]]:
    words = {
        "reason": _TEXT,
        "owner_organisation": _one_of(ORGANISATION_KINDS),
        "owner_role": _TEXT | {"maxLength": LONGEST_ROLE},
        "next_action": _TEXT,
        CLEARED_BY: _TEXT,
    }
    of_group = _table(_some(words, WORD_KEYS), list(WORD_KEYS))
    of_item = _table(words, list(WORD_KEYS))
    reasons = [item.reason for item in READINESS_ITEMS.values() if item.group in PREVENTABLE]
    causes = _table(dict.fromkeys(PREVENTABLE, of_group), []) | {"minProperties": 1}
    keys = {
        "id": _name(LONGEST_RULE_ID),
        "held": _one_of(WAIT_KINDS),
        "held_as": _STANDING,
        "held_by": {"type": "string"},
        "holders": _list_of(WAIT_KINDS),
        "whose": _one_of(member.value for member in Whose),
        "holder_as": _STANDING,
        "evidence": _name(LONGEST_EVIDENCE),
        "cause": causes,
        "item": _table(dict.fromkeys(reasons, of_item), []),
        **words,
    }
    described = _described(keys, RULE_WORDS)
    forms = {
        "wait": (("holders", "whose", *WORD_KEYS), ("holder_as",)),
        "missing_evidence": (("evidence", *WORD_KEYS), ()),
        "adjourned_hearing": (("cause",), ("item",)),
        "no_future_hearing": (WORD_KEYS, ()),
    }
    return [_rule(described, form, *keys) for form, keys in forms.items()]


def _rule(described: Mapping[str, Any], form: str, needed: Iterable[str], optional: Iterable[str]) -> dict[str, Any]:
    always = ("id", "held", "held_by")
    properties = _some(described, (*always, "held_as", *needed, *optional))
    properties["held_by"] = {"const": form, "description": described["held_by"]["description"]}
    return _table(properties, [*always, *needed])


def _outcome() -> dict[str, Any]:
    keys = {
        "id": _name(LONGEST_ID),
        "name": _TEXT,
        "unit": _TEXT,
        "better": _one_of(BETTER),
        "how": _TEXT,
        "measured_from": _list_of(COLUMNS),
        "baseline": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
        "baseline_source": _TEXT,
    }
    needed = [key for key in keys if not key.startswith("baseline")]
    together = {"baseline": ["baseline_source"], "baseline_source": ["baseline"]}
    return _table(_described(keys, OUTCOME_WORDS), needed) | {"dependentRequired": together}


def _fund() -> dict[str, Any]:
    keys = {"name": _TEXT, "holder": _one_of(ORGANISATION_KINDS), "basis": _TEXT}
    return _table(_described(keys, FUND_WORDS), ["name", "holder"])


def _described(properties: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys with what each says; a key without words, or words without a key, is a fault of ours."""
    if properties.keys() != words.keys():
        raise KeyError("every key of a problem file has its words beside the schema")
    return {name: {**rule, "description": words[name]} for name, rule in properties.items()}


def _some(properties: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: rule for name, rule in properties.items() if name in names}


def _table(properties: Mapping[str, Any], needed: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def _one_of(codes: Iterable[str]) -> dict[str, Any]:
    return {"enum": list(codes)}


def _list_of(codes: Iterable[str]) -> dict[str, Any]:
    return {"type": "array", "items": _one_of(codes), "uniqueItems": True, "minItems": 1}


def _name(longest: int) -> dict[str, Any]:
    return {"type": "string", "pattern": "^[a-z0-9_]*[a-z0-9][a-z0-9_]*$", "maxLength": longest}
