"""The sets of people with known answers that linking is measured on, and what stock Splink is told of each.

The settings of stock Splink follow the tool's own published examples for these sets; where it has none (pseudopeople,
a place) they are its ready-made comparisons for names, birth dates, postcodes and identifiers, with rules of one or two
columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MAPPINGS = REPOSITORY / "tests" / "people" / "file_mappings"


@dataclass(frozen=True)
class Stock:
    """What stock Splink compares, as (name in its comparison library, columns, further arguments), and its rules.

    `rules` are columns that a pair shares; `deterministic` are conditions from which it reckons how many pairs are
    true; `training` the rules on which it trains; `recall` how many true pairs those conditions are said to find.
    """

    comparisons: tuple[tuple[str, tuple[str, ...], dict[str, object], bool], ...]
    rules: tuple[tuple[str, ...], ...]
    deterministic: tuple[str, ...]
    training: tuple[tuple[str, ...], ...]
    recall: float = 0.7
    link_type: str = "dedupe_only"


@dataclass(frozen=True)
class LabelledSet:
    """Files, the columns of id and true person, the mapping of ours, and the goal where there is one."""

    name: str
    files: tuple[str, ...]
    id_column: str
    truth_column: str
    mapping: str
    stock: Stock
    goal: tuple[str, float] | None = None


def _birth(column: str, form: str) -> tuple[str, tuple[str, ...], dict[str, object], bool]:
    return ("DateOfBirthComparison", (column,), {"input_is_string": True, "datetime_format": form}, False)


def _compare(
    name: str, *columns: str, rarity: bool = False, **more: object
) -> tuple[str, tuple[str, ...], dict[str, object], bool]:
    return (name, columns, more, rarity)


_FAKE = Stock(
    comparisons=(
        _compare("NameComparison", "first_name", rarity=True),
        _compare("NameComparison", "surname", rarity=True),
        _birth("dob", "%Y-%m-%d"),
        _compare("ExactMatch", "city", rarity=True),
        _compare("EmailComparison", "email"),
    ),
    rules=(("first_name",), ("surname",)),
    deterministic=(
        "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
        "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        "l.email = r.email",
    ),
    training=(("first_name", "surname"), ("dob",)),
)
_FEBRL = Stock(
    comparisons=(
        _compare("NameComparison", "given_name", rarity=True),
        _compare("NameComparison", "surname", rarity=True),
        _birth("date_of_birth", "%Y%m%d"),
        _compare("DamerauLevenshteinAtThresholds", "soc_sec_id", distance_threshold_or_thresholds=[1, 2]),
        _compare("ExactMatch", "street_number", rarity=True),
        _compare("DamerauLevenshteinAtThresholds", "postcode", distance_threshold_or_thresholds=[1, 2]),
    ),
    rules=(
        ("soc_sec_id",),
        ("given_name",),
        ("surname",),
        ("date_of_birth",),
        ("street_number", "address_1"),
        ("postcode", "suburb"),
    ),
    deterministic=(
        "l.soc_sec_id = r.soc_sec_id",
        "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
    ),
    training=(("date_of_birth",), ("soc_sec_id",)),
    recall=0.9,
)
_HISTORICAL = Stock(
    comparisons=(
        _compare(
            "ForenameSurnameComparison", "first_name", "surname", forename_surname_concat_col_name="first_and_surname"
        ),
        _birth("dob", "%Y-%m-%d"),
        _compare("PostcodeComparison", "postcode_fake"),
        _compare("ExactMatch", "birth_place", rarity=True),
        _compare("ExactMatch", "occupation", rarity=True),
    ),
    rules=(
        ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("postcode_fake", "first_name"),
        ("postcode_fake", "surname"),
        ("dob", "birth_place"),
        ("substr(postcode_fake, 1, 3)", "dob"),
        ("substr(postcode_fake, 1, 3)", "first_name"),
        ("substr(postcode_fake, 1, 3)", "surname"),
        ("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
    ),
    deterministic=(
        "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
        "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
    ),
    training=(("first_name", "surname"), ("dob",)),
    recall=0.6,
)
_PSEUDOPEOPLE = Stock(
    comparisons=(
        _compare("NameComparison", "first_name"),
        _compare("NameComparison", "last_name", rarity=True),
        _birth("date_of_birth", "%Y-%m-%d"),
        _compare("ExactMatch", "middle"),
        _compare("ExactMatch", "sex"),
        _compare("ExactMatch", "ssn"),
        _compare("ExactMatch", "street_name", rarity=True),
    ),
    rules=(
        ("ssn",),
        ("first_name", "last_name"),
        ("first_name", "date_of_birth"),
        ("last_name", "date_of_birth"),
        ("street_number", "street_name"),
        ("last_name", "substr(first_name, 1, 1)"),
    ),
    deterministic=(
        "l.ssn = r.ssn",
        "l.first_name = r.first_name and l.last_name = r.last_name and l.date_of_birth = r.date_of_birth",
    ),
    training=(("first_name", "last_name"), ("date_of_birth",)),
)

PLACE = Stock(
    comparisons=(
        _compare("NameComparison", "forename", rarity=True),
        _compare("NameComparison", "surname", rarity=True),
        _birth("birth_date", "%Y-%m-%d"),
        _compare("PostcodeComparison", "postcode"),
        _compare("ExactMatch", "sex"),
        _compare("ExactMatch", "nhs"),
        _compare("ExactMatch", "upn"),
    ),
    rules=(
        ("nhs",),
        ("upn",),
        ("forename", "surname"),
        ("forename", "birth_date"),
        ("surname", "birth_date"),
        ("postcode", "birth_date"),
        ("postcode", "forename"),
    ),
    deterministic=(
        "l.nhs = r.nhs",
        "l.forename = r.forename and l.surname = r.surname and l.birth_date = r.birth_date",
    ),
    training=(("forename", "surname"), ("birth_date",)),
)
SETS = {
    one.name: one
    for one in (
        LabelledSet("fake_1000", ("fake_1000",), "unique_id", "cluster", "fake_1000", _FAKE),
        LabelledSet("febrl3", ("febrl3",), "rec_id", "cluster", "febrl3", _FEBRL),
        LabelledSet("febrl4", ("febrl4a", "febrl4b"), "rec_id", "cluster", "febrl4", _FEBRL),
        LabelledSet(
            "historical_50k",
            ("historical_50k",),
            "unique_id",
            "cluster",
            "historical_50k",
            _HISTORICAL,
            ("B-cubed F1", 0.90),
        ),
        LabelledSet(
            "pseudopeople_default",
            ("pseudopeople_default",),
            "record_id",
            "simulant_id",
            "pseudopeople_default",
            _PSEUDOPEOPLE,
            ("F1", 0.993),
        ),
    )
}
