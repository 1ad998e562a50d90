from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from testoqa.backup import CannotBackUp, restore


class Command(BaseCommand):
    """Puts a backup in place; `up` then brings it to the newest tables."""

    help = "Restore an archive made by `backup`, while `up` does not run."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--force", action="store_true", help="replace what the database holds")

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["file"].expanduser().resolve()
        local = isinstance(default_storage, FileSystemStorage)
        files = Path(settings.MEDIA_ROOT) if local else None
        try:
            restore(source, settings.DATA, connection.settings_dict, files, force=options["force"])
        except CannotBackUp as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{source} is restored; `manage.py up` starts it.")
