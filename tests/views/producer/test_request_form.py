"""The producer's own questions, and how long an answer usually takes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import AccessRequest, Listing, OutgoingMail, Question
from tests.conftest import Party
from tests.views.producer.reading import said, source

QUESTIONS = [
    {"text": "What for?", "kind": "text", "is_required": "on"},
    {"text": "How long?", "kind": "choice", "choices": "A week\r\nA year"},
    {"text": "No export?", "kind": "tick"},
]


def form_of(questions: list[dict[str, str]], **fields: str) -> dict[str, str]:
    rows = {
        f"form-{number}-{name}": value
        for number, question in enumerate(questions)
        for name, value in question.items()
    }
    total = {"form-TOTAL_FORMS": str(len(questions)), "form-INITIAL_FORMS": "0"}
    return total | rows | fields


@pytest.fixture
def url(producer: Party, listing: Listing) -> str:
    return reverse("request-form", args=[listing.image_id])


@pytest.fixture
def asking(producer: Party, url: str) -> None:
    answer = producer.client.post(url, form_of(QUESTIONS, answer_days="3"))
    assert answer.status_code == 302, said(answer)


def send(consumer: Party, listing: Listing, **answers: str) -> int:
    form = {"email": "chen@orchard.test", "accept_terms": "on", "signed_in": "yes"}
    url = reverse("request", args=[listing.slug])
    return consumer.client.post(url, form | answers).status_code


@pytest.mark.usefixtures("asking")
class TestAsking:
    def test_the_form_asks_and_says_how_long_it_takes(self, listing: Listing) -> None:
        page = said(Client().get(reverse("request", args=[listing.slug])))
        assert "What for?" in page
        assert "A year" in page
        assert "usually answers within 3 days" in page

    def test_answers_reach_the_producer(
        self, producer: Party, consumer: Party, listing: Listing
    ) -> None:
        assert send(consumer, listing, answer_1="A farm", answer_2="A year") == 302
        asked = AccessRequest.objects.get()
        assert [one["answer"] for one in asked.answers] == ["A farm", "A year", "no"]
        for page in (
            said(producer.client.get(reverse("requests"))),
            said(Client().get(asked.get_absolute_url())),
            OutgoingMail.objects.get(kind="request_received").text,
        ):
            assert "What for?" in page
            assert "A farm" in page
        assert "within 3 days" in said(Client().get(asked.get_absolute_url()))

    @pytest.mark.parametrize(
        "answers",
        [{}, {"answer_1": "typed", "answer_2": "Forever"}, {"answer_1": "typed\x00"}],
    )
    def test_a_mistake_keeps_what_was_typed(
        self, consumer: Party, listing: Listing, answers: dict[str, str]
    ) -> None:
        assert send(consumer, listing, **answers) == 422
        assert not AccessRequest.objects.exists()

    def test_changing_a_question_changes_no_answer(
        self, producer: Party, consumer: Party, listing: Listing, url: str
    ) -> None:
        send(consumer, listing, answer_1="A farm")
        producer.client.post(url, form_of([{"text": "Why?", "kind": "text"}]))
        assert [one.text for one in Question.objects.all()] == ["Why?"]
        assert AccessRequest.objects.get().answers[0] == {
            "question": "What for?",
            "answer": "A farm",
        }

    def test_the_page_shows_them_again_with_rows_for_more(self, producer: Party, url: str) -> None:
        page = source(producer.client.get(url))
        assert 'value="How long?"' in page
        assert 'name="form-4-text"' in page


@pytest.mark.parametrize(
    "form",
    [
        form_of([{"text": "Which?", "kind": "choice", "choices": "one"}]),
        form_of([{"text": "x" * 201, "kind": "text"}]),
        form_of([{"text": "What?", "kind": "nonsense"}]),
        form_of([], answer_days="0"),
        form_of([{"text": "?"}] * 13),
        {},
    ],
)
def test_nonsense_is_refused(producer: Party, url: str, form: dict[str, str]) -> None:
    assert producer.client.post(url, form).status_code == 422
    assert not Question.objects.exists()


def test_only_the_owner_comes_in(producer: Party, consumer: Party, url: str) -> None:
    assert producer.client.get(url).status_code == 200
    assert consumer.client.get(url).status_code == 404
    assert consumer.client.post(url, form_of(QUESTIONS)).status_code == 404
    assert Client().get(url).status_code == 302
