"""A row that keeps its values to itself."""

from django.db import models


class Row(models.Model):
    """A row that never says its values in a message or a log."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Name the table only."""
        return f"a row of {self._meta.db_table}"
