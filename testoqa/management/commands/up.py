from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from testoqa import supervisor


class Command(BaseCommand):
    """Lists `up` among the commands; manage.py goes to the supervisor before Django is loaded."""

    help = "Start TestoQA, with database, pages and jobs, and serve until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        arguments = [f"--host={options['host']}", f"--port={options['port']}"]
        arguments += [f"--data={options['data']}"] if options["data"] else []
        arguments += ["--no-demo"] if options["no_demo"] else []
        arguments += ["--no-worker"] if options["no_worker"] else []
        raise SystemExit(supervisor.up(arguments))
