from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import ending


class Command(BaseCommand):
    help = "Writes to both sides of the shares that end soon. The worker does it once an hour."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{ending.warn()} shares warned of")
