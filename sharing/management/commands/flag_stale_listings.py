from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import expiry


class Command(BaseCommand):
    help = "Flags listings that nobody checked for long. The worker does it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{expiry.flag_stale_listings()} listings flagged")
