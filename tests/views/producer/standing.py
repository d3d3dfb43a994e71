"""Requests under a standing rule, and what an open page does with it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from sharing.models import AccessRequest, Listing
from tests.views.producer.reading import source
from tests.visitor import a_request

RUN = "/producer/requests/rules/"


def known(listing: Listing, number: int = 1, **fields: Any) -> list[AccessRequest]:
    """Requests that the rule approves, unless ``fields`` differ."""
    facts: dict[str, Any] = {"is_verified": True, "email_proved_at": timezone.now()} | fields
    return [a_request(listing, project_id=f"{one + 1:032x}", **facts) for one in range(number)]


def states() -> list[str]:
    return list(AccessRequest.objects.order_by("pk").values_list("state", flat=True))


def run_rules(client: Client, page: str = "/producer/requests/", **form: object) -> str:
    """What htmx gets on an open page."""
    headers = {
        "HX-Request": "true",
        "HX-Target": "rules",
        "HX-Current-URL": f"http://testserver{page}",
    }
    answer = client.post(RUN, form, headers=headers)
    assert answer.status_code == 200
    return source(answer)
