from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import mail_addresses


class Command(BaseCommand):
    help = "Removes addresses that ended long ago. The worker does it once a day."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{mail_addresses.forget_old()} addresses forgotten")
