"""The permission table, put together from its parts."""

from . import case_exports, case_imports, cases, people, runs, shared_steps, site, texts

TABLE = [
    *people.ROWS,
    *cases.ROWS,
    *case_exports.ROWS,
    *case_imports.ROWS,
    *runs.ROWS,
    *site.ROWS,
    *texts.ROWS,
    *shared_steps.ROWS,
]
