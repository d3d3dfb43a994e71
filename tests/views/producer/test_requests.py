from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sharing.models import AccessRequest, Contact
from tests.conftest import Party
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said, source

URL = "/producer/requests/"


def card(producer: Party, asked: AccessRequest, state: str = "all") -> str:
    answer = producer.client.get(URL, {"state": state})
    return element(answer, "li", f'data-request="{asked.pk}"')


def test_says_where_requests_come_from(producer: Party) -> None:
    assert "Requests come from the catalogue" in said(producer.client.get(URL))


def test_shows_who_asks_for_what(producer: Party, consumer: Party, ask: Ask) -> None:
    words = card(producer, ask(message="For the spring course."))
    for part in (
        "chen@orchard.test",
        "Debian 12 for the lab",
        "For the spring course.",
        consumer.project.id,
        "Verified signed in as chen",
        "Terms accepted Be kind.",
    ):
        assert part in words


def test_a_typed_project_is_not_called_verified(producer: Party, ask: Ask) -> None:
    asked = ask()
    AccessRequest.objects.update(is_verified=False, user_name="")
    words = card(producer, asked)
    assert "project ID typed, e-mail confirmed" in words
    assert "Verified" not in words


def test_shows_questions_and_answers(producer: Party, ask: Ask) -> None:
    asked = ask()
    form = {"decision": "ask", "reason": "How many people?"}
    producer.client.post(reverse("decision", args=[asked.pk]), form)
    producer.client.post(reverse("access-answer", args=[asked.token]), {"text": "Thirty."})
    assert "How many people?" in card(producer, asked)


def test_an_unconfirmed_one_is_not_there(producer: Party, ask: Ask) -> None:
    asked = ask()
    AccessRequest.objects.update(state="unconfirmed", confirmed_at=None)
    for state in ("open", "all"):
        page = source(producer.client.get(URL, {"state": state}))
        assert f'data-request="{asked.pk}"' not in page


def test_another_producers_are_not_there(stranger: Party, ask: Ask) -> None:
    ask()
    assert "data-request" not in source(stranger.client.get(URL, {"state": "all"}))


@pytest.mark.parametrize("state", ["open", "asked", "approved", "declined", "withdrawn"])
def test_each_state_has_its_tab_with_a_number(producer: Party, ask: Ask, state: str) -> None:
    asked, other = ask(), ask("b" * 32)
    AccessRequest.objects.filter(pk=asked.pk).update(state=state)
    other_state = "declined" if state == "approved" else "approved"
    AccessRequest.objects.filter(pk=other.pk).update(state=other_state)
    answer = producer.client.get(URL, {"state": state})
    assert source(answer).count("data-request=") == 1
    assert f'data-state="{state}"' in source(answer)
    assert element(answer, "a", f'href="{URL}?state={state}"').endswith(" 1")
    assert element(answer, "a", f'href="{URL}?state=all"') == "All 2"


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"page": "x"}, {"page": "99"}, {}])
def test_nonsense_in_the_address_is_the_open_ones(
    producer: Party, ask: Ask, query: dict[str, str]
) -> None:
    asked = ask()
    assert f'data-request="{asked.pk}"' in source(producer.client.get(URL, query))


def test_the_oldest_waits_on_top(producer: Party, ask: Ask) -> None:
    first, second = ask("a" * 32), ask("b" * 32)
    page = source(producer.client.get(URL))
    assert page.index(f'data-request="{first.pk}"') < page.index(f'data-request="{second.pk}"')


def test_only_what_is_undecided_can_be_decided(producer: Party, ask: Ask) -> None:
    asked = ask()
    assert 'name="decision"' in source(producer.client.get(URL))
    AccessRequest.objects.update(state="approved")
    assert "Approve and share" not in card(producer, asked, "approved")


def test_is_paged(producer: Party, ask: Ask) -> None:
    for number in range(25):
        ask(f"{number:032x}")
    assert source(producer.client.get(URL)).count("data-request=") == 20
    assert source(producer.client.get(URL, {"page": "2"})).count("data-request=") == 5


def test_what_people_write_is_only_text(producer: Party, ask: Ask) -> None:
    ask(message="<script>alert(1)</script>")
    assert "<script>alert" not in source(producer.client.get(URL))


def test_reads_the_tables_as_often_for_many(
    producer: Party, ask: Ask, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        ask(f"{number:032x}")
    producer.client.get(URL)  # shows the message that the listing was published
    # session, numbers by state, count, requests, events, notes, contacts, whether a rule is on
    with django_assert_num_queries(8):
        producer.client.get(URL)


def test_says_whose_address_a_claim_would_not_replace(
    producer: Party, consumer: Party, ask: Ask
) -> None:
    Contact.objects.create(
        producer_project_id=producer.project.id,
        project_id=consumer.project.id,
        email="real@orchard.test",
    )
    asked = ask()
    assert "Approving makes chen@orchard.test its contact" in card(producer, asked)
    AccessRequest.objects.update(is_verified=False)
    assert "that stays its contact" in card(producer, asked)
