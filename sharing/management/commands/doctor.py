import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from sharing.services import doctor
from sharing.services.doctor import Credentials, Mark

SIGNS = {Mark.GOOD: "ok  ", Mark.UNSURE: "?   ", Mark.BAD: "BAD "}


class Command(BaseCommand):
    help = (
        "Looks at settings, database, migrations, cache, worker, Keystone, the clock, the Image "
        "API and the mail server, and says what to do. With OS_USERNAME and OS_PASSWORD it signs "
        "in as you. Ends with 1 if anything is wrong."
    )
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        is_bad = False
        for finding in doctor.examine(_credentials()):
            is_bad = is_bad or finding.mark == Mark.BAD
            self.stdout.write(f"{SIGNS[finding.mark]} {finding.about}: {finding.words}")
            if finding.advice:
                self.stdout.write(f"       → {finding.advice}")
        if is_bad:
            sys.exit(1)


def _credentials() -> Credentials | None:
    name, password = os.environ.get("OS_USERNAME"), os.environ.get("OS_PASSWORD")
    if not name or not password:
        return None
    return Credentials(name, password, os.environ.get("OS_USER_DOMAIN_NAME", "Default"))
