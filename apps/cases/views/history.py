"""Versions of a case: all of them, one, two side by side, and an old one again."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import keyset_page, render_page
from apps.projects.refusals import Refused

from .. import lifecycle
from ..content import BLANK, differences, readable
from ..versions import OFFERED, compared, offered, told
from .answers import NAV, find_case

VERSIONS_A_PAGE = 25


class CompareForm(forms.Form):
    """Two numbers of versions, from the address; what is none counts as not given."""

    a = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    b = forms.IntegerField(min_value=1, max_value=2**31 - 1)


@require_safe
@project_view()
def version_list(request, project, number):
    case = find_case(project, number)
    rows = case.versions.select_related("created_by")
    page = keyset_page(rows, request, field="number", descending=True, size=VERSIONS_A_PAGE)
    context = {
        "case": case,
        "page": page,
        "rows": told(case, page.rows),
        "shown": f"{len(page.rows):,} of {case.version:,} versions",
    }
    return render_page(request, "cases/versions.html", context, nav=NAV)


@require_safe
@project_view()
def version(request, project, number, version):
    case = find_case(project, number)
    shown = get_object_or_404(case.versions.select_related("created_by"), number=version)
    former = case.versions.filter(number__lt=version).first()
    context = {
        "case": case,
        "version": shown,
        "content": {**BLANK, **shown.content},
        "lines": readable(shown.content),
        "former": former,
        "changes": differences(former.content if former else BLANK, shown.content),
        "last": case.version,
    }
    return render_page(request, "cases/version.html", context, nav=NAV)


@require_safe
@project_view()
def compare(request, project, number):
    """Any two versions; the last change where the address names none."""
    case = find_case(project, number)
    given = CompareForm(request.GET)
    given.is_valid()
    newest = given.cleaned_data.get("b", case.version)
    oldest = given.cleaned_data.get("a", max(newest - 1, 1))
    before, after = compared(case, oldest, newest)
    context = {
        "case": case,
        "before": before,
        "after": after,
        "changes": differences(before.content, after.content),
        "pickers": [("a", "From", before), ("b", "To", after)],
        "offered": offered(case, before, after),
        "most": OFFERED,
        "last": case.version,
    }
    return render_page(request, "cases/compare.html", context, nav=NAV)


@require_POST
@project_view("edit_cases")
def restore_version(request, project, number, version):
    case = find_case(project, number)
    get_object_or_404(case.versions, number=version)
    try:
        case, left_out = lifecycle.restore_version(case, version, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(case)
    messages.success(
        request,
        f"{case.key} says again what it said in version {version}; that is version {case.version}.",
    )
    for sentence in left_out:
        messages.warning(request, sentence)
    return redirect(case)
