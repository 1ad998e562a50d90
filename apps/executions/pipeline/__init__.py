"""Results on their way into a run: read and copied first, matched and stored last.

Reading and copying hold no lock, so parallel shards wait for each other only for the final
statements: the project's row when cases or the run are new, then the run's row.
"""
