import secrets

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.models import User
from apps.memberships.lifecycle import add_member
from apps.projects.models import Project
from apps.projects.permissions import Role
from apps.projects.refusals import Refused


class Command(BaseCommand):
    help = (
        "Makes a person and prints their password once; with --project adds them to a project too, "
        "also when they exist already."
    )

    def add_arguments(self, parser):
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument("--project", metavar="KEY")
        parser.add_argument("--role", choices=Role.values, help="default: tester")

    @transaction.atomic
    def handle(self, *args, email, name, project, role, **options):
        if role and not project:
            raise CommandError("--role needs --project: a role is held in a project.")
        user, password = self.find_or_make(email.strip().lower(), name, join=project)
        if project:
            self.join(user, project, Role(role or Role.TESTER))
        if password:
            self.stdout.write(f"{user.email} can sign in with this password, shown only now:")
            self.stdout.write(password)

    def find_or_make(self, email, name, *, join):
        """The person, and the password when they are new."""
        user = User.objects.filter(email=email).first()
        if user is None:
            password = secrets.token_urlsafe(12)
            user = User(email=email, name=name)
            user.set_password(password)
            try:
                user.full_clean()
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
            user.save()
            return user, password
        if not join:
            raise CommandError(f"{email} exists already; add --project to put them into one.")
        return user, ""

    def join(self, user, key, role):
        project = Project.objects.filter(key=key).first()
        if project is None:
            raise CommandError(f"There is no project {key}.")
        try:
            add_member(project, user, role, by=None)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{user.email} is {role} in {project.key}.")
