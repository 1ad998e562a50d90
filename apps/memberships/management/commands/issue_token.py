from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.projects.models import Project
from apps.projects.permissions import Role
from apps.projects.refusals import Refused


class Command(BaseCommand):
    help = (
        "Makes a token for a person and prints it on the last line. Without --project it can what "
        "the person can; with it, it is confined to that project and role."
    )

    def add_arguments(self, parser):
        parser.add_argument("--email", required=True)
        parser.add_argument("--project", metavar="KEY")
        parser.add_argument("--role", choices=Role.values, help="default: the person's own")
        parser.add_argument("--name", default="command line")

    def handle(self, *args, email, project, role, name, **options):
        if role and not project:
            raise CommandError("--role needs --project: a role is held in a project.")
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person {email}; add_person makes one.")
        found = project and Project.objects.filter(key=project).first()
        if project and not found:
            raise CommandError(f"There is no project {project}.")
        try:
            token, secret = lifecycle.issue_token(
                user, name=name, by=user, project=found or None, role=role or ""
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        what = f"{token.role} in {found.key}" if found else f"whatever {user} may do"
        self.stdout.write(f"Token “{token.name}”: {what}. It is shown only now:")
        self.stdout.write(secret)
