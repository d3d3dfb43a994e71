"""The request's permanent page, and what its holder can do there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, OutgoingMail, RequestEvent, Share
from tests.conftest import Party
from tests.visitor import PRODUCER, PROJECT, a_listing, a_request, page_of

pytestmark = pytest.mark.django_db
STATES = ["unconfirmed", "open", "asked", "approved", "declined", "withdrawn", "expired"]


def a_share(asked: AccessRequest, **fields: Any) -> Share:
    return Share.objects.create(
        image_id=asked.listing.image_id,
        project_id=asked.project_id,
        producer_project_id=PRODUCER,
        request=asked,
        shared_at=timezone.now(),
        **fields,
    )


def post(asked: AccessRequest, verb: str, **form: str) -> Any:
    return Client().post(reverse(f"access-{verb}", args=[asked.token]), form)


@pytest.mark.parametrize("state", STATES)
def test_it_is_there_in_every_state(state: str) -> None:
    asked = a_request(a_listing(), state)
    page = page_of(asked.get_absolute_url())
    assert f'data-request="{asked.pk}"' in page
    assert f'data-state="{state}"' in page
    assert page.count("<h1") == 1
    assert "For our build farm." in page


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("change", [{"state": "withdrawn"}, {"unavailable_since": timezone.now()}])
def test_it_is_there_when_the_listing_is_not(state: str, change: dict[str, Any]) -> None:
    asked = a_request(a_listing(**change), state)
    page = page_of(asked.get_absolute_url())
    assert reverse("request", args=[asked.listing.slug]) not in page


def test_no_cache_keeps_it_and_no_search_engine_lists_it() -> None:
    answer = Client().get(a_request(a_listing()).get_absolute_url())
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


@pytest.mark.parametrize("name", ["access", "access-confirm"])
@pytest.mark.parametrize("token", ["x", "0" * 43])
def test_a_link_that_was_guessed_leads_nowhere(name: str, token: str) -> None:
    assert Client().get(reverse(name, args=[token])).status_code == 404


@pytest.mark.parametrize("verb", ["confirm", "answer", "withdraw"])
def test_a_guessed_link_does_nothing(verb: str) -> None:
    assert Client().post(reverse(f"access-{verb}", args=["x"])).status_code == 404


@pytest.mark.parametrize("verb", ["answer", "withdraw"])
def test_only_the_forms_change_something(verb: str) -> None:
    asked = a_request(a_listing(), "asked")
    assert Client().get(reverse(f"access-{verb}", args=[asked.token])).status_code == 405


@pytest.mark.parametrize("who", ["producer", "consumer", "stranger"])
def test_whoever_has_the_link_may_see_it(who: str, request: pytest.FixtureRequest) -> None:
    party: Party = request.getfixturevalue(who)
    assert "data-request" in page_of(a_request(a_listing()).get_absolute_url(), party.client)


def test_unconfirmed_it_says_where_to_look_but_not_the_key() -> None:
    asked = a_request(a_listing(), "unconfirmed")
    page = page_of(asked.get_absolute_url())
    assert "Look into your mail" in page
    assert asked.confirm_token not in page
    assert reverse("access-confirm", args=[asked.token]) not in page


def test_unconfirmed_for_too_long_it_offers_to_ask_again() -> None:
    late = timezone.now() - timedelta(seconds=1)
    asked = a_request(a_listing(), "unconfirmed", confirm_until=late)
    page = page_of(asked.get_absolute_url())
    assert f"?from={asked.token}" in page
    assert "not confirmed in time" in page


def test_approved_it_leads_to_the_share() -> None:
    asked = a_request(a_listing(), "approved")
    share = a_share(asked)
    page = page_of(asked.get_absolute_url())
    assert f'href="/shares/{share.image_id}/?project={PROJECT}"' in page
    assert reverse("inbox") in page


def test_approved_and_removed_since_it_says_so() -> None:
    asked = a_request(a_listing(), "approved")
    a_share(asked, removed_at=timezone.now())
    page = page_of(asked.get_absolute_url())
    assert "no longer shared" in page
    assert "Open the image" not in page


def test_declined_it_says_why_and_offers_to_ask_again() -> None:
    asked = a_request(a_listing(), "declined", reason="Wrong <licence>.")
    page = page_of(asked.get_absolute_url())
    assert "Wrong &lt;licence&gt;." in page
    assert f"{reverse('request', args=[asked.listing.slug])}?from={asked.token}" in page


def test_the_steps_are_told_in_order() -> None:
    asked = a_request(a_listing(), "asked", reason="Which farm?")
    RequestEvent.objects.create(request=asked, kind="asked", text="Which farm?", by_name="ada")
    page = page_of(asked.get_absolute_url())
    assert page.index("Requested</h3>") < page.index("More information asked</h3>")
    assert "by ada" in page


# Answering


def test_a_question_is_answered_on_the_page() -> None:
    asked = a_request(a_listing(), "asked", reason="Which farm?")
    page = page_of(asked.get_absolute_url())
    assert "Which farm?" in page
    assert reverse("access-answer", args=[asked.token]) in page
    answer = post(asked, "answer", answer="The northern one.")
    assert answer.headers["Location"] == asked.get_absolute_url()
    asked.refresh_from_db()
    assert asked.state == "open"
    assert "The northern one." in page_of(asked.get_absolute_url())
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("request_received", "images@acme.test")
    assert "The northern one." in mail.text


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "\0"])
def test_an_answer_that_is_none_is_a_mistake(text: str) -> None:
    asked = a_request(a_listing(), "asked")
    answer = post(asked, "answer", answer=text)
    assert answer.status_code == 422
    assert 'id="id_answer_error"' in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == "asked"


@pytest.mark.parametrize("state", [state for state in STATES if state != "asked"])
@pytest.mark.parametrize("text", ["Too late.", ""])
def test_nobody_waits_for_an_answer_in_other_states(state: str, text: str) -> None:
    asked = a_request(a_listing(), state)
    assert post(asked, "answer", answer=text).status_code == 409
    asked.refresh_from_db()
    assert asked.state == state
    assert not OutgoingMail.objects.exists()


# Withdrawing


@pytest.mark.parametrize("state", ["unconfirmed", "open", "asked"])
def test_an_undecided_request_can_be_withdrawn(state: str) -> None:
    asked = a_request(a_listing(), state)
    assert "Withdraw…" in page_of(asked.get_absolute_url())
    assert post(asked, "withdraw").headers["Location"] == asked.get_absolute_url()
    page = page_of(asked.get_absolute_url())
    assert 'data-state="withdrawn"' in page
    assert f"?from={asked.token}" in page


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
def test_a_decided_one_cannot(state: str) -> None:
    asked = a_request(a_listing(), state)
    assert "Withdraw…" not in page_of(asked.get_absolute_url())
    assert post(asked, "withdraw").status_code == 409
    asked.refresh_from_db()
    assert asked.state == state


def test_while_a_producer_decides_it_cannot_be_withdrawn() -> None:
    asked = a_request(a_listing(), claimed_until=timezone.now() + timedelta(minutes=1))
    assert post(asked, "withdraw").status_code == 409
    asked.refresh_from_db()
    assert asked.state == "open"
