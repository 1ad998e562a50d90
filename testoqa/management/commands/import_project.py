from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from testoqa.archives import CannotImport, import_project


class Command(BaseCommand):
    """Takes in an archive of a project, also while TestoQA runs."""

    help = "Make a project from an archive of export_project, of this or another instance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--key", default="", help="in place of the project's own key")
        parser.add_argument(
            "--owner", default="", metavar="EMAIL", help="an account that is to own it as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["file"].expanduser().resolve()
        try:
            project = import_project(source, key=options["key"], owner=options["owner"])
        except CannotImport as refusal:
            raise CommandError(f"{refusal} Nothing is stored.") from None
        cases = f"{project.cases.count():,} cases and {project.runs.count():,} runs"
        self.stdout.write(f"{project.key} is here, with {cases}.")
