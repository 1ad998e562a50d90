"""The demo project of the first start: a web shop, its cases, and six runs of two weeks."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships.lifecycle import found_project
from apps.projects.models import Project
from apps.reports.lifecycle import make_report

from . import dates
from .runs import attach_evidence, make_automated_run, make_manual_run, stories
from .tree import make_manual_cases, promote

KEY = "DEMO"
LOOKED_AT = timedelta(minutes=140)
"""Before now: when people had seen last night's results."""
UNDER_WAY = timedelta(minutes=95)
"""How long ago the acceptance run had its first verdict."""


@transaction.atomic
def make_demo(owner: User) -> Project:
    """Make the demo project, owned by this person, through the verbs that everybody uses."""
    now = timezone.now()
    project = found_project(
        key=KEY,
        name="Web shop (demo)",
        by=owner,
        description="An invented shop, to look around in: its cases, and two weeks of runs.",
    )
    make_manual_cases(project, by=owner)
    dates.date_project(project, now)
    first, *_, nightly = [
        make_automated_run(project, story, dates.begin_of(story, now), by=owner)
        for story in stories()
    ]
    promote(project, by=owner)
    dates.date_later_versions(project, now - LOOKED_AT)
    attach_evidence(nightly, by=owner)
    make_report(project, first_run=first, last_run=nightly, by=owner)
    make_report(project, first_run=nightly, by=owner)
    dates.date_evidence(nightly)
    acceptance = make_manual_run(project, by=owner)
    dates.date_manual_run(acceptance, now - UNDER_WAY, now)
    project.refresh_from_db()
    return project
