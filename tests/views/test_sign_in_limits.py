from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.signing_in import FORM

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


def test_ten_wrong_ones_are_enough(ada: str) -> None:
    client = Client()
    for _ in range(10):
        assert client.post(URL, FORM | {"password": "no"}).status_code == 422
    answer = client.post(URL, FORM)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300
    assert "Please wait" in answer.content.decode()


def test_the_wait_ends(ada: str) -> None:
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=5, seconds=1), tick=False):
        for _ in range(10):
            client.post(URL, FORM | {"password": "no"})
        assert client.post(URL, FORM).status_code == 429
    assert client.post(URL, FORM).status_code == 302


def test_ten_wrong_ones_for_a_user_from_anywhere_are_enough(ada: str) -> None:
    for number in range(10):
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(URL, FORM | {"password": "no"})
    assert Client(REMOTE_ADDR="10.0.1.1").post(URL, FORM).status_code == 429
    assert Client(REMOTE_ADDR="10.0.1.1").post(URL, FORM | {"username": "bo"}).status_code == 422


def test_ten_wrong_ones_from_an_address_for_anyone_are_enough(ada: str) -> None:
    for number in range(10):
        Client().post(URL, FORM | {"username": f"user{number}"})
    assert Client().post(URL, FORM).status_code == 429
    assert Client(REMOTE_ADDR="10.0.1.1").post(URL, FORM).status_code == 302


def test_right_ones_do_not_count(ada: str) -> None:
    for _ in range(12):
        assert Client().post(URL, FORM).status_code == 302


def test_a_header_does_not_make_another_address(ada: str) -> None:
    for number in range(10):
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        Client().post(URL, FORM | {"username": f"u{number}"}, headers=headers)
    headers = {"X-Forwarded-For": "10.9.9.9"}
    assert Client().post(URL, FORM, headers=headers).status_code == 429


def test_a_trusted_proxy_tells_the_address(ada: str, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(10):
        headers = {"X-Forwarded-For": "1.1.1.1, 10.0.0.1"}
        Client().post(URL, FORM | {"username": f"u{number}"}, headers=headers)
    for forged, status in (("10.0.0.1", 429), ("10.0.0.2", 302)):
        headers = {"X-Forwarded-For": f"8.8.8.8, {forged}"}
        assert Client().post(URL, FORM, headers=headers).status_code == status
