"""From a file of cases to cases: what its columns mean, and how its rows are stored.

`meaning` says what a column is, `values` what a cell says, `drafts` makes cases of rows,
`finding` tells which case a row is, `storing` writes them; `reading` is what the job does.
"""
