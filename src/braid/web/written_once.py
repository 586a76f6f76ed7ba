"""Queries that pages ask again and again, whose SQL is written once and then asked with other values.

Django writes the SQL of a query anew whenever it is asked: half of what Python did for a page. What is kept here is
text alone, for everybody the same. No value, no row and nothing of whoever asked is kept: each asking runs the
statement in its own transaction, under its own policies.

A query is given as a function of its values and of nothing else. Its SQL is written twice, with values drawn at random;
where the two differ in anything but those values, the query is refused. So a query that depends on who asks, on the
clock or on what was read before is an error at its first asking, and never the text of one asker for another.
"""

from __future__ import annotations

import copy
import datetime as dt
import secrets
import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import wraps
from itertools import count
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, ForeignObject, Lookup, QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable

from braid.web.prepared import cursor_for_prepared

Answer = TypeVar("Answer")


class NotWrittenOnce(TypeError):
    """A query whose SQL depends on more than the values that it is given: a fault of the code."""


@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`column__among=[...]`: one of these, like `in`, as one value: the statement is the same for one and for many."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        """Return the values as the column has them."""
        return [self.lhs.output_field.get_prep_value(each) for each in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return the condition, and the values as one list."""
        left, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        values = [field.get_db_prep_value(each, connection, prepared=True) for each in self.rhs]
        return f"{left} = any(%s)", [*params, values]


def written_once(query: Callable[..., QuerySet[Any, Answer]]) -> Callable[..., list[Answer]]:
    """Return a function that gives the rows of `query` as a list, and writes its SQL at the first asking alone.

    `query` is a plain function whose parameters say their types: `str`, `int`, `UUID`, a day, a moment, or a list of
    one of these, asked with `__among` and joined to the rest by AND: of an empty list there is no row, and no statement
    is sent. Raises `NotWrittenOnce` at the first asking where the SQL depends on more.
    """
    if query.__closure__:
        raise NotWrittenOnce(f"{query.__qualname__} holds something of where it was made: give it as a value")
    kept: list[_Written] = []
    turn = threading.Lock()

    @wraps(query)
    def ask(*values: Any) -> list[Answer]:
        if not kept:
            with turn:
                if not kept:
                    kept.append(_Written(query))
        return kept[0].ask(values)

    return ask


class _Written:
    """The SQL of a query, and where in it which value goes."""

    def __init__(self, query: Callable[..., QuerySet[Any, Any]]) -> None:
        self._name = query.__qualname__
        hints = get_type_hints(query)
        hints.pop("return", None)
        self._count = len(hints)
        first, second = (_compiled(query, [_draw(hint) for hint in hints.values()]) for _ in range(2))
        if first.text != second.text or len(first.params) != len(second.params):
            raise NotWrittenOnce(f"{self._name} asks other SQL for other values")
        self._params = list(first.params)
        self._places = [
            self._place(at, first, second) for at in range(len(first.params)) if not _same(first, second, at)
        ]
        if {argument for _, argument, _ in self._places} != set(range(self._count)):
            raise NotWrittenOnce(f"{self._name} does not ask for every value that it is given")
        self._text, self._reader = first.text, first.rows._iterable_class
        self._answered = first.answered()

    def _place(self, at: int, first: _Compiled, second: _Compiled) -> tuple[int, int, Callable[[Any], Any]]:
        """Return which argument stands at a place, and how it is handed over; in both writings it is the same one."""
        found = {
            next((n for n, value in enumerate(one.values) if value == one.params[at]), None) for one in (first, second)
        }
        argument = found.pop() if len(found) == 1 else None
        if argument is None:
            raise NotWrittenOnce(f"{self._name} asks for something that it makes of its values")
        template = first.params[at]
        if isinstance(template, list):
            return at, argument, _as_array
        is_number = isinstance(template, int) and not isinstance(template, bool)
        return at, argument, type(template) if is_number else _as_it_is

    def ask(self, values: Sequence[Any]) -> list[Any]:
        if len(values) != self._count:
            raise TypeError(f"{self._name} takes {self._count} values")
        if any(value == [] for value in values):
            return []
        params = list(self._params)
        for at, argument, made in self._places:
            params[at] = made(values[argument])
        connection = connections[DEFAULT_DB_ALIAS]
        return list(self._reader(self._answered.by(connection, self._run(connection, params))))

    def _run(self, connection: Any, params: list[Any]) -> list[tuple[Any, ...]]:
        with cursor_for_prepared(connection) as cursor:
            cursor.execute(self._text, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class _Compiled:
    """A query written with some values."""

    def __init__(self, values: list[Any], rows: QuerySet[Any, Any]) -> None:
        self.values, self.rows = values, rows
        self.compiler: Any = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self.text, self.params = self.compiler.as_sql()
        if self.compiler.has_extra_select or rows._prefetch_related_lookups or rows._iterable_class not in _READERS:
            raise NotWrittenOnce("a query with hidden columns, further queries or rows as mappings is not written once")

    def answered(self) -> _Answered:
        """Return what its rows are read by, whatever they are."""
        columns = [column for column, *_ in self.compiler.select[: self.compiler.col_count]]
        if self.compiler.has_composite_fields(columns):
            raise NotWrittenOnce("a query with keys of several columns is not written once")
        return _Answered(self.rows.model, self.compiler, self.compiler.get_converters(columns))


class _Answered:
    """Rows that were read, as Django's readers of rows ask for them: a query set and its compiler in one.

    How a column becomes a value is worked out once for a query, where Django does so at every asking.
    """

    db = DEFAULT_DB_ALIAS
    _known_related_objects: ClassVar[dict[Any, Any]] = {}
    _connection: Any
    _found: list[tuple[Any, ...]]

    def __init__(self, model: Any, compiler: Any, converters: dict[int, Any]) -> None:
        self.model = model
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        self._converters = [(at, *each) for at, each in converters.items()]

    def by(self, connection: Any, found: list[tuple[Any, ...]]) -> _Answered:
        """Return the same for these rows of a connection."""
        answered = copy.copy(self)
        answered._connection, answered._found = connection, found
        return answered

    @property
    def query(self) -> _Answered:
        """What has a compiler."""
        return self

    def get_compiler(self, *_: Any, **__: Any) -> _Answered:
        """Return what has the rows."""
        return self

    def execute_sql(self, *_: Any, **__: Any) -> None:
        """Do nothing: they are there."""

    def results_iter(self, *_: Any, **__: Any) -> Iterator[tuple[Any, ...]]:
        """Give the rows, each value as its column makes it."""
        return map(self._converted, self._found) if self._converters else iter(self._found)

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for at, converters, column in self._converters:
            for convert in converters:
                values[at] = convert(values[at], column, self._connection)
        return tuple(values)


def _compiled(query: Callable[..., QuerySet[Any, Any]], values: list[Any]) -> _Compiled:
    return _Compiled(values, query(*values))


def _same(first: _Compiled, second: _Compiled, at: int) -> bool:
    return bool(first.params[at] == second.params[at])


def _as_it_is(value: Any) -> Any:
    return value


def _as_array(values: Collection[Any]) -> Any:
    """Return values as PostgreSQL writes an array, whose type is that of what it is compared with (its manual, 8.15.2).

    The driver writes each value by a writer of its own that it looks for anew: a fiftieth of what Python does for a
    page. Text is quoted, so that nothing in it is taken for a sign between values.
    """
    if all(type(each) is str for each in values):
        return "{" + ",".join('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in values) + "}"
    if all(type(each) in _PLAIN for each in values):
        return "{" + ",".join(map(str, values)) + "}"
    return list(values)


_PLAIN = frozenset({int, uuid.UUID})
"""Types of which no value, written out, holds a sign that means something in an array."""


_NUMBERS = count(1)
_READERS = (ModelIterable, ValuesListIterable, FlatValuesListIterable)


def _draw(hint: Any) -> Any:
    """Return a value of a type that stands nowhere else: it is found again among what is handed to the database."""
    if get_origin(hint) in (list, set, frozenset):
        return [_draw(get_args(hint)[0])]
    if hint is uuid.UUID:
        return uuid.uuid4()
    if hint is int:
        return 1_000 + next(_NUMBERS) % 30_000
    if hint is dt.datetime:
        return dt.datetime(2001, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=secrets.randbelow(10**8))
    if hint is dt.date:
        return dt.date(2001, 1, 1) + dt.timedelta(days=next(_NUMBERS) % 10_000)
    if hint is str:
        return uuid.uuid4().hex[:8]
    raise NotWrittenOnce(f"a value of {hint} cannot be drawn")
