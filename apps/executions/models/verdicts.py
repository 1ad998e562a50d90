from django.db import models


class Verdict(models.TextChoices):
    UNKNOWN = "unknown", "Unknown"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    ERROR = "error", "Error"
    SKIPPED = "skipped", "Skipped"
    BLOCKED = "blocked", "Blocked"


KNOWN_VERDICTS = ["passed", "failed", "error", "skipped", "blocked"]

LONGEST_NOTE = 64 * 1024
"""Characters of a note, or of an actual result, that goes with a verdict by hand."""
