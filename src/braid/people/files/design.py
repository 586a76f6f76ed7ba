"""What is compared between two rows of brought tables, and the keys by which pairs are found.

Only what the mapping names is compared. Levels and keys follow those of a place (`braid.people.comparisons`), without
its United Kingdom identifiers and with addresses of any country.
"""

from __future__ import annotations

from braid.people.candidate_keys import KeyPlan, Rule
from braid.people.comparisons import Comparison, Design, Level
from braid.people.files.mapping import Comparable, FileMapping

TRUE_PAIRS_PER_RECORD = 1.5
"""A rule of thumb, as for a place; of two files of the same people it is about 0.5."""
KEY_ROWS = 200
"""A key that more rows share says nothing: a hostel's postcode with a common name."""
VALUE_ROWS = 60
"""Any other value held by no more rows than this finds pairs by itself; by more, only together with a surname."""

_SWAPPED = "forename_l = surname_r and surname_l = forename_r"
_INITIAL = "(length(forename_l) = 1 or length(forename_r) = 1) and substr(forename_l, 1, 1) = substr(forename_r, 1, 1)"
_PARTS = "list_contains(name_words_l, {0}_r) or list_contains(name_words_r, {0}_l)"


def make_design(mapping: FileMapping) -> Design:
    """Return what a mapping has compared. Its comparisons stand in the order of `mapping.COLUMNS`, then the rest."""
    names = mapping.columns.keys()
    has_name = bool({"forename", "surname", "full_name"} & names)
    comparisons = [
        *((_FORENAME, _SURNAME) if has_name else ()),
        *((_OTHER_NAMES,) if {"other_names", "full_name"} & names else ()),
        *((_BIRTH,) if mapping.birth else ()),
        *((_SEX,) if "sex" in names else ()),
        *((_address(mapping),) if {"street", "town", "postcode"} & names else ()),
        *(_identifier(f"id_{item.scheme}") for item in mapping.identifiers),
        *(_comparable(item) for item in mapping.comparables),
    ]
    return Design(
        tuple(comparisons),
        KeyPlan(_SOURCE, tuple(_rules(mapping, has_name=has_name))),
        _never(mapping, has_name=has_name),
        TRUE_PAIRS_PER_RECORD,
    )


def _never(mapping: FileMapping, *, has_name: bool) -> str:
    """Return what is never joined by itself: forenames with nothing in common, and no birth date that says otherwise.

    What else such a pair shares is a family's: surname and home, and where further names tell the two apart as well an
    identifier that was lent or copied. Without further names a shared identifier is believed.
    """
    if not has_name:
        return "false"
    conditions = ["gamma_forename = 0"]
    conditions += [f"gamma_birth < {_NEAR_BIRTH}"] if mapping.birth else []
    if {"other_names", "full_name"} & mapping.columns.keys():
        return " and ".join((*conditions, "gamma_other_names < 1"))
    return " and ".join((*conditions, *(f"gamma_id_{item.scheme} < {_EQUAL}" for item in mapping.identifiers)))


def training_columns(mapping: FileMapping) -> tuple[str, ...]:
    """Return the columns on which pairs that train the weights agree: two or three that tell of different things."""
    names = mapping.columns.keys()
    columns = ["birth_date"] if mapping.birth else []
    columns += ["surname"] if {"surname", "full_name"} & names else []
    columns += [name for name in ("postcode", "street") if name in names][:1]
    columns += [f"id_{item.scheme}" for item in mapping.identifiers] if len(columns) < 2 else []
    return tuple(columns or ["forename"])


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _similar(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _edit(column: str) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= 1"


_FORENAME = Comparison(
    "forename",
    _missing("forename"),
    (
        Level("exact", "forename_l = forename_r", "forename"),
        Level("form", "list_has_any(forename_groups_l, forename_groups_r)"),
        Level("swapped", _SWAPPED),
        Level("initial", _INITIAL),
        Level("near", _similar("forename", 0.92)),
        Level("similar", _edit("forename")),
        Level("part", _PARTS.format("forename")),
        Level("start", "substr(forename_l, 1, 3) = substr(forename_r, 1, 3)"),
    ),
)
_SURNAME = Comparison(
    "surname",
    f"{_missing('surname')} or ({_SWAPPED})",
    (
        Level("exact", "surname_l = surname_r", "surname"),
        Level("part", f"list_has_any(surnames_l, surnames_r) or {_PARTS.format('surname')}"),
        Level("near", _similar("surname", 0.92)),
        Level("similar", _edit("surname")),
    ),
)
_OTHER_NAMES = Comparison(
    "other_names",
    _missing("other_names"),
    (
        Level("shared", "list_has_any(other_names_l, other_names_r)"),
        Level(
            "initial",
            "(length(other_names_l[1]) = 1 or length(other_names_r[1]) = 1)"
            " and substr(other_names_l[1], 1, 1) = substr(other_names_r[1], 1, 1)",
        ),
        Level("near", "jaro_winkler_similarity(other_names_l[1], other_names_r[1]) >= 0.92"),
    ),
)
_BIRTH = Comparison(
    "birth",
    _missing("birth_date"),
    (
        Level("exact", "birth_date_l = birth_date_r and not birth_vague_l"),
        Level("vague", "birth_date_l = birth_date_r"),
        Level("swapped", "birth_date_l = birth_date_swapped_r"),
        Level("edit", _edit("birth_date")),
        Level(
            "vague_year", "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) and (birth_vague_l or birth_vague_r)"
        ),
        Level("two_parts", "levenshtein(birth_date_l, birth_date_r) <= 2"),
        Level("year", "substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4)"),
    ),
)
_NEAR_BIRTH, _EQUAL = 4, 2
"""The levels of a birth date with one slip and of an equal identifier; the engine counts levels from the last."""
_SEX = Comparison("sex", _missing("sex"), (Level("equal", "sex_l = sex_r"),))


def _address(mapping: FileMapping) -> Comparison:
    """Return one comparison of the whole address: street, postcode and town of two people are alike together."""
    parts = [name for name in ("street", "postcode", "town") if name in mapping.columns]
    levels = {
        "street": (
            Level("street", "street_l = street_r", "street"),
            Level("street_near", _similar("street", 0.92)),
        ),
        "postcode": (
            Level("postcode", "postcode_l = postcode_r", "postcode"),
            Level("postcode_edit", _edit("postcode")),
        ),
        "town": (Level("town", "town_l = town_r", "town"), Level("town_near", _similar("town", 0.92))),
    }
    missing = " and ".join(f"({_missing(name)})" for name in parts)
    return Comparison("address", missing, tuple(level for name in parts for level in levels[name]))


def _identifier(name: str) -> Comparison:
    return Comparison(name, _missing(name), (Level("equal", f"{name}_l = {name}_r"), Level("edit", _edit(name))))


def _comparable(item: Comparable) -> Comparison:
    column = f"value_{item.name}"
    exact = Level("exact", f"{column}_l = {column}_r", column)
    if item.kind == "number":
        near = [Level(f"within_{n}", f"abs({column}_l - {column}_r) <= {n}") for n in item.within]
        levels = (Level("exact", f"{column}_l = {column}_r"), *near)
    elif item.kind == "text":
        levels = (exact, Level("near", _similar(column, 0.92)), Level("similar", _similar(column, 0.8)))
    else:
        levels = (exact,)
    return Comparison(column, _missing(column), levels)


_SOURCE = """
  select *, substring(birth_date, 1, 4) as birth_year, substring(birth_date, 6, 5) as day_of_year,
    substring(birth_date, 1, 4) || least(birth_date, coalesce(birth_date_swapped, birth_date))
      || greatest(birth_date, coalesce(birth_date_swapped, birth_date)) as birth
  from records
"""
"""`birth` is the same text for a date and for the date with day and month changed over."""
_FIRST, _LAST = "substring(forename, 1, 1)", "substring(surname, 1, 1)"


def _rule(name: str, value: str, *lists: str, rows: int = KEY_ROWS) -> Rule:
    return Rule(name, value, lists, cap=rows)


def _rules(mapping: FileMapping, *, has_name: bool) -> list[Rule]:
    """Return the keys that a mapping has the columns for."""
    rules = [_rule(f"id_{item.scheme}", f"id_{item.scheme}") for item in mapping.identifiers]
    if has_name:
        rules += [
            _rule("swapped_names", "least(forename, surname) || '|' || greatest(forename, surname)"),
            _rule("rare_word", "one", "rare_words"),
        ]
    if has_name and mapping.birth:
        rules += [
            _rule("birth_surname", "one || '|' || birth", "surnames"),
            _rule("birth_forename", "one || '|' || birth", "forename_groups"),
            _rule("initials_birth", f"least({_FIRST}, {_LAST}) || greatest({_FIRST}, {_LAST}) || birth"),
            _rule("words_year", "one || '|' || birth_year", "name_words"),
            _rule("month_names", "one || '|' || surname || '|' || day_of_year", "forename_groups"),
        ]
    for name in _found_by(mapping):
        rules.append(_rule(name, name, rows=VALUE_ROWS))
        rules += [_rule(f"{name}_word", f"one || '|' || {name}", "name_words")] if has_name else []
        rules += [_rule(f"{name}_birth", f"{name} || birth")] if mapping.birth else []
    return rules


def _found_by(mapping: FileMapping) -> list[str]:
    """Return the columns of which a value that few rows hold finds pairs."""
    values = [f"value_{item.name}" for item in mapping.comparables if item.kind != "number"]
    return [*(name for name in ("street", "postcode", "town") if name in mapping.columns), *values]
