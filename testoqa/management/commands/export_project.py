from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from testoqa.archives import CannotExport, export_project


class Command(BaseCommand):
    """Writes one project to an archive, also while TestoQA runs."""

    help = "Write a whole project to one archive, which import_project takes in anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", metavar="KEY", help="of the project, such as WEB")
        parser.add_argument("file", type=Path, help="the archive to write, such as WEB.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["file"].expanduser().resolve()
        try:
            manifest = export_project(options["key"], target)
        except CannotExport as refusal:
            raise CommandError(str(refusal)) from None
        for lost in manifest["lost_files"]:
            self.stderr.write(f"{lost}: the storage does not have this file any more.")
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{options['key']} is in {target}: {rows:,} rows.")
