"""What is compared between two records, level by level.

Levels are SQL conditions over the linkage table's columns with `_l` and `_r`; the first that holds counts, a missing
value is no evidence. Cheap equality stands first so that string measures run on few pairs. Levels follow the
practice of probabilistic linkage (Fellegi and Sunter): forms of one name, swapped names, day and
month changed over, sectors.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One level of agreement. `rarity` names the column whose rare values weigh more."""

    name: str
    condition: str
    rarity: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One field: when it says nothing (`missing`), its levels from best to worst, and `else` for all other pairs."""

    name: str
    missing: str
    levels: tuple[Level, ...]

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels in order, with the closing `else`."""
        return (*(level.name for level in self.levels), "else")


@dataclass(frozen=True)
class Key:
    """A blocking key: records with an equal value are compared. `values` gives a list of texts per record, or NULL."""

    name: str
    values: str
    cap: int | None = None
    """The most records that may share a value of it; None: what the engine takes for all keys."""


@dataclass(frozen=True)
class Design:
    """What linking compares: fields, the keys by which pairs are found, and what is never joined by itself.

    Without keys of its own, pairs are found by the index of `candidate_keys`, which knows the columns of a place.
    `never` is an SQL condition over the levels (`gamma_…`) that pairs reached; `true_pairs_per_record` sets the prior
    together with the number of records.
    """

    comparisons: tuple[Comparison, ...]
    keys: tuple[Key, ...]
    never: str
    true_pairs_per_record: float


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _identifier(name: str) -> Comparison:
    return Comparison(name, _missing(name), (Level("equal", f"{name}_l = {name}_r"),))


_SWAPPED = (
    "(forename_l = surname_r and jaro_winkler_similarity(surname_l, forename_r) >= 0.8)"
    " or (surname_l = forename_r and jaro_winkler_similarity(forename_l, surname_r) >= 0.8)"
)
"""Forename and surname changed over; one of the two may be written otherwise (Mohammed Kashif, Kashif Muhammad)."""
ADULT_BEFORE = "2008-01-01"
"""Who was born before it is an adult, as at the time of the release: women who marry change their surname then."""
_BOTH_WOMEN = (
    f"sex_l = 'female' and sex_r = 'female' and birth_date_l < '{ADULT_BEFORE}' and birth_date_r < '{ADULT_BEFORE}'"
)
_MIDDLE = "len(forenames_l) < 2 or len(forenames_r) < 2 or forenames_l is null or forenames_r is null"
_INITIAL = "(length(forename_l) = 1 or length(forename_r) = 1) and substr(forename_l, 1, 1) = substr(forename_r, 1, 1)"
_SECTOR = "substr(postcode_l, 1, length(postcode_l) - 2) = substr(postcode_r, 1, length(postcode_r) - 2)"

_OTHER_NUMBERS = f"{_missing('la_child')} or council_l <> council_r or (feed_l <> feed_r and la_child_l <> la_child_r)"
"""A council's systems may number a child apart, so two numbers from two feeds say nothing; one number in both does."""

COMPARISONS = (
    Comparison(
        "forename",
        _missing("forename"),
        (
            Level("exact", "forename_l = forename_r", "forename"),
            Level("form", "list_has_any(forename_groups_l, forename_groups_r)"),
            Level("swapped", _SWAPPED),
            Level("initial", _INITIAL),
            Level("near", "jaro_winkler_similarity(forename_l, forename_r) >= 0.92"),
            Level(
                "similar",
                "jaro_winkler_similarity(forename_l, forename_r) >= 0.88"
                " or damerau_levenshtein(forename_l, forename_r) <= 1",
            ),
        ),
    ),
    Comparison(
        "surname",
        f"{_missing('surname')} or ({_SWAPPED})",  # swapped names count once, with the forename
        (
            Level("exact", "surname_l = surname_r", "surname"),
            Level("part", "list_has_any(surnames_l, surnames_r)"),
            Level("near", "jaro_winkler_similarity(surname_l, surname_r) >= 0.92"),
            Level(
                "similar",
                "jaro_winkler_similarity(surname_l, surname_r) >= 0.88"
                " or damerau_levenshtein(surname_l, surname_r) <= 1",
            ),
            Level("woman", _BOTH_WOMEN),  # another surname says less of a grown woman than of anybody else
        ),
    ),
    Comparison(
        "middle",
        _MIDDLE,
        (
            Level("equal", "list_has_any(forenames_l[2:], forenames_r[2:])"),
            Level("initial", "substr(forenames_l[2], 1, 1) = substr(forenames_r[2], 1, 1)"),
        ),
    ),
    Comparison(
        "birth",
        _missing("birth_date"),
        (
            Level("exact", "birth_date_l = birth_date_r and not birth_vague_l"),
            Level("vague", "birth_date_l = birth_date_r"),
            Level("swapped", "birth_date_l = birth_date_swapped_r"),
            Level("edit", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
            Level(
                "vague_year",
                "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) and (birth_vague_l or birth_vague_r)",
            ),
            Level("two_parts", "levenshtein(birth_date_l, birth_date_r) <= 2"),
            Level("year", "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4)"),
        ),
    ),
    Comparison(
        "place",
        _missing("postcode"),
        (
            Level("exact", "postcode_l = postcode_r", "postcode"),
            Level("shared", "list_has_any(postcodes_l, postcodes_r)"),
            Level("sector", _SECTOR),
            Level("edit", "damerau_levenshtein(postcode_l, postcode_r) <= 1"),
        ),
    ),
    _identifier("nhs"),
    Comparison("upn", _missing("upns"), (Level("equal", "list_has_any(upns_l, upns_r)"),)),
    Comparison("la_child", _OTHER_NUMBERS, (Level("equal", "la_child_l = la_child_r"),)),
    _identifier("nino"),
    _identifier("sex"),
    Comparison("feed", "feed_l is null or feed_r is null", (Level("different", "feed_l <> feed_r"),)),
)
"""The last says that a partner seldom keeps one person twice: ."""

TWINS = "gamma_forename = 0 and gamma_birth >= 6 and greatest(gamma_nhs, gamma_upn, gamma_la_child, gamma_nino) < 1"
"""Scored pairs that look like twins: born on one day, forenames with nothing in common, no identifier shared. Surname
and home then say nothing, since brothers and sisters share them, so such a pair is never joined by itself."""

PLACE = Design(COMPARISONS, (), TWINS, true_pairs_per_record=1.5)
"""What is compared in a place of eight partners; 1.5 true pairs a record is a rule of thumb for it."""
