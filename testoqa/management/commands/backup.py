from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from testoqa.backup import CannotBackUp, back_up


class Command(BaseCommand):
    """Writes one archive of database and files, also while TestoQA runs."""

    help = "Write the database and the stored files to one archive, also while `up` runs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write, such as testoqa.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["file"].expanduser().resolve()
        local = isinstance(default_storage, FileSystemStorage)
        files = Path(settings.MEDIA_ROOT) if local else None
        try:
            back_up(target, connection.settings_dict, files)
        except CannotBackUp as refusal:
            raise CommandError(str(refusal)) from None
        if files is None:
            self.stdout.write("The stored files lie in S3 and are not in the archive.")
        self.stdout.write(f"The backup is in {target}.")
