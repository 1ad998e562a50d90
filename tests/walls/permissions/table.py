"""The permission table, put together from its parts."""

from . import cases, people, runs, site

TABLE = [*people.ROWS, *cases.ROWS, *runs.ROWS, *site.ROWS]
