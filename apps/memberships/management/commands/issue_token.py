from django.core.management.base import BaseCommand, CommandError

from apps.memberships import expiry, lifecycle
from apps.memberships.forms import find_person
from apps.memberships.models import ApiToken
from apps.projects.models import Project
from apps.projects.permissions import Role
from apps.projects.refusals import Refused

MOST_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Makes a token for a person and prints it on the last line. Without --project it can what "
        "the person can; with it, it is confined to that project and role."
    )

    def add_arguments(self, parser):
        parser.add_argument("--email", required=True)
        parser.add_argument("--project", metavar="KEY")
        parser.add_argument("--role", choices=Role.values, help="default: the person's own")
        parser.add_argument(
            "--scope",
            choices=ApiToken.Scope.values,
            default="all",
            help="read only, or send results only; default: all that the role may",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=expiry.DAYS,
            help=f"for how long; 0 is without an end, default: {expiry.DAYS}",
        )
        parser.add_argument("--name", default="command line")

    def handle(self, *args, email, project, role, scope, days, name, **options):
        if role and not project:
            raise CommandError("--role needs --project: a role is held in a project.")
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(f"--days takes 0, for no end, to {MOST_DAYS}.")
        user = find_person(email)
        if user is None:
            raise CommandError(f"There is no active person {email}; add_person makes one.")
        found = project and Project.objects.filter(key=project).first()
        if project and not found:
            raise CommandError(f"There is no project {project}.")
        try:
            token, secret = lifecycle.issue_token(
                user,
                name=name,
                by=user,
                project=found or None,
                role=role or "",
                scope=scope,
                expires_at=expiry.after(days),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        what = f"{token.role} in {found.key}" if found else f"whatever {user} may do"
        end = f"until {token.expires_at:%-d %B %Y}" if token.expires_at else "without an end"
        narrowed = "" if scope == ApiToken.Scope.ALL else f", {token.get_scope_display().lower()}"
        self.stdout.write(f"Token “{token.name}”: {what}{narrowed}, {end}. It is shown only now:")
        self.stdout.write(secret)
