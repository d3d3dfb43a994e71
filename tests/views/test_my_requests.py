"""What the project and the person asked for, on one page; a secret link only for whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, RequestEvent
from sharing.services import my_requests
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import element, said, source
from tests.visitor import a_listing, a_request

URL = "/inbox/requests/"
CHEN = "chen@orchard.test"


def ours(party: Party, state: str = "open", **fields: Any) -> AccessRequest:
    """A colleague asked it, signed in for the project."""
    facts: dict[str, Any] = {
        "project_id": party.project.id,
        "is_verified": True,
        "user_name": "cora",
    } | fields
    return a_request(facts.pop("listing", None) or a_listing(), state, **facts)


def named(party: Party, state: str = "open", **fields: Any) -> AccessRequest:
    """Somebody typed the project's ID."""
    return ours(party, state, is_verified=False, user_name="", **fields)


def withdraw(client: Client, asked: AccessRequest, **form: str) -> Any:
    return client.post(reverse("inbox-request-withdraw", args=[asked.pk]), form)


def state(asked: AccessRequest) -> str:
    asked.refresh_from_db()
    return asked.state


@pytest.fixture
def reader(fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("rita", PASSWORD, projects=[consumer.project], roles=["reader"])
    return sign_in("rita")


def test_nobody_signs_in_first(db: None) -> None:
    assert Client().get(URL).status_code == 302


def test_without_any_it_leads_to_the_catalogue(consumer: Party) -> None:
    page = source(consumer.client.get(URL))
    assert "You have not asked for an image yet" in page
    assert f'class="button primary" href="{reverse("catalogue")}"' in page


def test_a_colleagues_request_is_the_projects(consumer: Party) -> None:
    asked = ours(consumer)
    page = consumer.client.get(URL)
    assert f'data-request="{asked.pk}" data-state="open"' in source(page)
    assert asked.get_absolute_url() in source(page)
    assert "Asked by cora" in said(page)
    assert "no-store" in page["Cache-Control"]


def test_what_i_asked_for_another_project_is_mine(fake: FakeCloud, consumer: Party) -> None:
    listing, other = a_listing(), "d" * 32
    form = {"project_id": consumer.project.id, "email": CHEN, "signed_in": "yes"}
    consumer.client.post(reverse("request", args=[listing.slug]), form)
    AccessRequest.objects.update(project_id=other)
    page = consumer.client.get(URL)
    assert "Asked by you" in said(page)
    assert other in source(page)
    assert AccessRequest.objects.get().get_absolute_url() in source(page)


def test_one_that_only_names_the_project_shows_no_link_and_no_address(consumer: Party) -> None:
    asked = named(consumer, email="mallory@evil.test", message="Buy my things")
    page = consumer.client.get(URL)
    assert "Someone with the address m…@e… asked in the name of orchard" in said(page)
    assert asked.token not in source(page)
    assert "mallory@evil.test" not in source(page)
    assert "Buy my things" not in source(page)
    assert withdraw(consumer.client, asked).status_code == 404
    assert state(asked) == "open"


def test_one_that_nobody_has_confirmed_is_not_shown_to_the_project(consumer: Party) -> None:
    named(consumer, "unconfirmed")
    assert "You have not asked for an image yet" in said(consumer.client.get(URL))


def test_a_link_opened_while_signed_in_makes_the_address_mine(consumer: Party) -> None:
    other = named(consumer, email="CHEN@orchard.test", project_id="d" * 32)
    asked = named(consumer, "unconfirmed", email=CHEN)
    assert other.token not in source(consumer.client.get(URL))
    confirm = reverse("access-confirm", args=[asked.token])
    consumer.client.post(confirm, {"key": asked.confirm_token})
    page = source(consumer.client.get(URL))
    assert other.token in page
    assert asked.token in page
    assert withdraw(consumer.client, other).status_code == 302
    assert state(other) == "withdrawn"


def test_a_link_opened_by_somebody_else_makes_it_nobodys(consumer: Party, stranger: Party) -> None:
    """A request of mine with a stranger's address is no proof that I read the stranger's mail."""
    theirs = named(stranger, email="mallory@evil.test")
    mine = ours(consumer, email="mallory@evil.test", user_id="chen")
    Client().post(reverse("access-confirm", args=[mine.token]), {"key": mine.confirm_token})
    mine.refresh_from_db()
    assert mine.email_proved_at
    assert theirs.token not in source(consumer.client.get(URL))


def test_a_stranger_sees_and_withdraws_nothing(consumer: Party, stranger: Party) -> None:
    asked = ours(consumer)
    assert asked.token not in source(stranger.client.get(URL))
    assert withdraw(stranger.client, asked).status_code == 404
    assert withdraw(stranger.client, AccessRequest(pk=999)).status_code == 404
    assert state(asked) == "open"


def test_a_member_withdraws_and_the_request_says_who(consumer: Party) -> None:
    asked = ours(consumer, state="asked")
    answer = withdraw(consumer.client, asked, state="undecided")
    assert answer["Location"] == f"{URL}?state=undecided"
    assert state(asked) == "withdrawn"
    event = RequestEvent.objects.get(kind="withdrawn")
    assert event.by_name == "chen"
    assert "is withdrawn." in said(consumer.client.get(URL))


def test_a_reader_sees_all_and_withdraws_nothing_of_others(consumer: Party, reader: Client) -> None:
    asked = ours(consumer)
    page = reader.get(URL)
    assert "Asked by cora" in said(page)
    assert asked.token not in source(page)
    assert "Your role in orchard is to read" in said(page)
    assert withdraw(reader, asked).status_code == 403
    assert state(asked) == "open"


def test_a_reader_withdraws_what_she_asked_herself(consumer: Party, reader: Client) -> None:
    listing = a_listing()
    form = {"project_id": consumer.project.id, "email": CHEN, "signed_in": "yes"}
    reader.post(reverse("request", args=[listing.slug]), form)
    asked = AccessRequest.objects.get()
    assert asked.token in source(reader.get(URL))
    assert withdraw(reader, asked).status_code == 302
    assert state(asked) == "withdrawn"


def test_what_is_decided_cannot_be_withdrawn(consumer: Party) -> None:
    asked = ours(consumer, "approved")
    answer = withdraw(consumer.client, asked)
    assert answer.status_code == 409
    assert "cannot be withdrawn any more" in said(answer)


@pytest.mark.parametrize(("keystone", "status"), [("away", 503), ("says no", 302)])
def test_with_an_ended_token_nothing_is_withdrawn(
    fake: FakeCloud, consumer: Party, keystone: str, status: int
) -> None:
    asked = ours(consumer)
    if keystone == "away":
        fake.stop_keystone()
    else:
        fake.expire_all()
    assert withdraw(consumer.client, asked).status_code == status
    assert state(asked) == "open"


@pytest.mark.parametrize(
    ("drawer", "shown"),
    [
        ("undecided", {"open", "asked", "unconfirmed"}),
        ("approved", {"approved"}),
        ("declined", {"declined"}),
        ("withdrawn", {"withdrawn", "expired"}),
        ("", set(AccessRequest.State.values)),
        ("nonsense", set(AccessRequest.State.values)),
    ],
)
def test_each_state_has_its_drawer(consumer: Party, drawer: str, shown: set[str]) -> None:
    for one in AccessRequest.State.values:
        ours(consumer, one)
    page = source(consumer.client.get(URL, {"state": drawer}))
    for one in AccessRequest.State.values:
        assert (f'data-state="{one}"' in page) == (one in shown)


def test_what_was_never_confirmed_has_lapsed(consumer: Party) -> None:
    asked = ours(consumer, "unconfirmed", confirm_until=timezone.now() - timedelta(hours=1))
    assert asked.token not in source(consumer.client.get(URL, {"state": "undecided"}))
    page = consumer.client.get(URL, {"state": "withdrawn"})
    assert "was not confirmed in time" in said(page)
    assert "Ask again" in said(page)


def test_an_empty_drawer_leads_to_the_others(consumer: Party) -> None:
    ours(consumer)
    page = source(consumer.client.get(URL, {"state": "declined"}))
    assert "No request is in this state" in page
    assert f'href="{URL}"' in page


def test_what_needs_an_answer_comes_first(consumer: Party) -> None:
    asked = ours(consumer, "asked", reason="How many servers?")
    ours(consumer, "approved")
    page = consumer.client.get(URL)
    assert source(page).index('data-state="asked"') < source(page).index('data-state="approved"')
    card = element(page, "li", f'data-request="{asked.pk}"')
    assert "How many servers?" in card
    assert "Answer : Noble" in card


def test_there_are_pages(consumer: Party) -> None:
    listing = a_listing()
    for _ in range(my_requests.PAGE_SIZE + 1):
        ours(consumer, "declined", listing=listing)
    page = {"state": "declined", "page": "2"}
    assert source(consumer.client.get(URL, page)).count('data-state="declined"') == 1
    nonsense = source(consumer.client.get(URL, {"page": "x"}))
    assert nonsense.count('data-state="declined"') == my_requests.PAGE_SIZE


def test_i_ask_again_with_what_i_said_and_a_colleague_with_a_fresh_form(consumer: Party) -> None:
    theirs = ours(consumer, "declined")
    form = f"{reverse('request', args=[theirs.listing.slug])}"
    page = source(consumer.client.get(URL))
    assert f'href="{form}"' in page
    AccessRequest.objects.update(email_proved_by_id=user_id(consumer))
    page = source(consumer.client.get(URL))
    assert f'href="{form}?from={theirs.token}"' in page


def test_a_share_that_was_taken_back_can_be_asked_for_again(consumer: Party) -> None:
    asked = ours(consumer, "approved")
    assert "Ask again" not in said(consumer.client.get(URL))
    asked.shares.create(
        image_id=asked.listing.image_id,
        project_id=consumer.project.id,
        producer_project_id=asked.listing.project_id,
        shared_at=timezone.now(),
        removed_at=timezone.now(),
    )
    page = said(consumer.client.get(URL))
    assert "has since taken the share back" in page
    assert "Ask again" in page


def test_it_tells_the_usual_wait_as_promised_and_as_measured(consumer: Party) -> None:
    listing = a_listing(answer_days=2)
    asked = ours(consumer, listing=listing)
    page = said(consumer.client.get(URL))
    assert "Acme Images usually answers within 2 days." in page
    assert "Half of its last" not in page
    now = timezone.now()
    for hours in (1, 5, 30):
        then = now - timedelta(hours=hours)
        a_request(listing, "approved", confirmed_at=then, decided_at=now)
    page = said(consumer.client.get(URL))
    assert "Half of its last 3 answers came within 5 hours." in page
    assert "takes longer" not in page
    AccessRequest.objects.filter(pk=asked.pk).update(confirmed_at=now - timedelta(days=3))
    assert "This one takes longer than that." in said(consumer.client.get(URL))


def test_htmx_gets_the_list_alone(consumer: Party) -> None:
    ours(consumer)
    headers = {"HX-Request": "true", "HX-Target": "requests"}
    part = source(consumer.client.get(URL, headers=headers)).strip()
    assert part.startswith('<div id="requests"')


def test_many_cost_no_more_queries_than_one(
    consumer: Party, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(my_requests.PAGE_SIZE):
        ours(consumer)
    with django_assert_max_num_queries(20):
        consumer.client.get(URL)


def user_id(party: Party) -> str:
    return str(party.client.session["cloud"]["user"][0])
