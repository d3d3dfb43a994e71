"""At most five requests an hour from one address, and three undecided per project and listing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from sharing.models import AccessRequest, Listing
from tests.conftest import Party
from tests.visitor import PROJECT, a_listing, a_request, page_of

pytestmark = pytest.mark.django_db


def ask(listing: Listing, client: Client | None = None, **sent: Any) -> int:
    form = {"project_id": PROJECT, "email": "chen@orchard.test", "message": "Typed."}
    url = reverse("request", args=[listing.slug])
    return (client or Client()).post(url, form, **sent).status_code


def ask_five() -> list[int]:
    return [ask(a_listing()) for _ in range(5)]


def test_the_sixth_in_an_hour_has_to_wait() -> None:
    assert ask_five() == [302] * 5
    client = Client()
    listing = a_listing()
    url = reverse("request", args=[listing.slug])
    form = {"project_id": PROJECT, "email": "chen@orchard.test", "message": "Typed."}
    answer = client.post(url, form)
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert AccessRequest.objects.count() == 5
    assert "Typed." in page_of(url, client)


def test_after_an_hour_it_goes_on() -> None:
    ask_five()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert ask(a_listing()) == 302


def test_trying_on_does_not_make_the_wait_longer() -> None:
    ask_five()
    with time_machine.travel(timezone.now() + timedelta(minutes=50)):
        assert ask(a_listing()) == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert ask(a_listing()) == 302


def test_another_address_is_another_count() -> None:
    ask_five()
    assert ask(a_listing(), REMOTE_ADDR="192.0.2.7") == 302


def test_a_mistake_in_the_form_is_not_counted() -> None:
    listing = a_listing()
    for _ in range(6):
        Client().post(reverse("request", args=[listing.slug]), {"project_id": "x"})
    assert ask(listing) == 302


def test_without_trusted_proxies_nobody_names_his_own_address() -> None:
    ask_five()
    for spoofed in ("192.0.2.7", "192.0.2.8, 127.0.0.1", ""):
        assert ask(a_listing(), headers={"X-Forwarded-For": spoofed}) == 429


def test_behind_a_proxy_the_last_hop_counts(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        seen = {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.7"}
        assert ask(a_listing(), headers=seen) == 302
    assert ask(a_listing(), headers={"X-Forwarded-For": "10.0.0.99, 192.0.2.7"}) == 429
    assert ask(a_listing(), headers={"X-Forwarded-For": "192.0.2.8"}) == 302


def test_the_fourth_undecided_one_is_a_mistake() -> None:
    listing = a_listing()
    for state in ("open", "asked", "unconfirmed"):
        a_request(listing, state)
    form = {"project_id": PROJECT, "email": "chen@orchard.test", "message": "Typed."}
    answer = Client().post(reverse("request", args=[listing.slug]), form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "3 undecided requests" in html
    assert "Typed." in html


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
def test_what_is_decided_does_not_count(state: str) -> None:
    listing = a_listing()
    for _ in range(3):
        a_request(listing, state)
    assert ask(listing) == 302


def test_what_was_never_confirmed_stops_counting() -> None:
    listing = a_listing()
    for _ in range(3):
        a_request(listing, "unconfirmed", confirm_until=timezone.now() - timedelta(seconds=1))
    assert ask(listing) == 302


def test_other_projects_and_other_listings_do_not_count() -> None:
    listing = a_listing()
    for _ in range(3):
        a_request(listing, project_id="f" * 32)
        a_request(a_listing())
    assert ask(listing) == 302


def test_signed_in_the_limits_are_the_same(consumer: Party) -> None:
    listing = a_listing()
    form = {"email": "chen@orchard.test", "signed_in": "yes"}
    url = reverse("request", args=[listing.slug])
    codes = [consumer.client.post(url, form).status_code for _ in range(6)]
    assert codes == [302, 302, 302, 422, 422, 429]


def test_strangers_who_claim_a_project_do_not_stand_in_its_way(consumer: Party) -> None:
    listing = a_listing()
    for state in ("open", "asked", "unconfirmed"):
        a_request(listing, state, project_id=consumer.project.id)
    form = {"email": "chen@orchard.test", "signed_in": "yes"}
    url = reverse("request", args=[listing.slug])
    assert consumer.client.post(url, form).status_code == 302


def test_nobody_is_flooded_with_confirmations_from_many_addresses() -> None:
    codes = [ask(a_listing(), REMOTE_ADDR=f"192.0.2.{number}") for number in range(11)]
    assert codes == [302] * 10 + [429]


def test_an_ipv6_client_counts_by_its_network() -> None:
    codes = [ask(a_listing(), REMOTE_ADDR=f"2001:db8::{number}") for number in range(1, 7)]
    assert codes == [302] * 5 + [429]
    assert ask(a_listing(), REMOTE_ADDR="2001:db8:0:1::1") == 302


@pytest.mark.parametrize("hop", ["192.0.2.7:{}", "[2001:db8::7]:{}"])
def test_the_port_that_a_proxy_writes_is_no_other_client(settings: Settings, hop: str) -> None:
    settings.TRUSTED_PROXIES = 1
    hops = [hop.format(1000 + number) for number in range(6)]
    codes = [ask(a_listing(), headers={"X-Forwarded-For": one}) for one in hops]
    assert codes == [302] * 5 + [429]
