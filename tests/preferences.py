"""What consumers want to be told of, made without the pages, and by them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import MailAddress, OutgoingMail, Subscription
from tests.conftest import Party
from tests.fake.cloud import FakeCloud

AT_ONCE = dict.fromkeys(Subscription.KINDS, "at_once")
PAGE = "/inbox/mail/"
TEAM, CHEN = "team@orchard.test", "chen@orchard.test"


def an_address(project_id: str, email: str = TEAM, **fields: Any) -> MailAddress:
    """The team's, confirmed, unless ``fields`` differ."""
    now = timezone.now()
    defaults = {
        "project_id": project_id,
        "project_name": "orchard",
        "email": email,
        "by_id": "chen-id",
        "by_name": "chen",
        "confirm_until": now + timedelta(hours=48),
        "confirmed_at": now,
    }
    return MailAddress.objects.create(**(defaults | fields))


def a_subscription(
    project_id: str, email: str = CHEN, *, user_id: str = "chen-id", **choices: str
) -> Subscription:
    """With a confirmed address."""
    mine = Subscription.objects.create(
        user_id=user_id, user_name="chen", project_id=project_id, **choices
    )
    an_address(project_id, email, subscription=mine)
    return mine


def user_id(fake: FakeCloud, party: Party) -> str:
    return next(user.id for user in fake.keystone.users if user.name == party.name)


def confirm_link(email: str) -> str:
    """As it is in the newest mail that asks for it."""
    mails = OutgoingMail.objects.filter(kind="confirm_address", to=email)
    text = mails.latest("pk").text
    line = next(line for line in text.splitlines() if "/confirm/" in line)
    return line.strip().removeprefix("http://localhost")


def open_link(email: str) -> None:
    assert Client().post(confirm_link(email)).status_code == 200


def share(producer: Party, image: str, consumer: Party, email: str = "") -> None:
    form = {"project_id": consumer.project.id, "email": email}
    assert producer.client.post(reverse("members", args=[image]), form).status_code == 302


def written(kind: str = "shared") -> list[str]:
    """To whom mails of this kind were written, in their order."""
    return list(OutgoingMail.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def subscribe(party: Party, email: str = CHEN, **choices: str) -> None:
    form = AT_ONCE | {"email": email, "project": party.project.id} | choices
    assert party.client.post(PAGE, form).status_code == 302


def register(party: Party, email: str = TEAM, **fields: str) -> int:
    form = {"email": email, "project": party.project.id} | fields
    return int(party.client.post(f"{PAGE}team/", form).status_code)
