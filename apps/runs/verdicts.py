"""What a completed run means, by its counters and by what its uploads brought besides."""

from .shards import missing_shards


def verdict_of(run):
    """The verdict of a run that is completed now."""
    return run.verdict_from_counts(
        missing_shards=len(missing_shards(run)), suite_errors=suite_errors(run)
    )


def suite_errors(run):
    """How many errors of suites, outside of any test, its uploads told.

    They have no test that a later try could mend, so they count until the same file comes again:
    of the same shard, or with a higher attempt.
    """
    uploads = run.imports.filter(state="done", undone_at=None)
    return sum(
        upload.suite_errors
        for upload in uploads.filter(suite_errors__gt=0)
        if not _is_sent_again(uploads, upload)
    )


def _is_sent_again(uploads, upload):
    later = uploads.filter(
        source=upload.source,
        filename=upload.filename,
        shard_index=upload.shard_index,
        shard_total=upload.shard_total,
        fields__configuration=upload.fields.get("configuration"),
        id__gt=upload.pk,
    )
    if upload.shard_index is None:
        later = later.filter(fields__attempt__gt=upload.fields.get("attempt") or 1)
    return later.exists()
