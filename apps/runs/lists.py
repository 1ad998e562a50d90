"""The list of runs, as its page reads it."""

import re

from django.db.models import Q


def narrowed(runs, asked):
    """Runs that fit {"status", "environment", "branch", "q"}; #45 or 45 finds the run itself."""
    if status := asked.get("status"):
        runs = runs.filter(status=status)
    if environment := asked.get("environment"):
        runs = runs.filter(environment=environment)
    if branch := asked.get("branch"):
        runs = runs.filter(branch=branch)
    if text := asked.get("q"):
        runs = runs.filter(_text(text.strip()))
    return runs


def _text(text):
    fits = Q(name__icontains=text) | Q(commit__istartswith=text) | Q(triggered_by__icontains=text)
    if number := re.fullmatch(r"#?(\d{1,9})", text):
        fits |= Q(number=int(number[1]))
    return fits
