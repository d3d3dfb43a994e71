"""Who may pass: the owner; not the image's consumer, not a stranger, not nobody."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said

PAGES = ("producer", "figures", "profile", "producer-images", "requests", "mail", "history")
IMAGE_PAGES = ("producer-image", "listing-edit")
IMAGE_FORMS = {
    "visibility": {"visibility": "private"},
    "members": {"project_id": "a" * 32},
    "listing-edit": {"title": "Mine", "contact_email": "m@evil.test", "state": "published"},
    "listing-preview": {"title": "Mine", "contact_email": "m@evil.test"},
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_ones_own_opens(producer: Party, name: str) -> None:
    assert producer.client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_nobody_signs_in_and_comes_back(db: None, fake: FakeCloud, name: str) -> None:
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('sign-in')}?next={quote(reverse(name), safe='')}"


@pytest.mark.parametrize("name", IMAGE_PAGES)
def test_only_the_owner_opens_an_image(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, name: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    url = reverse(name, args=[image])
    assert producer.client.get(url).status_code == 200
    assert consumer.client.get(url).status_code == 404
    assert stranger.client.get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", IMAGE_FORMS)
def test_only_the_owner_changes_an_image(
    fake: FakeCloud, consumer: Party, stranger: Party, image: str, name: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    url = reverse(name, args=[image])
    writes = [consumer.client, stranger.client, Client()]
    assert [who.post(url, IMAGE_FORMS[name]).status_code for who in writes] == [404, 404, 302]
    assert not [call for call in fake.calls if call.startswith(("PATCH", "POST /v2"))]


@pytest.mark.parametrize("name", ["member-remove", "member-contact"])
def test_only_the_owner_changes_a_member(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, name: str
) -> None:
    fake.member(image, consumer.project)
    url = reverse(name, args=[image, consumer.project.id])
    form = {"email": "new@orchard.test"}
    others = [consumer.client, stranger.client, Client()]
    assert [who.post(url, form).status_code for who in others] == [404, 404, 302]
    assert fake.member_status(image, consumer.project) == "pending"
    assert producer.client.post(url, form).status_code == 302


def test_only_the_owner_decides(
    producer: Party, consumer: Party, stranger: Party, ask: Ask
) -> None:
    url = reverse("decision", args=[ask().pk])
    form = {"decision": "decline", "reason": "No."}
    others = [consumer.client, stranger.client, Client()]
    assert [who.post(url, form).status_code for who in others] == [404, 404, 302]
    assert producer.client.post(url, form).status_code == 302


def test_only_the_writer_sends_a_mail_again(
    producer: Party, consumer: Party, stranger: Party, ask: Ask
) -> None:
    ask()
    OutgoingMail.objects.update(state="failed")
    url = reverse("mail-retry", args=[OutgoingMail.objects.get().pk])
    others = [consumer.client, stranger.client, Client()]
    assert [who.post(url).status_code for who in others] == [404, 404, 302]
    assert producer.client.post(url).status_code == 302


def test_not_yours_and_not_there_are_the_same(fake: FakeCloud, stranger: Party, image: str) -> None:
    not_yours = stranger.client.get(reverse("producer-image", args=[image]))
    not_there = stranger.client.get(reverse("producer-image", args=[uuid.uuid4()]))
    assert (not_yours.status_code, said(not_yours)) == (not_there.status_code, said(not_there))


def test_an_admin_sees_all_images_and_still_owns_only_his(
    fake: FakeCloud, stranger: Party, image: str
) -> None:
    admin = next(user for user in fake.keystone.users if user.name == stranger.name)
    admin.roles[stranger.project.id].add("admin")
    for token in fake.keystone.tokens.values():
        token.roles |= {"admin"}
    assert stranger.client.get(reverse("producer-image", args=[image])).status_code == 404


@pytest.mark.parametrize("name", [*IMAGE_FORMS])
def test_a_form_cannot_be_opened_like_a_page(producer: Party, image: str, name: str) -> None:
    expected = 200 if name == "listing-edit" else 405
    assert producer.client.get(reverse(name, args=[image])).status_code == expected
