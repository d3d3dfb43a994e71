"""Who is no longer in the project is told nothing of it any more."""

from __future__ import annotations

import pytest
from django.test import Client

from sharing.cloud.resources import User
from sharing.models import MailAddress
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.preferences import (
    CHEN,
    a_subscription,
    open_link,
    share,
    subscribe,
    user_id,
    written,
)
from tests.signing_in import FORM

pytestmark = pytest.mark.django_db


def test_at_the_next_sign_in_it_has_ended(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    other = fake.project("other")
    fake.keystone.users[-1].roles[other.id] = {"member"}
    subscribe(consumer)
    open_link(CHEN)
    address = MailAddress.objects.get()
    fake.revoke(consumer.name, consumer.project)
    assert Client().post("/sign-in/", FORM | {"username": consumer.name}).status_code == 302
    share(producer, image, consumer)
    assert written() == []
    page = Client().post(f"/unsubscribe/{address.token}/", {"subscribe": "yes"})
    assert "not in the project any more" in page.content.decode()
    address.refresh_from_db()
    assert not address.is_in_use


def test_who_had_stopped_it_cannot_bring_it_back_after_leaving(
    fake: FakeCloud, consumer: Party
) -> None:
    other = fake.project("other")
    fake.keystone.users[-1].roles[other.id] = {"member"}
    subscribe(consumer)
    open_link(CHEN)
    address = MailAddress.objects.get()
    Client().post(f"/unsubscribe/{address.token}/")
    fake.revoke(consumer.name, consumer.project)
    assert Client().post("/sign-in/", FORM | {"username": consumer.name}).status_code == 302
    Client().post(f"/unsubscribe/{address.token}/", {"subscribe": "yes"})
    address.refresh_from_db()
    assert not address.is_in_use


def test_a_switch_of_projects_looks_too(fake: FakeCloud, consumer: Party) -> None:
    a_subscription("f" * 32, user_id=user_id(fake, consumer))
    consumer.client.post("/scope/", {"project_id": consumer.project.id[::-1]})
    assert MailAddress.objects.get().ending == "left"


def test_an_application_credential_says_nothing_of_other_projects(
    fake: FakeCloud, consumer: Party
) -> None:
    mine = a_subscription("f" * 32, user_id=user_id(fake, consumer))
    user = next(one for one in fake.keystone.users if one.name == consumer.name)
    credential, secret = fake.application_credential(User(user.id, user.name), consumer.project)
    form = {
        "method": "application_credential",
        "application_credential_id": credential,
        "application_credential_secret": secret,
    }
    assert Client().post("/sign-in/", form).status_code == 302
    assert mine.addresses.get().is_in_use
