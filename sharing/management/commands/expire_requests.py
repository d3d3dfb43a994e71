from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import expiry


class Command(BaseCommand):
    help = "Ends requests that nobody answered. The worker does it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{expiry.expire_requests()} requests expired")
