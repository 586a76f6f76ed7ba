"""Reading the datasets: those that ship and those that a place writes. Strict: nothing unknown passes."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from braid.analysis.columns import KINDS, PSEUDONYMS, check_column
from braid.analysis.model import Dataset, DatasetColumn, DatasetInvalid, DatasetRefused, DatasetTable
from braid.analysis.rungs import COMMON, NONE, RUNGS, find_coarseness
from braid.language.codes import BACKLOGS
from braid.trust.roles import PURPOSES, VICTIM_RESPONSE

SHIPPED = ("school_from_ta", "victim_response", "court_readiness", "backlog_measures")
UNITS = ("person", "household", "row")
LEAST_K = 5
LEAST_REASON = 40
"""Characters. A reason that names no law in fewer is none."""

_KEYS = (
    "id name purpose cohort backlogs unit k retention_days optout_applies optout_reason existence_rows table".split()
)
_TABLE_KEYS = ("name", "from", "pseudonyms", "column")
_COLUMN_KEYS = ("name", "from", "ladder")


def load_datasets(place_folder: Path | None = None) -> dict[str, Dataset | DatasetRefused]:
    """Return the datasets that ship and those under `datasets/*.toml` of the place folder, by id.

    A place's dataset replaces the shipped one of the same id. One that breaks a rule of trust is there as the refusal.
    Raises `DatasetInvalid` for a file that is none.
    """
    folder = resources.files("braid.analysis").joinpath("datasets")
    texts = {f"{name}.toml": folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in SHIPPED}
    for path in sorted(place_folder.glob("datasets/*.toml")) if place_folder else ():
        try:
            texts[path.name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise DatasetInvalid(f"{path.name}: the file cannot be read as text; save it as UTF-8 TOML") from None
    return dict(_parsed(text, file) for file, text in texts.items())


def _parsed(text: str, file: str) -> tuple[str, Dataset | DatasetRefused]:
    try:
        return file.removesuffix(".toml"), parse_dataset(text, file)
    except DatasetRefused as refusal:
        return file.removesuffix(".toml"), refusal


def parse_dataset(text: str, file: str) -> Dataset:
    """Return the dataset that `text` describes; `file` names it in messages and is its id with `.toml`.

    Raises `DatasetInvalid` for its form, `DatasetRefused` for what it may not take or does not justify.
    """
    try:
        top = _Fields(file, tomllib.loads(text), _KEYS)
    except (ValueError, RecursionError):
        raise DatasetInvalid(f"{file}: not TOML; correct its syntax") from None
    if top.text("id") != file.removesuffix(".toml") or not _is_code(top.text("id")):
        raise top.refuse("id", "is the file's name: unaccented letters, digits and underscores; rename one of the two")
    dataset = Dataset(
        dataset_id=top.text("id"),
        name=top.text("name"),
        purpose=top.code("purpose", PURPOSES),
        cohort=top.text("cohort", needed=False),
        backlogs=top.codes("backlogs", BACKLOGS),
        unit=top.code("unit", UNITS),
        k=top.number("k"),
        retention_days=top.number("retention_days"),
        optout_applies=_optout_applies(top),
        optout_reason=top.text("optout_reason", needed=False),
        existence_rows=top.flag("existence_rows"),
        tables=tuple(_table(table) for table in top.tables("table", _TABLE_KEYS)),
    )
    _check_shape(top, dataset)
    _check_trust(top, dataset)
    return dataset


def _is_code(text: str) -> bool:
    return text.isascii() and text.replace("_", "").isalnum()


def _optout_applies(top: _Fields) -> bool:
    if not isinstance(top.values.get("optout_applies"), bool):
        raise DatasetRefused(
            f"{top.where}: optout_applies is missing (national data opt-out: every use states it); write true or false"
        )
    return bool(top.values["optout_applies"])


def _table(fields: _Fields) -> DatasetTable:
    taken = fields.text("from")
    columns = fields.tables("column", _COLUMN_KEYS)
    for column in columns:
        check_column(column.where, taken, column.text("from"))
    pseudonyms = fields.codes("pseudonyms", PSEUDONYMS[taken], at_least_one=False)
    return DatasetTable(_name(fields), taken, pseudonyms, tuple(_column(column, taken) for column in columns))


def _column(fields: _Fields, table: str) -> DatasetColumn:
    taken = fields.text("from")
    kind = KINDS[table][taken]
    known = {code: rung for code, rung in RUNGS.items() if rung.kind == kind and (code != COMMON or table == "person")}
    ladder = fields.codes("ladder", (*known, NONE))
    steps = [find_coarseness(code) for code in ladder]
    if steps != sorted(steps):
        raise fields.refuse("ladder", "goes from fine to coarse; put its rungs in that order")
    return DatasetColumn(_name(fields), taken, ladder)


def _name(fields: _Fields) -> str:
    name = fields.text("name")
    if not name.isidentifier() or name.lower() != name:
        raise fields.refuse("name", "has small letters, digits and underscores; rename it")
    return name


def _check_shape(top: _Fields, dataset: Dataset) -> None:
    """Raise `DatasetInvalid` where the parts do not fit together."""
    columns = [column for table in dataset.tables for column in table.columns]
    if len({len(column.ladder) for column in columns}) != 1:
        raise top.refuse("ladder", "has one rung a level in every column; make all ladders as long as the longest")
    for names in (
        [table.name for table in dataset.tables],
        [table.taken for table in dataset.tables],
        *([*table.pseudonyms, *(column.name for column in table.columns)] for table in dataset.tables),
    ):
        if len(set(names)) < len(names):
            raise top.refuse("table", "takes or names something twice; keep one of them")
    if dataset.unit == "row":
        if [(table.taken, table.pseudonyms) for table in dataset.tables] != [("person_wait", ())]:
            raise top.refuse("unit", "of single rows has one table, from person_wait, without pseudonyms")
    elif any("person" not in table.pseudonyms for table in dataset.tables):
        raise top.refuse("pseudonyms", 'of every table name "person"; or write unit = "row"')
    if any("household" in table.pseudonyms for table in dataset.tables) != (dataset.unit == "household"):
        raise top.refuse("unit", 'is "household" where, and only where, households have pseudonyms: they stand out too')


def _check_trust(top: _Fields, dataset: Dataset) -> None:
    """Raise `DatasetRefused` where the dataset does not justify itself, or would leave people too few alike."""
    if len(dataset.optout_reason) < LEAST_REASON:
        raise DatasetRefused(
            f"{top.where}: optout_reason is missing or too short (national data opt-out: why it applies or does not,"
            f" with the law); write {LEAST_REASON} characters or more"
        )
    if dataset.k < LEAST_K:
        raise DatasetRefused(f"{top.where}: k is below {LEAST_K}; fewer people alike are told apart; write {LEAST_K}")
    if dataset.cohort not in ("", dataset.purpose):
        raise DatasetRefused(
            f"{top.where}: cohort is neither left out nor {dataset.purpose}, the purpose; whom another statement"
            f" concerns is not for this purpose to tell; write {dataset.purpose}, or leave it out"
        )
    secret = dataset.cohort == VICTIM_RESPONSE or "victim_support" in dataset.backlogs or dataset.existence_rows
    if secret and not (dataset.existence_rows and dataset.purpose == VICTIM_RESPONSE):
        raise DatasetRefused(
            f"{top.where}: who gets support after harm is a secret that only the purpose {VICTIM_RESPONSE} takes, with"
            " existence_rows = true; take it out"
        )


class _Fields:
    """One table of the file, with its place for messages."""

    def __init__(self, where: str, values: Mapping[str, Any], known: Collection[str]) -> None:
        self.where, self.values = where, values
        unknown = sorted(values.keys() - set(known))
        if unknown:
            raise self.refuse(repr(unknown[0]), f"is not known; keys are {', '.join(known)}")

    def refuse(self, key: str, rule: str) -> DatasetInvalid:
        return DatasetInvalid(f"{self.where}: {key} {rule}")

    def text(self, key: str, *, needed: bool = True) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.refuse(key, f'must be a text; write {key} = "…"')
        return value.strip()

    def code(self, key: str, known: Collection[str]) -> str:
        value = self.text(key)
        if value not in known:
            raise self.refuse(key, f"is none of {', '.join(known)}; write one of them")
        return value

    def codes(self, key: str, known: Collection[str], *, at_least_one: bool = True) -> tuple[str, ...]:
        values = self.values.get(key)
        if not isinstance(values, list) or (at_least_one and not values) or not all(one in known for one in values):
            raise self.refuse(key, f"is a list of {', '.join(known)}; write it in square brackets")
        return tuple(values)

    def number(self, key: str) -> int:
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.refuse(key, "must be a whole number of 1 or more")
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.refuse(key, "must be true or false")
        return value

    def tables(self, key: str, known: Collection[str]) -> list[_Fields]:
        values = self.values.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
            raise self.refuse(key, f"must be at least one table; begin each with [[{key}]]")
        return [_Fields(f"{self.where}: {key} {number}", value, known) for number, value in enumerate(values, 1)]
