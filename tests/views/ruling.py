"""A consumer's rules, and what an open page does with them."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from sharing.models import RuleDecision
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import source

RUN = "/inbox/rules/run/"
UNDO = "/inbox/rules/undo/"


def always(consumer: Party, producer: Party, answer: str = "accepted", **form: str) -> None:
    url = reverse("inbox-rule", args=[producer.project.id])
    assert consumer.client.post(url, {"always": answer} | form).status_code == 302


def run_rules(client: Client, page: str = "/inbox/", **form: str) -> str:
    """What htmx gets on an open page."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    answer = client.post(RUN, form, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return source(answer)


def visit_in(part: str) -> str:
    """The run that a part of a page lets one undo."""
    found = re.search(r'name="visit" value="([^"]+)"', part)
    assert found, part
    return found[1]


def undo(client: Client, part: str) -> None:
    assert client.post(UNDO, {"visit": visit_in(part)}).status_code == 302


def states() -> list[str]:
    return sorted(RuleDecision.objects.values_list("state", flat=True))


def answer_elsewhere(
    fake: FakeCloud, image_id: str, consumer: Party, status: str, *, seconds: int = 5
) -> None:
    """With another tool, ``seconds`` after it was shared or answered last."""
    row = fake.glance.images.images[image_id].members(consumer.project.id)[0]
    row.status = status
    row.updated_at += timedelta(seconds=seconds)


def puts(fake: FakeCloud) -> int:
    return sum(call.startswith("PUT") for call in fake.calls)
