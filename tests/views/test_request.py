"""The request form."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import AccessRequest, Listing, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.visitor import PRODUCER, PROJECT, a_listing, a_request, page_of

pytestmark = pytest.mark.django_db
FORM = {"project_id": PROJECT, "email": "chen@orchard.test", "message": "For our build farm."}


def ask(listing: Listing, client: Client | None = None, **fields: Any) -> Any:
    url = reverse("request", args=[listing.slug])
    form = {name: value for name, value in (FORM | fields).items() if value is not None}
    return (client or Client()).post(url, form)


def ask_as(party: Party, listing: Listing, **fields: Any) -> Any:
    return ask(listing, party.client, **({"signed_in": "yes", "project_id": None} | fields))


def error_at(html: str, name: str) -> str:
    """The error that is linked to the field; the field says that it is wrong."""
    found = re.search(rf'id="id_{name}_error">(.*?)</div>', html, re.DOTALL)
    assert found, f"no error at {name}"
    assert re.search(rf'<(input|textarea)[^>]*name="{name}"[^>]*aria-invalid="true"', html)
    return found[1]


def test_the_form_says_where_the_project_id_is() -> None:
    page = page_of(reverse("request", args=[a_listing().slug]))
    assert "openstack token issue" in page
    assert "openstack project show" in page
    assert reverse("sign-in") + "?next=/catalogue/" in page
    assert page.count("<h1") == 1


def test_a_visitor_gets_a_status_page_and_a_mail_to_confirm() -> None:
    answer = ask(a_listing())
    asked = AccessRequest.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == asked.get_absolute_url() == f"/access/{asked.token}/"
    assert (asked.state, asked.is_verified, asked.project_id) == ("unconfirmed", False, PROJECT)
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("confirm_request", "chen@orchard.test")


@pytest.mark.parametrize(
    "typed", ["01234567-89AB-CDEF-0123-456789ABCDEF", f"  {PROJECT.upper()} ", PROJECT]
)
def test_dashes_capitals_and_spaces_do_no_harm(typed: str) -> None:
    assert ask(a_listing(), project_id=typed).status_code == 302
    assert AccessRequest.objects.get().project_id == PROJECT


@pytest.mark.parametrize(
    "typed", ["", "orchard", PROJECT[:-1], PROJECT + "0", "g" * 32, "a/b", "\0", "x" * 9000]
)
def test_what_is_no_project_id_is_a_mistake(typed: str) -> None:
    answer = ask(a_listing(), project_id=typed)
    assert answer.status_code == 422
    assert error_at(answer.content.decode(), "project_id")
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("typed", ["", "chen", "a@b", "a@b.test\nBcc: x@y.test", "@", "\0@a.test"])
def test_what_is_no_address_is_a_mistake(typed: str) -> None:
    answer = ask(a_listing(), email=typed)
    assert answer.status_code == 422
    assert error_at(answer.content.decode(), "email")
    assert not OutgoingMail.objects.exists()


def test_a_mistake_keeps_what_was_typed() -> None:
    answer = ask(a_listing(), project_id="orchard", message="For <our> farm.")
    html = answer.content.decode()
    assert 'value="orchard"' in html
    assert 'value="chen@orchard.test"' in html
    assert "For &lt;our&gt; farm." in html
    assert 'href="#id_project_id"' in html


def test_a_message_has_an_end() -> None:
    assert ask(a_listing(), message="x" * 2000).status_code == 302
    answer = ask(a_listing(), message="x" * 2001)
    assert answer.status_code == 422
    assert error_at(answer.content.decode(), "message")


def test_a_message_may_be_left_out() -> None:
    assert ask(a_listing(), message=None).status_code == 302


def test_terms_must_be_accepted_and_are_kept_as_they_were() -> None:
    listing = a_listing(terms="Not for sale.")
    answer = ask(listing)
    assert answer.status_code == 422
    assert error_at(answer.content.decode(), "accept_terms")
    assert ask(listing, accept_terms="on").status_code == 302
    assert AccessRequest.objects.get().accepted_terms == "Not for sale."


def test_without_terms_there_is_nothing_to_accept() -> None:
    listing = a_listing()
    assert "accept_terms" not in page_of(reverse("request", args=[listing.slug]))


def test_the_owner_needs_no_access() -> None:
    answer = ask(a_listing(), project_id=PRODUCER)
    assert answer.status_code == 422
    assert "owns the image" in error_at(answer.content.decode(), "project_id")


def test_a_member_gets_the_same_answer_as_anybody(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = fake.image(producer.project)
    listing = a_listing(image_id=image_id, project_id=producer.project.id)
    fake.member(image_id, consumer.project, "accepted")
    before = len(fake.calls)
    answers = [ask(listing, project_id=one) for one in (consumer.project.id, PROJECT)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert fake.calls[before:] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_withdrawn_listing_takes_no_requests(method: str) -> None:
    listing = a_listing(state="withdrawn")
    url = reverse("request", args=[listing.slug])
    assert getattr(Client(), method)(url, FORM).status_code == 410
    assert not AccessRequest.objects.exists()


# Signed in


def test_signed_in_the_project_is_fixed_and_verified(consumer: Party) -> None:
    listing = a_listing()
    page = page_of(reverse("request", args=[listing.slug]), consumer.client)
    field = re.search(r'<input[^>]*name="project_id"[^>]*>', page)
    assert field
    assert "readonly" in field[0]
    assert consumer.project.id in field[0]
    assert "Verified" in page
    assert ask_as(consumer, listing).status_code == 302
    asked = AccessRequest.objects.get()
    assert (asked.state, asked.is_verified) == ("open", True)
    assert (asked.project_id, asked.user_name) == (consumer.project.id, "chen")
    assert OutgoingMail.objects.get().kind == "request_received"


def test_signed_in_another_project_is_a_mistake(consumer: Party) -> None:
    answer = ask_as(consumer, a_listing(), project_id=PROJECT)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert PROJECT in error_at(html, "project_id")
    assert f'value="{consumer.project.id}"' in html
    assert not AccessRequest.objects.exists()


def test_signed_in_its_own_project_in_another_form_is_none(consumer: Party) -> None:
    typed = consumer.project.id.upper()
    assert ask_as(consumer, a_listing(), project_id=typed).status_code == 302


def test_a_script_that_is_signed_in_needs_no_hidden_field(consumer: Party) -> None:
    listing = a_listing()
    assert ask(listing, consumer.client, project_id=consumer.project.id).status_code == 302
    assert AccessRequest.objects.get().is_verified


def test_the_owner_signed_in_is_told_so(producer: Party) -> None:
    listing = a_listing(project_id=producer.project.id)
    page = page_of(reverse("request", args=[listing.slug]), producer.client)
    assert "This image is yours" in page
    assert 'name="email"' not in page
    answer = ask_as(producer, listing)
    assert answer.status_code == 422
    assert "owns the image" in error_at(answer.content.decode(), "project_id")


def test_keystone_is_asked_whether_the_token_still_holds(consumer: Party, fake: FakeCloud) -> None:
    listing = a_listing()
    fake.expire_all()
    answer = ask_as(consumer, listing)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("sign-in"))
    assert not AccessRequest.objects.exists()


def test_a_sign_in_that_ran_out_keeps_what_was_typed(consumer: Party, fake: FakeCloud) -> None:
    listing = a_listing()
    fake.expire_all()
    ask_as(consumer, listing, message="Typed with care.")
    page = page_of(reverse("request", args=[listing.slug]), consumer.client)
    assert "Typed with care." in page
    assert "aria-invalid" not in page
    assert "Typed with care." not in page_of(
        reverse("request", args=[listing.slug]), consumer.client
    )


def test_a_promise_of_verified_is_not_broken_silently() -> None:
    listing = a_listing()
    client = Client()
    answer = ask(listing, client, signed_in="yes")
    assert answer.headers["Location"].startswith(reverse("sign-in"))
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(
    "weather", [{"refused": True}, {"slow": True}, {"status": 500}, {"html": True}]
)
def test_with_keystone_away_nothing_is_sent_and_nothing_lost(
    weather: Weather, consumer: Party, fake: FakeCloud
) -> None:
    listing = a_listing()
    fake.fail("GET", "/v3/auth/tokens", **weather, times=2)
    answer = ask_as(consumer, listing, message="Typed with care.")
    assert answer.status_code == 503
    assert not AccessRequest.objects.exists()
    url = reverse("request", args=[listing.slug])
    assert "Typed with care." in page_of(url, consumer.client)


# Asking again


def again(listing: Listing, token: str) -> str:
    return f"{reverse('request', args=[listing.slug])}?{urlencode({'from': token})}"


def test_asking_again_starts_from_what_was_said() -> None:
    listing = a_listing()
    before = a_request(listing, "declined", message="Said before.")
    page = page_of(again(listing, before.token))
    assert "Said before." in page
    assert 'value="chen@orchard.test"' in page
    assert f'value="{PROJECT}"' in page


@pytest.mark.parametrize("token", ["", "nonsense", "\0", "ü"])
def test_an_earlier_request_that_is_not_there_is_an_empty_form(token: str) -> None:
    assert "chen@" not in page_of(again(a_listing(), token))


def test_an_earlier_request_for_another_image_is_not_told() -> None:
    other = a_request(a_listing())
    page = page_of(again(a_listing(), other.token))
    assert other.email not in page
