from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, Share
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import Answer, element, said, source

APPROVE = {"decision": "approve"}
ASK = {"decision": "ask", "reason": "How many people?"}
DECLINE = {"decision": "decline", "reason": "Not outside the lab."}


@pytest.fixture
def asked(ask: Ask) -> AccessRequest:
    return ask()


@pytest.fixture
def url(asked: AccessRequest) -> str:
    return reverse("decision", args=[asked.pk])


def card(answer: Answer, asked: AccessRequest) -> str:
    return element(answer, "li", f'data-request="{asked.pk}"')


def test_approving_shares_and_writes(
    fake: FakeCloud, producer: Party, consumer: Party, asked: AccessRequest, url: str
) -> None:
    answer = producer.client.post(url, APPROVE)
    assert answer.status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by_name) == ("approved", producer.name)
    assert fake.member_status(asked.listing.image_id, consumer.project) == "pending"
    assert Share.objects.get().request == asked
    assert OutgoingMail.objects.latest("pk").kind == "shared"
    page = producer.client.get(answer["Location"])
    assert "Approved and shared. A mail to chen@orchard.test" in said(page)


def test_approving_a_member_is_fine(
    fake: FakeCloud, producer: Party, consumer: Party, asked: AccessRequest, url: str
) -> None:
    fake.member(asked.listing.image_id, consumer.project, "accepted")
    assert producer.client.post(url, APPROVE).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "approved"
    assert fake.member_status(asked.listing.image_id, consumer.project) == "accepted"


def test_asking_waits_for_the_answer(producer: Party, asked: AccessRequest, url: str) -> None:
    producer.client.post(url, ASK)
    asked.refresh_from_db()
    assert asked.state == "asked"
    mail = OutgoingMail.objects.latest("pk")
    assert mail.kind == "more_asked"
    assert ASK["reason"] in mail.text


def test_declining_says_why(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str
) -> None:
    producer.client.post(url, DECLINE)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("declined", DECLINE["reason"])
    assert DECLINE["reason"] in OutgoingMail.objects.latest("pk").text
    assert not [call for call in fake.calls if call.startswith("POST /v2")]
    assert HistoryEntry.objects.latest("pk").detail == DECLINE["reason"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "nonsense", "reason": "typed"},
        {"decision": "ask", "reason": ""},
        {"decision": "decline", "reason": "   "},
        {"decision": "decline", "reason": "x" * 201},
        {"decision": "ask", "reason": "typed\x00"},
    ],
)
def test_a_mistake_keeps_what_was_typed(
    producer: Party, asked: AccessRequest, url: str, form: dict[str, str]
) -> None:
    answer = producer.client.post(url, form)
    assert answer.status_code == 422
    assert "Please look at this again" in card(answer, asked)
    assert form.get("reason", "").strip("\x00 ") in source(answer)
    asked.refresh_from_db()
    assert asked.state == "open"


def test_two_hundred_characters_are_a_reason(
    producer: Party, asked: AccessRequest, url: str
) -> None:
    reason = "\r\n".join(["x" * 99, "y" * 100])
    assert producer.client.post(url, DECLINE | {"reason": reason}).status_code == 302
    asked.refresh_from_db()
    assert len(asked.reason) == 200


@pytest.mark.parametrize(
    ("trouble", "said_so"),
    [
        ("private", "visibility is “private”"),
        ("quota", "as many members as this cloud allows"),
        ("gone", "The image is gone"),
        ("forbidden", "does not allow you"),
    ],
)
def test_what_cannot_be_approved_stays_open(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str, trouble: str, said_so: str
) -> None:
    make(fake, trouble, asked.listing.image_id)
    answer = producer.client.post(url, APPROVE)
    assert answer.status_code == 422
    assert said_so in card(answer, asked)
    asked.refresh_from_db()
    assert (asked.state, asked.claimed_until) == ("open", None)
    assert not Share.objects.exists()
    assert producer.client.post(url, DECLINE).status_code == 302


def make(fake: FakeCloud, trouble: str, image: str) -> None:
    if trouble == "private":
        fake.change_image(image, visibility="private")
    elif trouble == "quota":
        fake.glance.images.quota = 0
    elif trouble == "gone":
        fake.delete_image(image)
    else:
        fake.fail("POST", "*", status=403)


def test_a_gone_image_makes_the_listing_unavailable(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str
) -> None:
    fake.delete_image(asked.listing.image_id)
    producer.client.post(url, APPROVE)
    assert Listing.objects.get().is_unavailable


def test_an_image_of_another_region_is_not_gone(
    producer: Party, asked: AccessRequest, url: str
) -> None:
    Listing.objects.update(region="west")
    answer = producer.client.post(url, APPROVE)
    assert "region “west”" in card(answer, asked)
    assert not Listing.objects.get().is_unavailable


def test_the_projects_own_request_is_refused(producer: Party, ask: Ask) -> None:
    own = ask(producer.project.id)
    answer = producer.client.post(reverse("decision", args=[own.pk]), APPROVE)
    assert answer.status_code == 422
    assert "own project" in card(answer, own)


@pytest.mark.parametrize("second", [APPROVE, ASK, DECLINE])
def test_the_second_to_decide_is_told_who_was_first(
    fake: FakeCloud, producer: Party, url: str, second: dict[str, str]
) -> None:
    producer.client.post(url, DECLINE)
    answer = colleague(fake, producer).post(url, second)
    assert answer.status_code == 409
    assert producer.name in said(answer)
    assert "Declined" in said(answer)
    assert "<time" in source(answer).partition("<main")[2]


def test_one_being_decided_right_now_says_by_whom(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str
) -> None:
    producer.client.post(url, ASK)
    AccessRequest.objects.update(
        state="open", claimed_by_name="ben", claimed_until=timezone.now() + timedelta(seconds=60)
    )
    answer = producer.client.post(url, APPROVE)
    assert answer.status_code == 409
    assert "ben" in said(answer)
    assert "right now" in said(answer)


def test_one_taken_back_is_said_to_be_so(producer: Party, asked: AccessRequest, url: str) -> None:
    Client().post(reverse("access-withdraw", args=[asked.token]))
    answer = producer.client.post(url, APPROVE)
    assert answer.status_code == 409
    assert "The requester withdrew the request" in said(answer)


def test_goes_back_to_the_tab_it_came_from(producer: Party, url: str) -> None:
    answer = producer.client.post(url, DECLINE | {"state": "all"})
    assert answer["Location"] == f"{reverse('requests')}?state=all"


@pytest.mark.parametrize("state", ["//evil.test", "nonsense", ""])
def test_goes_back_to_the_queue_from_nonsense(producer: Party, url: str, state: str) -> None:
    answer = producer.client.post(url, DECLINE | {"state": state})
    assert answer["Location"] == reverse("requests")


def test_htmx_gets_the_queue_alone(producer: Party, asked: AccessRequest, url: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": "queue"}
    wrong = producer.client.post(url, {"decision": "ask"}, headers=headers)
    assert wrong.status_code == 422
    right = producer.client.post(url, DECLINE, headers=headers, follow=True)
    for answer in (wrong, right):
        assert source(answer).strip().startswith('<div id="queue"')
    assert "data-request" not in source(right)
    assert "Declined. A mail with your reason" in source(right)


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_bad_weather_leaves_it_open_and_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str, weather: Weather
) -> None:
    fake.fail("POST", "/v2/images/*/members", **weather)
    assert producer.client.post(url, APPROVE | {"reason": "typed"}).status_code == 503
    asked.refresh_from_db()
    assert (asked.state, asked.claimed_until) == ("open", None)
    assert "typed" in card(producer.client.get(reverse("requests")), asked)
    assert producer.client.post(url, APPROVE).status_code == 302


def test_an_expired_session_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, asked: AccessRequest, url: str
) -> None:
    fake.expire_all()
    answer = producer.client.post(url, APPROVE | {"reason": "typed"})
    assert answer["Location"].startswith(reverse("sign-in"))
    sign_in(producer.client, producer.name)
    assert "typed" in card(producer.client.get(reverse("requests")), asked)


def colleague(fake: FakeCloud, producer: Party) -> Client:
    fake.user("ben", PASSWORD, projects=[producer.project])
    return sign_in(Client(), "ben")


def sign_in(client: Client, name: str) -> Client:
    form = {"method": "password", "username": name, "password": PASSWORD, "domain": "Default"}
    client.post(reverse("sign-in"), form)
    return client
