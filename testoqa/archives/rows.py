"""Rows of an archive copied into the tables."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models
from psycopg import sql

from .ids import Ids
from .reading import Archive, CannotImport
from .tables import ARRAY, BYTES, FILE, ID, JSON, LINK, PERSON, PLAIN, SECRETS, Column, columns_of

TEXTS = (models.CharField, models.TextField)


class Loader:
    """Copies one table: its rows with the project, the ids and the accounts of here."""

    def __init__(self, archive: Archive, model, project, ids: Ids, people: dict, stored):
        self.archive, self.model, self.project = archive, model, project
        self.ids, self.people, self.stored = ids, people, stored
        known = {column.name: column for column in columns_of(model)}
        self.columns = [known.pop(name) for name in archive.columns(model)]
        self.added = list(self._added(known.values()))

    def load(self) -> None:
        fields = [column.field for column in self.columns] + [field for field, _ in self.added]
        names = [self._owner(), *(field.column for field in fields)]
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(self.model._meta.db_table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
        )
        more = [value for _, value in self.added]
        with connection.cursor() as cursor, cursor.copy(copy) as rows:
            for row in self._rows():
                rows.write_row([self.project.pk, *row, *more])

    def _owner(self):
        return self.model._meta.get_field("project").column

    def _added(self, missing: Any) -> Iterator[tuple[models.Field, Any]]:
        """What the archive, perhaps of an older TestoQA, does not say: (field, its value)."""
        for column in missing:
            if not column.field.has_db_default() and not column.field.null:
                yield column.field, _default(column.field)
        for name in SECRETS.get(self.model._meta.label, ()):
            yield self.model._meta.get_field(name), ""

    def _rows(self) -> Iterator[list[Any]]:
        convert = [self._converter(column) for column in self.columns]
        place = [column.kind for column in self.columns].index(ID)
        files = [n for n, column in enumerate(self.columns) if column.kind == FILE]
        for row in self.archive.rows(self.model):
            told = row[place]
            try:
                values = [
                    None if cell is None else one(cell)
                    for one, cell in zip(convert, row, strict=True)
                ]
            except (TypeError, ValueError, AttributeError):
                label = self.model._meta.label
                raise CannotImport(f"The row {told} of {label} is none of that table.") from None
            for n in files:
                self._store_file(values, n, row[n], told)
            yield values

    def _converter(self, column: Column) -> Callable[[Any], Any]:
        label = f"{self.model._meta.label}.{column.name}"
        if column.kind == PLAIN and not isinstance(column.field, TEXTS):
            return _as_it_is
        return {
            ID: self.ids.of,
            LINK: self.ids.of,
            PERSON: self._account,
            BYTES: _bytes,
            JSON: lambda text: self.ids.in_text(label, text),
            PLAIN: lambda text: self.ids.in_text(label, text),
            FILE: _as_it_is,
            ARRAY: self._array(column),
        }[column.kind]

    def _array(self, column: Column) -> Callable[[Any], Any]:
        """As PostgreSQL writes it; one of UUIDs names rows."""
        base = getattr(column.field, "base_field", None)
        return self.ids.in_array if isinstance(base, models.UUIDField) else _as_it_is

    def _account(self, email: str) -> int:
        if email not in self.people:
            raise CannotImport(f"A row names {email[:100]}, who is none of the archive's people.")
        return self.people[email]

    def _store_file(self, values, place, told, pk):
        field = self.columns[place].field
        row = dict(zip((column.name for column in self.columns), values, strict=True))
        name, more = self.stored.store(self.model, field, pk, row) if told is True else ("", {})
        values[place] = name
        for n, column in enumerate(self.columns):
            if column.name in more:
                values[n] = more[column.name]


def _as_it_is(value):
    return value


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text)


def _default(field):
    return field.get_db_prep_save(field.get_default(), connection)
