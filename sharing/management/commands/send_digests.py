from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import digests


class Command(BaseCommand):
    help = "Writes the mails that tell of a day. The worker does it once they are due."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{digests.send()} digests written")
