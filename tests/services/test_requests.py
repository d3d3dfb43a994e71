"""The requester's verbs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, OutgoingMail, RequestEvent
from sharing.services import refusals, requests
from sharing.services.requests import Requester
from tests.visitor import PROJECT, a_listing, a_request

pytestmark = pytest.mark.django_db
VISITOR = Requester("192.0.2.1")
CHEN = Requester("192.0.2.2", User("u1", "chen"))


def ask(listing: Listing, by: Requester = VISITOR) -> AccessRequest:
    return requests.ask(
        listing=listing, project_id=PROJECT, email="c@orchard.test", message="Hello.", by=by
    )


def kinds() -> list[str]:
    return list(RequestEvent.objects.values_list("kind", flat=True))


def mails() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))


def test_a_visitors_request_waits_for_the_address() -> None:
    request = ask(a_listing(terms="Be kind."))
    assert request.state == "unconfirmed"
    assert request.confirm_until is not None
    assert request.confirm_until - request.created_at > timedelta(hours=47, minutes=59)
    assert request.accepted_terms == "Be kind."
    assert (kinds(), mails()) == (["created"], ["confirm_request"])


def test_a_signed_in_users_request_is_open_at_once() -> None:
    request = ask(a_listing(), CHEN)
    assert (request.state, request.is_verified, request.is_confirmed) == ("open", True, True)
    assert (request.user_id, request.user_name) == ("u1", "chen")
    assert mails() == ["request_received"]


def test_no_two_requests_have_a_link_in_common() -> None:
    listing = a_listing()
    tokens = {token for _ in range(3) for token in _tokens(ask(listing))}
    assert len(tokens) == 6
    assert min(len(token) for token in tokens) >= 43


def _tokens(request: AccessRequest) -> tuple[str, str]:
    return request.token, request.confirm_token


def test_the_fourth_undecided_one_is_refused_without_a_wait() -> None:
    listing = a_listing()
    for _ in range(3):
        ask(listing)
    with pytest.raises(refusals.TooMany) as refusal:
        ask(listing)
    assert refusal.value.wait_seconds == 0
    assert AccessRequest.objects.count() == 3


def test_the_sixth_in_an_hour_is_refused_with_a_wait() -> None:
    for _ in range(5):
        ask(a_listing())
    with pytest.raises(refusals.TooMany) as refusal:
        ask(a_listing())
    assert 0 < refusal.value.wait_seconds <= 3600


def test_confirming_opens_it_once() -> None:
    request = ask(a_listing())
    assert requests.confirm(request=request)
    assert request.state == "open"
    assert not requests.confirm(request=request)
    assert kinds() == ["created", "confirmed"]
    assert mails() == ["confirm_request", "request_received"]


def test_confirming_too_late_changes_nothing() -> None:
    request = a_request(a_listing(), "unconfirmed", confirm_until=timezone.now())
    assert requests.is_confirmation_expired(request)
    assert not requests.confirm(request=request)
    assert mails() == []


def test_what_is_confirmed_does_not_expire() -> None:
    late = timezone.now() - timedelta(days=9)
    assert not requests.is_confirmation_expired(a_request(a_listing(), "open", confirm_until=late))


def test_an_answer_opens_it_again_and_tells_the_producer() -> None:
    request = a_request(a_listing(), "asked", reason="Which farm?")
    assert requests.answer(request=request, text="The northern one.")
    assert request.state == "open"
    assert RequestEvent.objects.get(kind="answered").text == "The northern one."
    assert "The northern one." in OutgoingMail.objects.get().text
    assert not requests.answer(request=request, text="And the southern one.")


def test_withdrawing_is_for_the_undecided() -> None:
    request = a_request(a_listing(), "open")
    assert requests.withdraw(request=request)
    assert request.state == "withdrawn"
    assert not requests.withdraw(request=request)
    assert kinds() == ["created", "withdrawn"]


def test_a_claim_whose_process_died_stops_no_withdrawal() -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert requests.withdraw(request=a_request(a_listing(), claimed_until=past))


def test_an_earlier_request_is_found_for_its_listing_only() -> None:
    request = a_request(a_listing())
    assert requests.earlier(listing=request.listing, token=request.token) == request
    assert requests.earlier(listing=a_listing(), token=request.token) is None
    assert requests.earlier(listing=request.listing, token="") is None
