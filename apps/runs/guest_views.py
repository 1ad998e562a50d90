"""Pages of a run's guests: who was let in, and the files that they may take."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.artifacts.downloads import download
from apps.projects.pages import carry_out
from apps.projects.permissions import MANAGE_RUNS

from . import lifecycle
from .door import run_view
from .forms import GuestForm

ADDED = "If there is an account with the address {}, that person sees this run now."


def files_of(run):
    """Those hung on the run or on its executions; what else the project keeps is not the run's."""
    hung = Q(runartifacts__run=run) | Q(executionartifacts__run=run)
    return run.project.artifacts.filter(hung).distinct()


@require_safe
@run_view(for_guests=True)
def file(request, run, id):
    """A file of this run."""
    return download(request, get_object_or_404(files_of(run), pk=id))


@require_POST
@run_view(MANAGE_RUNS)
def add(request, run):
    """Let somebody outside the project in; the answer is the same whether they have an account."""
    form = GuestForm(request.POST)
    if not form.is_valid():
        for error in form.errors.values():
            messages.error(request, " ".join(error))
        return redirect(run)
    email = form.cleaned_data["email"]
    carry_out(request, lifecycle.add_guest, run, done=ADDED.format(email), **form.cleaned_data)
    return redirect(run)


@require_POST
@run_view(MANAGE_RUNS)
def remove(request, run, pk):
    guest = get_object_or_404(run.guests, pk=pk)
    done = f"{guest} no longer sees this run."
    carry_out(request, lifecycle.remove_guest, guest, done=done)
    return redirect(run)
