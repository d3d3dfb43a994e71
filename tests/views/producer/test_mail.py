from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sharing.models import AccessRequest, HistoryEntry, OutgoingMail, Recipient
from tests.conftest import Party
from tests.scenarios.loop import deliver_mail
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said, source

URL = "/producer/mail/"


@pytest.fixture
def mail(producer: Party, consumer: Party, image: str) -> OutgoingMail:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(reverse("members", args=[image]), form)
    return OutgoingMail.objects.get()


def row(producer: Party, mail: OutgoingMail) -> str:
    return element(producer.client.get(URL), "tr", f'data-mail="{mail.pk}"')


def test_says_when_there_is_none(producer: Party) -> None:
    assert "Nothing was written yet" in said(producer.client.get(URL))


def test_shows_a_mail_and_its_state(producer: Party, mail: OutgoingMail) -> None:
    assert "chen@orchard.test Shared with you" in row(producer, mail)
    assert "Queued" in row(producer, mail)
    deliver_mail()
    assert "Sent" in row(producer, mail)


def test_the_text_can_be_read(producer: Party, mail: OutgoingMail) -> None:
    assert mail.image_id in row(producer, mail)


def test_shows_why_a_mail_failed(producer: Party, mail: OutgoingMail) -> None:
    OutgoingMail.objects.update(state="failed", attempts=7, last_error="550 <no> such user")
    words = row(producer, mail)
    assert "The server said: 550 <no> such user" in words
    assert "Failed" in words
    assert " 7 " in words


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "suppressed"])
def test_only_a_failed_one_can_be_sent_again(
    producer: Party, mail: OutgoingMail, state: str
) -> None:
    OutgoingMail.objects.update(state=state)
    assert "Send again" not in row(producer, mail)
    assert producer.client.post(reverse("mail-retry", args=[mail.pk])).status_code == 409
    mail.refresh_from_db()
    assert mail.state == state
    assert not HistoryEntry.objects.filter(verb="mail_retried").exists()


def test_a_failed_one_is_sent_again_once(
    producer: Party, mail: OutgoingMail, mailoutbox: list[object]
) -> None:
    OutgoingMail.objects.update(state="failed", attempts=7)
    url = reverse("mail-retry", args=[mail.pk])
    assert url in source(producer.client.get(URL))
    assert producer.client.post(url).status_code == 302
    assert producer.client.post(url).status_code == 409
    entry = HistoryEntry.objects.get(verb="mail_retried")
    assert (entry.by_name, entry.image_name) == (producer.name, "debian-12")
    deliver_mail()
    assert len(mailoutbox) == 1


def test_the_failed_ones_have_a_tab(producer: Party, consumer: Party, image: str) -> None:
    form = {"email": "chen@orchard.test"}
    for number in range(3):
        url = reverse("members", args=[image])
        producer.client.post(url, form | {"project_id": f"{number:032x}"})
    OutgoingMail.objects.filter(project_id=f"{1:032x}").update(state="failed")
    answer = producer.client.get(URL, {"state": "failed"})
    assert source(answer).count("data-mail=") == 1
    assert "Failed 1" in said(answer)


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"page": "x"}, {"page": "99"}])
def test_nonsense_in_the_address_is_all_of_them(
    producer: Party, mail: OutgoingMail, query: dict[str, str]
) -> None:
    assert f'data-mail="{mail.pk}"' in source(producer.client.get(URL, query))


def test_a_confirmation_is_its_receivers_alone(producer: Party, ask: Ask) -> None:
    asked = ask()
    OutgoingMail.objects.update(kind="confirm_request", state="failed")
    answer = producer.client.get(URL)
    assert "data-mail" not in source(answer)
    assert asked.token not in source(answer)
    retry = reverse("mail-retry", args=[OutgoingMail.objects.get().pk])
    assert producer.client.post(retry).status_code == 404


def test_no_link_lets_a_producer_act_as_the_requester(producer: Party, ask: Ask) -> None:
    asked = ask()
    for form in ({"decision": "ask", "reason": "Why?"}, {"decision": "approve"}):
        producer.client.post(reverse("decision", args=[asked.pk]), form)
    assert OutgoingMail.objects.filter(text__contains=asked.token).exists()
    page = source(producer.client.get(URL))
    assert page.count("data-mail=") == 3
    assert AccessRequest.objects.get().token not in page
    assert Recipient.objects.get().token not in page


def test_another_producers_are_not_there(stranger: Party, mail: OutgoingMail) -> None:
    assert "data-mail" not in source(stranger.client.get(URL))


def test_reads_the_tables_as_often_for_many(
    producer: Party, image: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        form = {"project_id": f"{number:032x}", "email": "x@y.test"}
        producer.client.post(reverse("members", args=[image]), form)
    producer.client.get(URL)  # shows the messages
    with django_assert_num_queries(5):  # session, count, mails with their requests, held, failed
        producer.client.get(URL)
