import secrets
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from apps.accounts.addresses import confirm_address
from apps.accounts.models import User
from apps.accounts.trail import note_instance
from apps.projects.lifecycle import create_project
from apps.projects.locks import lock_project
from apps.projects.permissions import ROLE_PERMISSIONS, RUN, Role, role_group
from apps.projects.refusals import Refused
from apps.projects.trail import note

from . import invitations
from .invitations import Invited
from .models import ApiToken, Invitation

Scope = ApiToken.Scope


class LastOwner(Refused):
    """A project keeps at least one owner."""


@transaction.atomic
def found_project(*, key, name, by, **fields):
    """Make a project; whoever makes it owns it."""
    project = create_project(key=key, name=name, by=by, **fields)
    add_member(project, by, Role.OWNER, by=by)
    return project


@transaction.atomic
def add_member(project, user, role, *, by):
    """Put a person into the project. Raises Refused when they are in it already."""
    project = lock_project(project)
    if user.is_service:
        raise Refused(f"{user} stands for a token, and is nobody's to add.", code="service")
    if project.memberships.filter(user=user).exists():
        raise Refused(f"{user} is a member of {project.key} already.", field="email", code="unique")
    return _join(project, user, role, by=by)


def _join(project, user, role, *, by):
    for invitation in project.invitations.pending().filter(email=user.email):
        _withdraw(project, invitation, by=by)
    membership = project.memberships.create(user=user, role=role)
    user.groups.add(role_group(project, role))
    note(project, "member.add", membership, by=by, label=_label_of(user), after={"role": role})
    return membership


def _label_of(user):
    """What the trail calls a member: a token of the project by its name, which people gave it."""
    return f"{user}, the project's token" if user.is_service else user.email


@transaction.atomic
def change_role(membership, role, *, by):
    """Give a member another role. Raises LastOwner when no owner would be left."""
    project = lock_project(membership.project)
    membership = _still_there(project, membership)
    if role != Role.OWNER:
        _keep_an_owner(project, membership)
    elif membership.user.is_service:
        raise Refused("A project's own token owns nothing.", field="role", code="service")
    membership.user.groups.remove(role_group(project, membership.role))
    membership.user.groups.add(role_group(project, role))
    before = {"role": membership.role}
    membership.role = role
    membership.save(update_fields=["role"])
    label = _label_of(membership.user)
    note(
        project, "member.change_role", membership, by=by, label=label,
        before=before, after={"role": role},
    )  # fmt: skip
    return membership


@transaction.atomic
def remove_member(membership, *, by):
    """Take a person out of the project; what they did stays. Raises LastOwner for the last."""
    project = lock_project(membership.project)
    membership = _still_there(project, membership)
    _keep_an_owner(project, membership)
    _part(project, membership, by=by)


def _part(project, membership, *, by):
    """End the membership and what rests on it: tokens, and a service account as a whole."""
    user = membership.user
    user.groups.remove(role_group(project, membership.role))
    project.tokens.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    if user.is_service:
        user.is_active = False
        user.save(update_fields=["is_active"])
    before = {"role": membership.role}
    note(project, "member.remove", membership, by=by, label=_label_of(user), before=before)
    membership.delete()


@transaction.atomic
def hand_over(membership, *, by):
    """Make another member the owner in place of `by`, who becomes a manager.

    Raises Refused where `by` owns nothing to hand over, and for somebody who cannot sign in.
    """
    project = lock_project(membership.project)
    mine = project.memberships.filter(user=by, role=Role.OWNER).first()
    if mine is None:
        raise Refused(f"{by} does not own {project.key}, and cannot hand it over.", code="no_owner")
    taking = _still_there(project, membership)
    if taking.pk == mine.pk or taking.user.is_service or not taking.user.is_active:
        raise Refused(
            "Choose another member, one who can sign in.", field="member", code="no_successor"
        )
    if taking.role != Role.OWNER:
        change_role(taking, Role.OWNER, by=by)
    change_role(mine, Role.MANAGER, by=by)
    note(project, "project.hand_over", taking, by=by, label=taking.user.email)


def _still_there(project, membership):
    """The row as it is under the lock, which somebody may have changed or ended meanwhile."""
    found = project.memberships.filter(pk=membership.pk).first()
    if found is None:
        raise Refused(f"{membership.user} is not a member of {project.key} any more.", code="gone")
    return found


def _keep_an_owner(project, membership):
    owners = project.memberships.of_people().filter(role=Role.OWNER)
    others = owners.exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise LastOwner(
            f"{membership.user} is the last owner of {project.key}; "
            "make somebody else an owner first.",
            code="last_owner",
        )


@transaction.atomic
def issue_token(user, *, name, by, project=None, role="", scope=Scope.ALL, expires_at=None):
    """Make a token for a person; returns it and its secret, which is kept nowhere.

    With a project it is confined to that project and role (the person's own when none is given),
    without one it can what the person can; a `scope` narrows either. None for `expires_at` is no
    end. Raises Refused for somebody who is no member, for a role above their own, and for one that
    cannot send results where the scope is that alone.
    """
    if project is not None:
        role = _role_within(lock_project(project), user, role)
    return _issue(user, name=name, by=by, project=project, role=role, scope=scope, end=expires_at)


@transaction.atomic
def issue_service_token(project, *, name, role, by, scope=Scope.ALL, expires_at=None):
    """Make a token of the project itself, which stays when people leave; returns it and its secret.

    It has an account and a membership of its own, which revoke_token ends. Raises Refused for the
    role owner, and as issue_token does.
    """
    project = lock_project(project)
    if role == Role.OWNER:
        raise Refused(
            "A project's own token cannot be owner; choose another role.",
            field="role",
            code="service_owner",
        )
    address = f"token-{secrets.token_hex(8)}@{project.key.lower()}{ApiToken.SERVICE_DOMAIN}"
    account = User.objects.create_user(address, name=name, is_service=True)
    _join(project, account, role, by=by)
    return _issue(
        account, name=name, by=by, project=project, role=role, scope=scope, end=expires_at
    )


def _issue(user, *, name, by, project, role, scope, end):
    if scope == Scope.RESULTS and role and RUN not in ROLE_PERMISSIONS[role]:
        raise Refused(
            f"A {role} sends no results; choose the role tester, or another scope.",
            field="role",
            code="sends_nothing",
        )
    secret = ApiToken.PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        project=project,
        role=role,
        scope=scope,
        name=name,
        hint=secret[:8],
        digest=ApiToken.digest_of(secret),
        expires_at=end,
    )
    after = {"role": role, "scope": scope, "expires_at": end, "service": user.is_service}
    _note_token("token.issue", token, by=by, after=after)
    return token, secret


def _note_token(verb, token, *, by, after=None):
    """A token confined to a project concerns the project; another one the instance."""
    if token.project_id:
        note(token.project, verb, token, by=by, after=after)
    else:
        note_instance(verb, token, by=by, after=after)


def _role_within(project, user, role):
    membership = project.memberships.filter(user=user).first()
    if membership is None:
        raise Refused(f"{user} is not a member of {project.key}.", field="email", code="no_member")
    if not role:
        return membership.role
    if not ROLE_PERMISSIONS[role] <= ROLE_PERMISSIONS[membership.role]:
        raise Refused(
            f"{user} is {membership.role} in {project.key}; a token cannot be {role}.",
            field="role",
            code="above_own",
        )
    return role


@transaction.atomic
def revoke_token(token, *, by):
    """End a token at once, a project's own with its account; doing so again changes nothing."""
    project = lock_project(token.project) if token.user.is_service else None
    token = ApiToken.objects.select_for_update(no_key=True, of=("self",)).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        _note_token("token.revoke", token, by=by)
        if project is not None:
            _part(project, project.memberships.get(user=token.user), by=by)
    return token


@transaction.atomic
def invite(project, emails, role, *, by, site):
    """Ask people into the project by e-mail; returns an Invited for each address, in its order.

    Whether an address has an account here makes no difference. `site` begins the links in the
    messages, which go out after the commit. Raises Refused for more than a project may send.
    """
    project = lock_project(project)
    emails = list(dict.fromkeys(email.strip().lower() for email in emails))
    asked = project.invitations.pending().filter(email__in=emails)
    for invitation in asked.filter(expires_at__lte=timezone.now()):
        _withdraw(project, invitation, by=by)
    people = project.memberships.of_people().filter(user__email__in=emails)
    members = set(people.values_list("user__email", flat=True))
    pending = {invitation.email: invitation for invitation in asked.all()}
    new = [email for email in emails if email not in members and email not in pending]
    invitations.require_room(project, new)
    letters = {email: _new_invitation(project, email, role, by=by) for email in new}
    _send_after_commit(letters.values(), by=by, site=site)
    return [_outcome(email, members, pending, letters) for email in emails]


def _outcome(email, members, pending, letters):
    if email in members:
        return Invited(email, Invited.MEMBER)
    if email in pending:
        return Invited(email, Invited.PENDING, pending[email])
    return Invited(email, Invited.INVITED, letters[email][0])


def _new_invitation(project, email, role, *, by):
    """The invitation and its secret."""
    secret = invitations.new_secret()
    invitation = project.invitations.create(
        email=email,
        role=role,
        digest=Invitation.digest_of(secret),
        created_by=by,
        expires_at=timezone.now() + Invitation.LIFETIME,
    )
    note(project, "invitation.send", invitation, by=by, after={"role": role})
    return invitation, secret


def _send_after_commit(letters, *, by, site):
    transaction.on_commit(partial(invitations.send_invitations, list(letters), by=by, site=site))


@transaction.atomic
def resend_invitation(invitation, *, by, site):
    """Send it again, for seven more days: with a new secret, so that the old link ends.

    Raises Refused when it is not pending any more, and within a minute of the last time.
    """
    project = lock_project(invitation.project)
    invitation = _still_pending(project, invitation)
    invitations.require_pause(invitation)
    secret = invitations.new_secret()
    before = {"expires_at": invitation.expires_at}
    invitation.digest = Invitation.digest_of(secret)
    invitation.expires_at = timezone.now() + Invitation.LIFETIME
    invitation.sent_at = None
    invitation.save(update_fields=["digest", "expires_at", "sent_at"])
    after = {"expires_at": invitation.expires_at}
    note(project, "invitation.resend", invitation, by=by, before=before, after=after)
    _send_after_commit([(invitation, secret)], by=by, site=site)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation, *, by):
    """End it before it is accepted. Raises Refused when it is not pending any more."""
    project = lock_project(invitation.project)
    return _withdraw(project, _still_pending(project, invitation), by=by)


def _withdraw(project, invitation, *, by):
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    note(project, "invitation.withdraw", invitation, by=by, before={"role": invitation.role})
    return invitation


def _still_pending(project, invitation):
    found = project.invitations.pending().filter(pk=invitation.pk).first()
    if found is None:
        raise Refused(f"The invitation of {invitation.email} is not pending any more.", code="gone")
    return found


@transaction.atomic
def accept_invitation(secret, *, by):
    """Become a member, once; returns the membership.

    Raises Refused for a link that is unknown or has ended, and for anybody but the person of the
    invited address.
    """
    invitation = _acceptable(secret)
    if by.email != invitation.email or by.is_service:
        raise Refused(
            f"This invitation is for {invitation.email}, and you are signed in as {by.email}.",
            code="other_address",
        )
    return _accept(invitation, by)


@transaction.atomic
def accept_as_newcomer(secret, *, name, password):
    """Make the account of the invited address, and accept with it; returns the membership.

    The link has proved the address. Raises Refused as accept_invitation does, and where the
    address has an account already.
    """
    hashed = make_password(password)  # slow, so before anybody waits
    invitation = _acceptable(secret)
    newcomer, made = User.objects.get_or_create(
        email=invitation.email, defaults={"name": name, "password": hashed}
    )
    if not made:
        raise Refused(
            f"{invitation.email} has an account here: sign in, then accept.", code="has_account"
        )
    confirm_address(newcomer)
    return _accept(invitation, newcomer)


def _acceptable(secret):
    """The invitation of this secret, its project held. Raises Refused for one that has ended."""
    found = invitations.find_invitation(secret)
    if found is not None:
        lock_project(found.project)
        found = invitations.find_invitation(secret)
    if why := invitations.why_closed(found):
        raise Refused(why, code="closed")
    return found


def _accept(invitation, user):
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    note(
        invitation.project, "invitation.accept", invitation, by=user,
        after={"role": invitation.role},
    )  # fmt: skip
    return add_member(invitation.project, user, invitation.role, by=user)
