"""Who is in a project: its members, and those who are asked in."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.accounts.second_factor import having_second_factor
from apps.accounts.sessions import last_seen
from apps.projects.door import project_view
from apps.projects.pages import carry_out, render_page, submit
from apps.projects.permissions import MANAGE_MEMBERS, Role
from apps.projects.refusals import Refused

from . import lifecycle
from .forms import HandOverForm, InviteForm, RoleForm
from .invitations import Invited
from .roles import ROLE_TABLE


@project_view()
def member_list(request, project):
    """Who is in the project and who is asked in; an owner invites by e-mail address.

    `?q=` shows those whose name or address holds it.
    """
    form = InviteForm(request.POST or None)
    if request.method == "POST":
        request.context.require(MANAGE_MEMBERS)
        if form.is_valid() and invite(request, project, form):
            return redirect("memberships:list", project.key)
    members = list(project.memberships.of_people().for_list())
    manages = request.context.may(MANAGE_MEMBERS)
    guarded = having_second_factor([row.user_id for row in members]) if manages else set()
    seen = last_seen([row.user_id for row in members]) if manages else {}
    for member in members:
        member.has_second_factor = member.user_id in guarded
        member.seen_at = seen.get(member.user_id)
    typed = request.GET.get("q", "").strip()
    sought = typed.lower()
    context = {
        "members": members,
        "shown": [row for row in members if sought in f"{row.user} {row.user.email}".lower()],
        "typed": typed,
        "password_alone": len(members) - len(guarded) if manages else 0,
        "mine": next((row for row in members if row.user_id == request.user.pk), None),
        "successors": successors(members, request.user) if manages else [],
        "form": form if manages else None,
        "invitations": list(project.invitations.for_list()) if manages else [],
        "roles": Role.choices,
        "role_table": ROLE_TABLE,
    }
    return render_page(request, "memberships/list.html", context, nav="members")


def successors(members, user):
    return [row for row in members if row.user_id != user.pk and row.user.is_active]


def invite(request, project, form):
    """Whether the addresses were dealt with; each is told of, and the form says why not."""
    given = form.cleaned_data
    asked = {"by": request.user, "site": request.build_absolute_uri("/")}
    results = submit(form, lifecycle.invite, project, given["emails"], given["role"], **asked)
    if results is None:
        return False
    invited = [result for result in results if result.outcome == Invited.INVITED]
    tell_of_messages(request, [result.invitation for result in invited])
    for result in results:
        if result.outcome != Invited.INVITED:
            messages.warning(request, result.sentence)
    return True


def tell_of_messages(request, invitations):
    """Which went out, and which did not and can be sent again."""
    sent = [row.email for row in invitations if not row.undelivered]
    if sent:
        messages.success(request, f"Invited: {', '.join(sent)}.")
    if lost := [row.email for row in invitations if row.undelivered]:
        messages.error(
            request,
            f"No message went out to {', '.join(lost)}: e-mail does not work at the moment. "
            "The invitation is kept; send it again later.",
        )


@require_POST
@project_view(MANAGE_MEMBERS)
def resend(request, project, pk):
    """Send an invitation again; the link sent before ends."""
    invitation = get_object_or_404(project.invitations.pending(), pk=pk)
    asked = {"by": request.user, "site": request.build_absolute_uri("/")}
    try:
        tell_of_messages(request, [lifecycle.resend_invitation(invitation, **asked)])
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("memberships:list", project.key)


@require_POST
@project_view(MANAGE_MEMBERS)
def withdraw(request, project, pk):
    invitation = get_object_or_404(project.invitations.pending(), pk=pk)
    done = f"The invitation of {invitation.email} is withdrawn."
    carry_out(request, lifecycle.withdraw_invitation, invitation, done=done)
    return redirect("memberships:list", project.key)


@require_POST
@project_view(MANAGE_MEMBERS)
def change(request, project, pk):
    membership = get_object_or_404(project.memberships.of_people(), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        done = f"{membership.user} is {role} now."
        carry_out(request, lifecycle.change_role, membership, role, done=done)
    else:
        messages.error(request, "Choose one of the four roles.")
    return redirect("memberships:list", project.key)


@require_POST
@project_view(MANAGE_MEMBERS)
def remove(request, project, pk):
    membership = get_object_or_404(project.memberships.of_people(), pk=pk)
    done = f"{membership.user} is no longer in the project."
    carry_out(request, lifecycle.remove_member, membership, done=done)
    mine = membership.user_id == request.user.pk
    if mine and not project.memberships.filter(user=request.user).exists():
        return redirect("projects:list")
    return redirect("memberships:list", project.key)


@require_POST
@project_view(MANAGE_MEMBERS)
def hand_over(request, project):
    """Make another member the owner in my place; I stay as a manager."""
    form = HandOverForm(request.POST, project=project, user=request.user)
    if form.is_valid():
        member = form.cleaned_data["member"]
        done = f"{member.user} owns {project} now, and you are a manager."
        carry_out(request, lifecycle.hand_over, member, done=done)
    else:
        for error in form.errors.values():
            messages.error(request, error[0])
    return redirect("memberships:list", project.key)


@require_POST
@project_view()
def leave(request, project):
    """Take myself out of the project."""
    membership = get_object_or_404(project.memberships, user=request.user)
    done = f"You have left {project}."
    if carry_out(request, lifecycle.remove_member, membership, done=done):
        return redirect("projects:list")
    return redirect("memberships:list", project.key)
