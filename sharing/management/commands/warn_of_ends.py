from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import end_warnings


class Command(BaseCommand):
    help = "Writes to both sides of the shares that end soon. The worker does it once an hour."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{end_warnings.warn()} shares warned of")
