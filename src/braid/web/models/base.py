"""A row that keeps its values to itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Self

from django.db import connections, models
from django.db.models.base import ModelState
from django.db.models.sql import InsertQuery

MOST_AT_ONCE = 1000
"""Rows a statement: the database takes 65,535 values in one."""


class Appending(models.Manager[models.Model]):
    """Rows that are added without asking for anything back: whoever adds one may not be let to read it, or not yet."""

    def append_one(self, row: models.Model) -> None:
        """Insert a row; what the database gives (ids, when) is not read back."""
        self.append([row])

    def append(self, rows: Iterable[models.Model]) -> None:
        """Insert rows likewise, `MOST_AT_ONCE` a statement."""
        fields = [field for field in self.model._meta.concrete_fields if not isinstance(field, models.AutoField)]
        listed = list(rows)
        for start in range(0, len(listed), MOST_AT_ONCE):
            query = InsertQuery(self.model)
            query.insert_values(fields, listed[start : start + MOST_AT_ONCE])
            query.get_compiler(using=self.db).execute_sql()

    def append_alike(self, row: models.Model, differing: Mapping[str, Sequence[str]]) -> None:
        """Insert as many rows as the columns of `differing` have values: there they differ, in all else they are `row`.

        What they have in common is sent once and not with every row. Only columns of text may differ.
        """
        connection = connections[self.db]
        alike = {
            field.column: field.get_db_prep_save(field.pre_save(row, add=True), connection)
            for field in self.model._meta.concrete_fields
            if field.column not in differing and not isinstance(field, models.AutoField) and not field.has_db_default()
        }
        columns = ", ".join(f'"{column}"' for column in (*alike, *differing))
        values = ", ".join([*["%s"] * len(alike), *(f'd."{column}"' for column in differing)])
        arrays, names = ", ".join(["%s::varchar[]"] * len(differing)), ", ".join(f'"{name}"' for name in differing)
        into = f'insert into "{self.model._meta.db_table}" ({columns})'
        with connection.cursor() as cursor:
            cursor.execute(
                f"{into} select {values} from unnest({arrays}) as d({names})",
                [*alike.values(), *map(list, differing.values())],
            )


class Row(models.Model):
    """A row that never says its values in a message or a log."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Name the table only."""
        return f"a row of {self._meta.db_table}"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        """Return a row that was read, as Django does; each value is put in its place, and nobody is told of it.

        Django makes a row that was read as it makes one that is new, by names and defaults, with two signals: on a page
        of fifty rows a twentieth of the time. No signal is listened to here.
        """
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.db, row._state.adding = db, False
        row.__dict__.update(zip(field_names, values, strict=True))
        return row
