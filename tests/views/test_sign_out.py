import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.signing_in import FORM

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


def test_signing_out_forgets_and_revokes(fake: FakeCloud, ada: str) -> None:
    client = Client()
    client.post(URL, FORM)
    key = client.session.session_key
    answer = client.post(reverse("sign-out"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/inbox/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert all(token.is_revoked for token in fake.keystone.tokens.values())


def test_signing_out_works_with_keystone_away(fake: FakeCloud, ada: str) -> None:
    client = Client()
    client.post(URL, FORM)
    fake.stop_keystone()
    assert client.post(reverse("sign-out")).status_code == 302
    assert client.get("/inbox/").status_code == 302


def test_signing_out_needs_a_button(consumer: Party) -> None:
    assert consumer.client.get(reverse("sign-out")).status_code == 405
    assert consumer.client.get("/inbox/").status_code == 200
