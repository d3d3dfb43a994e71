"""The ledger's addresses, and shares to be in it."""

from __future__ import annotations

from django.urls import reverse

from sharing.cloud.resources import MemberStatus
from tests.conftest import Party
from tests.fake.cloud import FakeCloud

URL = "/producer/shares/"
CSV = "/producer/shares.csv"
JSON = "/producer/shares.json"


def share(producer: Party, image: str, project_id: str, **form: str) -> None:
    url = reverse("members", args=[image])
    assert producer.client.post(url, {"project_id": project_id, **form}).status_code == 302


def members(fake: FakeCloud, image: str, *numbers: int, status: MemberStatus = "pending") -> None:
    for number in numbers:
        fake.member(image, f"{number:032x}", status)
