from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import bulk


class Command(BaseCommand):
    help = "Removes old lists of “Share with many”. The worker does it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{bulk.forget_old()} lists removed")
