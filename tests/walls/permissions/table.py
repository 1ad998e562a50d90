"""The permission table, put together from its parts."""

from . import cases, people, runs, site, texts

TABLE = [*people.ROWS, *cases.ROWS, *runs.ROWS, *site.ROWS, *texts.ROWS]
