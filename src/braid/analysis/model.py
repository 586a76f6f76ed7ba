"""The nouns of a dataset for analysts: what it takes, for which purpose, and how what stands out is made coarser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.trust.agreements import Agreement


class DatasetInvalid(Exception):
    """A dataset's file breaks a rule of its form. Exit code 2. The message names file, place, rule and next step."""


class DatasetRefused(Exception):
    """The dataset may not be built. Exit code 5. The message names the rule that refuses and the next step."""


@dataclass(frozen=True)
class DatasetColumn:
    """One column: its `name` in the dataset, the finding column it is `taken` from, and its ladder.

    `ladder` holds one rung a level, finest first: how the value is written for people who are put on that level.
    """

    name: str
    taken: str
    ladder: tuple[str, ...]


@dataclass(frozen=True)
class DatasetTable:
    """One table: its `name` in the dataset, the finding table it is `taken` from, its pseudonyms and its columns.

    `pseudonyms` are among person, household and wait.
    """

    name: str
    taken: str
    pseudonyms: tuple[str, ...]
    columns: tuple[DatasetColumn, ...]


@dataclass(frozen=True)
class Dataset:
    """A dataset as its file declares it.

    `purpose` is a code of `braid.trust.roles.PURPOSES`; `cohort` is the problem statement whose people it is about, or
    empty for everybody who waits; `backlogs` are those whose waits it takes. Whoever stands in it is, in all that it
    says of them, like at least `k` - 1 others: `unit` says what is counted, a person, a household, or single rows that
    nothing ties together. `existence_rows` takes rows whose existence is itself the secret.
    """

    dataset_id: str
    name: str
    purpose: str
    cohort: str
    backlogs: tuple[str, ...]
    unit: str
    k: int
    retention_days: int
    optout_applies: bool
    optout_reason: str
    existence_rows: bool
    tables: tuple[DatasetTable, ...]

    @property
    def levels(self) -> int:
        """How many rungs each ladder has."""
        return len(self.tables[0].columns[0].ladder)

    def taken_from(self, table: str) -> DatasetTable | None:
        """Return the table taken from finding `table`, or `None`."""
        return next((each for each in self.tables if each.taken == table), None)


@dataclass(frozen=True)
class Permission:
    """The agreement under which a dataset is built: who receives it, whose rows are open to them, and until when.

    `providers` maps each backlog of the dataset to the organisations that provide its waits.
    """

    agreement: Agreement
    receiver: str
    providers: Mapping[str, frozenset[str]]
    live_to: dt.datetime
