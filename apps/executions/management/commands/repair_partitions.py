from django.core.management.base import BaseCommand

from apps.executions import partitions


class Command(BaseCommand):
    help = (
        "Moves executions from the default partition to those of their months, and makes the "
        "coming months' partitions. Nobody reads or stores results meanwhile."
    )

    def handle(self, *args, **options):
        moved = partitions.move_default_rows()
        made = partitions.make_partitions()
        self.stdout.write(f"Rows moved: {moved:,}. Partitions made: {', '.join(made) or 'none'}.")
