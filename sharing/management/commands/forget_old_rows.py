from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import retention


class Command(BaseCommand):
    help = "Forgets what is older than it is kept for. The worker does it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for what, count in retention.forget_old().items():
            self.stdout.write(f"{count} {what} forgotten")
