"""The permission table, put together from its parts."""

from . import bulk, case_exports, case_imports, cases, people, runs, shared_steps, site, texts

TABLE = [
    *people.ROWS,
    *bulk.ROWS,
    *case_exports.ROWS,
    *case_imports.ROWS,
    *cases.ROWS,
    *runs.ROWS,
    *shared_steps.ROWS,
    *site.ROWS,
    *texts.ROWS,
]
