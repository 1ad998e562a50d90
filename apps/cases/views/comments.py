"""What people say of a case, and who is called by it."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, keyset_page, render_page
from apps.projects.permissions import EDIT

from .. import lifecycle
from ..bell import bell_of, person_of
from ..discussion import address_of, unread_among
from ..forms import lines
from ..mentions import members_like
from ..models import Comment, Mention
from .answers import NAV, find_case, uuid_of


class CommentForm(forms.Form):
    body = forms.CharField(
        label="Comment",
        max_length=Comment.LONGEST,
        widget=lines(3),
        error_messages={"required": "Write something first."},
    )


@project_view()
def comments(request, project, number):
    """All that was said of a case, and a form to say more."""
    case = find_case(project, number)
    form = CommentForm(request.POST or None)
    if request.method == "POST":
        request.context.require_word()
        if form.is_valid():
            comment = lifecycle.add_comment(
                case, form.cleaned_data["body"], by=request.user, site=_site(request)
            )
            messages.success(request, "Your comment is added.", extra_tags=request.path)
            return redirect(address_of(comment, case))
    page = keyset_page(case.comments.for_page(), request, field="id")
    context = {
        "case": case,
        "page": page,
        "comments": page.rows,
        "unread_mentions": unread_among(page.rows, request.user),
        "comment_form": form,
        "may_comment": request.context.has_word,
        "shown": f"{len(page.rows):,} comments",
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "cases/comments.html", context, nav=NAV, status=status)


@require_POST
@project_view()
def edit_comment(request, project, number, id):
    case, comment = _find(project, number, id)
    request.context.require_word()
    form = CommentForm(request.POST)
    if form.is_valid():
        body, site = form.cleaned_data["body"], _site(request)
        if carry_out(request, lifecycle.edit_comment, comment, body, site=site):
            messages.success(request, "Your comment is changed.", extra_tags=request.path)
    else:
        messages.error(request, " ".join(form.errors["body"]))
    return redirect(address_of(comment, case))


@require_POST
@project_view()
def delete_comment(request, project, number, id):
    case, comment = _find(project, number, id)
    request.context.require_word()
    manages = request.context.may(EDIT)
    carry_out(request, lifecycle.delete_comment, comment, manages=manages)
    return redirect(address_of(comment, case))


@require_safe
@project_view()
def people(request, project):
    """Members to mention, as somebody types after an @."""
    context = {"people": members_like(project, request.GET.get("q", "")[:100])}
    return render_page(request, "cases/_people.html", context)


@require_safe
def mention_list(request):
    """Where others called me, the newest first."""
    mine = Mention.objects.of(request.user)
    page = keyset_page(mine.for_list(), request, field="id", descending=True)
    context = {
        "page": page,
        "rows": page.rows,
        "unread": mine.unread().count(),
        "shown": f"{len(page.rows):,} mentions",
    }
    return render_page(request, "cases/mentions.html", context, nav="mentions")


@require_safe
def open_mention(request, id):
    """Lead to the comment; the page that shows it counts it as read."""
    mine = Mention.objects.of(request.user)
    mention = get_object_or_404(mine.select_related("project", "comment__case"), pk=id)
    comment = mention.comment
    comment.case.project = mention.project
    return redirect(address_of(comment, comment.case))


@require_POST
def read_mentions(request):
    """The named ones count as read, sent by the page that shows them; all where none is named."""
    mine = Mention.objects.of(request.user)
    if named := request.POST.getlist("mention"):
        mine = mine.filter(pk__in=filter(None, map(uuid_of, named)))
    mine.mark_read()
    if request.htmx:
        left = person_of(request.user.pk).unread_mentions
        return render(request, "_bell.html", bell_of(len(left)))
    return redirect("mentions:list")


def _find(project, number, id):
    case = find_case(project, number)
    return case, get_object_or_404(case.comments, pk=id)


def _site(request):
    return request.build_absolute_uri("/")
