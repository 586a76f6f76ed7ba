"""What is compared between two records, level by level.

Levels are SQL conditions over the linkage table's columns with `_l` and `_r`; the first that holds counts, a missing
value is no evidence. Cheap equality stands first so that string measures run on few pairs. Levels follow the
practice of probabilistic linkage (Fellegi and Sunter): forms of one name, swapped names, day and
month changed over, sectors.
"""

from __future__ import annotations

from dataclasses import dataclass

from braid.people.candidate_keys import PLACE_KEYS, KeyPlan


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

    def gamma(self, level: str) -> int:
        """Return Splink's number of a level: `else` is 0, and the best has the highest."""
        return len(self.level_names) - 1 - self.level_names.index(level)


@dataclass(frozen=True)
class Design:
    """What linking compares: fields, the keys by which pairs are found, and what is never joined by itself.

    `never` is an SQL condition over the levels (`gamma_…`) that pairs reached, and so is `confused`: pairs that a
    number alone would join, against what else they hold; `little` are pairs of which too little is known to join them,
    whatever that weighs. `true_pairs_per_record` sets the prior together with the
    number of records.
    """

    comparisons: tuple[Comparison, ...]
    keys: KeyPlan
    never: str
    true_pairs_per_record: float
    confused: str = "false"
    little: str = "false"


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
_NEAR_FORM = "length(forename_{0}) >= 5 and damerau_levenshtein(forename_{0}, forename_groups_{1}[1]) <= 1"
_LOOSE = (
    f"({_NEAR_FORM.format('l', 'r')}) or ({_NEAR_FORM.format('r', 'l')})"
    " or (least(length(forename_l), length(forename_r)) >= 6 and damerau_levenshtein(forename_l, forename_r) <= 2)"
)
"""A slip in one name and a short form in the other (Dqniel, Danny), or two slips in a long one."""
_SECTOR = "substr(postcode_l, 1, length(postcode_l) - 2) = substr(postcode_r, 1, length(postcode_r) - 2)"

_NOBODYS_DATE = "coalesce(birth_doubt_l, '') = 'placeholder' or coalesce(birth_doubt_r, '') = 'placeholder'"
"""Where a calendar of a database begins is nobody's birth date: two such dates have nothing in common."""
GENERATION_YEARS = 12
"""So many years lie between a parent and a child at least. One slip of the pen in a decade looks the same, and is rarer
among people of one name and home than a son who bears his father's."""
_NEXT_DAY = (
    "not birth_vague_l and not birth_vague_r and abs(cast(birth_date_l as date) - cast(birth_date_r as date)) = 1"
)
"""A day too early or too late, as a clock of another time zone makes of midnight."""
_YEAR = "cast(substr(birth_date_{0}, 1, 4) as integer)"
_NEAR_YEARS = f"abs({_YEAR.format('l')} - {_YEAR.format('r')}) < {GENERATION_YEARS}"
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
            Level("loose", _LOOSE),
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
        f"{_missing('birth_date')} or {_NOBODYS_DATE}",
        (
            Level("exact", "birth_date_l = birth_date_r and not birth_vague_l"),
            Level("vague", "birth_date_l = birth_date_r"),
            Level("swapped", "birth_date_l = birth_date_swapped_r"),
            Level("next_day", _NEXT_DAY),
            Level("edit", f"damerau_levenshtein(birth_date_l, birth_date_r) <= 1 and {_NEAR_YEARS}"),
            Level(
                "vague_year",
                "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) and (birth_vague_l or birth_vague_r)",
            ),
            Level("two_parts", f"levenshtein(birth_date_l, birth_date_r) <= 2 and {_NEAR_YEARS}"),
            Level("year", "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4)"),
            Level("vague_else", "birth_vague_l or birth_vague_r"),
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
"""The last says that a partner seldom keeps one person twice."""


def _gamma(comparison: str, level: str) -> int:
    """Return the number of a level of a place's comparisons."""
    return next(each for each in COMPARISONS if each.name == comparison).gamma(level)


_NUMBER_SHARED = "greatest(gamma_nhs, gamma_upn, gamma_la_child, gamma_nino) > 0"
_BORN_ON_ONE_DAY = f"gamma_birth >= {_gamma('birth', 'vague')}"
_HOME = f"gamma_place > {_gamma('place', 'sector')}"
"""A home in common: no neighbourhood is one."""
_NO_NAME_YET = "gamma_forename < 0 and gamma_surname >= 0"
"""Surnames, and a forename missing: a newborn's row, or somebody's of whom no more is known. (A list without names has
no surnames either.)"""
_TWINS = " or ".join(
    (
        "gamma_forename = 0",  # no name in common
        f"(gamma_sex = 0 and gamma_forename in ({_gamma('forename', 'near')}, {_gamma('forename', 'similar')},"
        f" {_gamma('forename', 'loose')}))",  # Sean and Jean: a slip of the pen changes no sex besides
        # Mohammed Amin and Mohammed Tariq, to whom an office gave one first of January
        f"(gamma_middle = 0 and gamma_birth = {_gamma('birth', 'vague')} and gamma_forename in"
        f" ({_gamma('forename', 'exact')}, {_gamma('forename', 'near')}, {_gamma('forename', 'similar')}))",
        f"({_NO_NAME_YET} and gamma_feed = 0)",  # two babies of one list: a list seldom holds one baby twice
    )
)
_LIKE_TWO = f"(({_BORN_ON_ONE_DAY} and ({_TWINS})) or gamma_birth = 0)"
"""Like two people of one family: born on one day as twins, whom names, sex or one list tell apart; or two whole birth
dates with nothing in common, as father and son, or brothers. Surname and home then say nothing, for they share them,
and names that are alike say little, for one is often named after the other."""
NEVER = f"{_LIKE_TWO} and not {_NUMBER_SHARED}"
"""Scored pairs that look like two of a family and share no identifier: they are never joined by themselves."""
CONFUSED = f"(gamma_forename = 0 or gamma_birth = 0) and {_NUMBER_SHARED}"
"""An identifier in common, and forenames or whole dates of birth that have nothing: a number copied from a sister, or a
child who is called otherwise now. Two people on one number are a confusion (NHS England's word), which a human tells
from a change."""

_EXACT = f"gamma_forename = {_gamma('forename', 'exact')} and gamma_birth = {_gamma('birth', 'exact')}"
_WITHOUT_NUMBER = " or ".join(
    (
        f"(gamma_birth < 0 and not {_HOME})",  # names alone: others may bear the same
        f"(gamma_feed = 0 and gamma_forename >= 0 and not ({_EXACT}))",  # a list seldom holds somebody twice
        "(gamma_birth < 0 and gamma_forename <= 0)",  # surname and home alone: they are the family's
        f"(gamma_forename < 0 and not {_HOME})",  # surname and birth date alone
        f"(gamma_surname = 0 and not {_HOME})",  # forename and birth date alone, of two surnames
        f"(gamma_birth = {_gamma('birth', 'vague')} and not {_HOME})",  # names, and a date that stands for a year
    )
)
LITTLE = f"case when {_NUMBER_SHARED} then gamma_birth < 0 and {_NO_NAME_YET} else {_WITHOUT_NUMBER} end"
"""Too little to go by: of forename, birth date and home fewer than two in common, and no number. A number in common
needs one of forename and birth date: a mother's is often written on her newborn's row."""

PLACE = Design(COMPARISONS, PLACE_KEYS, NEVER, 1.5, CONFUSED, LITTLE)
"""What is compared in a place of eight partners; 1.5 true pairs a record is a rule of thumb for it."""
