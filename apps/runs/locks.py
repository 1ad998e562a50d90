"""Rows that a verb holds while it changes them: the project first, then the run, then its rows."""

from apps.projects.refusals import Refused

from .models import Run


def lock_run(run, *, no_key=True):
    """The run as it is now, locked against other verbs but not against inserts beneath it.

    Raises Refused when it is gone. Only a verb that deletes it asks for the whole lock.
    """
    locked = Run.objects.select_for_update(no_key=no_key, of=("self",)).filter(pk=run.pk).first()
    if locked is None:
        raise Refused(f"Run #{run.number} has been deleted meanwhile.", code="gone")
    return locked
