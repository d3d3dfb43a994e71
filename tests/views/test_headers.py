"""What every answer says to browsers and caches. A new route is covered by itself."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, include, path

from portal import urls
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share
from tests.test_routes import IMAGE, PROJECT
from tests.visitor import a_listing, a_recipient, a_request
from tests.websso import BACK, begin, send

VALUES = {"uuid": IMAGE, "int": "7", "slug": "t0ken", "member": PROJECT}
POLICY = {
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
}
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# The catalogue for machines: the same for everybody.
PUBLIC = {"/feed.atom", "/catalogue.json"}
OFF = ("camera", "geolocation", "microphone", "payment", "usb")


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("broken/", broken), path("", include("portal.urls"))]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
pytestmark = pytest.mark.django_db


def every_route() -> Iterator[Any]:
    """The address of each named route, with something for each of its parts."""
    for pattern in get_resolver("sharing.urls").url_patterns:
        assert isinstance(pattern, URLPattern)
        text = str(pattern.pattern)
        for kind, value in VALUES.items():
            while f"<{kind}:" in text:
                before, _, rest = text.partition(f"<{kind}:")
                text = before + value + rest.partition(">")[2]
        assert "<" not in text, text
        yield pytest.param(f"/{text}", id=str(pattern.name))


def is_nowhere_kept(answer: Any) -> None:
    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def is_careful(answer: Any) -> None:
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    allowed = dict(one.split("=") for one in answer["Permissions-Policy"].split(", "))
    assert {allowed[name] for name in OFF} == {"()"}
    assert "Cache-Control" in answer
    for cookie in answer.cookies.values():
        if cookie["max-age"] != 0:
            assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)


@pytest.fixture(autouse=True)
def _monitored(settings: Any, fake: FakeCloud) -> None:
    settings.METRICS_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.mark.parametrize("address", [*every_route(), "/metrics", "/no-such-page/"])
def test_for_a_visitor(address: str) -> None:
    for answer in (Client().get(address), Client().post(address)):
        is_careful(answer)
        assert "public" in answer["Cache-Control"] or "private" in answer["Cache-Control"]


@pytest.mark.parametrize("address", [*every_route()])
def test_for_somebody_signed_in(consumer: Party, address: str) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        for answer in (
            consumer.client.get(address, headers=headers),
            consumer.client.post(address, headers=headers),
        ):
            is_careful(answer)
            if address not in PUBLIC:
                is_nowhere_kept(answer)


def test_a_secret_link_is_nowhere_kept(producer: Party) -> None:
    listing = a_listing()
    asked = a_request(listing, "unconfirmed")
    for address in (
        f"/access/{asked.token}/",
        f"/access/{asked.token}/confirm/?key={asked.confirm_token}",
        f"/unsubscribe/{a_recipient().token}/",
        f"/catalogue/{listing.slug}/request/?from={asked.token}",
    ):
        answer = Client().get(address)
        assert answer.status_code == 200
        is_careful(answer)
        is_nowhere_kept(answer)


def test_a_secret_feed(consumer: Party) -> None:
    made = consumer.client.post("/inbox/feeds/", {"project": consumer.project.id})
    key = re.findall(r"/feeds/([\w-]+)\.atom", made.content.decode())[0]
    answer = Client().get(f"/feeds/{key}.atom")
    assert answer.status_code == 200
    is_careful(answer)
    assert "private" in answer["Cache-Control"]


def test_bytes_and_lists(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.glance.images.images[image_id].data = b"bytes"
    for party, address in (
        (consumer, f"/shares/{image_id}/download/"),
        (producer, "/producer/shares.csv"),
        (producer, "/producer/shares.json"),
    ):
        answer = party.client.get(address)
        assert answer.status_code == 200
        is_careful(answer)
        is_nowhere_kept(answer)


def test_the_pages_for_what_went_wrong(
    fake: FakeCloud, consumer: Party, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.stop_glance()
    settings.ROOT_URLCONF = __name__
    careless = Client(raise_request_exception=False)
    strict = Client(enforce_csrf_checks=True)
    answers = {
        400: careless.get("/", headers={"Host": "elsewhere.test"}),
        403: strict.post("/sign-in/", {"username": "ada"}),
        404: careless.get("/no-such-page/"),
        405: careless.get("/sign-out/"),
        413: careless.post("/sign-in/", {"username": "a" * 3_000_000}),
        500: careless.get("/broken/"),
        503: consumer.client.get("/inbox/"),
    }
    assert [answer.status_code for answer in answers.values()] == [*answers]
    for answer in answers.values():
        is_careful(answer)


def test_the_way_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/inbox/")
    assert answer["Location"] == "https://testserver/inbox/"
    is_careful(answer)
    for address in ("/healthz", "/metrics"):
        assert Client().get(address).status_code == 200


def test_static_files() -> None:
    answer: Any = Client().get("/static/portal.css")
    assert b"".join(answer)
    is_careful(answer)
    answer.close()


def test_the_way_back_from_keystone_goes_on_working(
    websso: None, websso_token: str, gone: Client
) -> None:
    """Another site's form posts there, in the same window: what shuts others out must let it in."""
    for answer in (begin(gone), send(gone, websso_token), gone.get(BACK)):
        is_careful(answer)
        assert "no-store" in answer["Cache-Control"] or answer.status_code == 302
    assert gone.get("/inbox/").status_code == 200
