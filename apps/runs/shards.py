MOST_SHARDS = 1000


def missing_shards(run):
    """Numbers of the announced CI shards that no finished import has brought, in order."""
    if not run.shards:
        return []
    there = run.imports.filter(state="done", undone_at=None, shard_total=run.shards)
    return sorted(set(range(1, run.shards + 1)) - set(there.values_list("shard_index", flat=True)))
