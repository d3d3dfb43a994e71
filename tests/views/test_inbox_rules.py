"""A consumer project keeps rules: of all that a producer shares, it says the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import HistoryEntry, InboxRule
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record, a_share, inbox, share_url
from tests.views.producer.reading import said, source
from tests.views.ruling import always

URL = "/inbox/rules/"


def add(client: Client, producer: str, answer: str = "accepted") -> Any:
    return client.post(URL, {"producer": producer, "always": answer})


def kept() -> list[tuple[str, str]]:
    return list(InboxRule.objects.values_list("producer_project_id", "answer"))


@pytest.fixture
def reader(fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("rita", PASSWORD, projects=[consumer.project], roles=["reader"])
    return sign_in("rita")


def test_nobody_signs_in_first(db: None) -> None:
    for path in (URL, f"{URL}undo/", f"{URL}{'a' * 32}/"):
        assert Client().post(path)["Location"].startswith("/sign-in/")
    assert Client().get(URL).status_code == 302


def test_without_any_it_says_how_to_make_one(consumer: Party) -> None:
    assert "No rule yet" in said(consumer.client.get(URL))


@pytest.mark.parametrize("answer", ["accepted", "rejected"])
def test_a_rule_is_set_from_a_menu_and_leads_back(
    fake: FakeCloud, producer: Party, consumer: Party, answer: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    address = reverse("inbox-rule", args=[producer.project.id])
    for page in (share_url(image_id), reverse("inbox")):
        assert f'formaction="{address}"' in source(consumer.client.get(page))
        headers = {"Referer": f"http://testserver{page}"}
        gone_back = consumer.client.post(address, {"always": answer}, headers=headers)
        assert gone_back["Location"] == page
    assert kept() == [(producer.project.id, answer)]
    words = "always show" if answer == "accepted" else "always hide"
    assert f"Your rule: {words} what" in inbox(consumer.client)


def test_in_the_tray_htmx_loads_the_page_anew_so_that_its_rules_run(
    producer: Party, consumer: Party
) -> None:
    url = reverse("inbox-rule", args=[producer.project.id])
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?page=2"}
    answer = consumer.client.post(url, {"always": "accepted"}, headers=headers)
    assert answer["HX-Redirect"] == "/inbox/?page=2"


def test_the_page_has_who_it_is_about_and_who_set_it(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_record(a_share(fake, producer, consumer), producer, consumer)
    always(consumer, producer)
    page = consumer.client.get(URL)
    assert f'data-producer="{producer.project.id}" data-answer="accepted"' in source(page)
    assert "Acme Images" in said(page)
    assert "chen" in said(page)


def test_it_can_be_turned_round_and_removed(producer: Party, consumer: Party) -> None:
    always(consumer, producer)
    always(consumer, producer, "rejected")
    assert kept() == [(producer.project.id, "rejected")]
    always(consumer, producer, "none")
    assert kept() == []
    always(consumer, producer, "none")
    rows = HistoryEntry.objects.filter(verb="inbox_rule_saved").order_by("pk")
    assert [row.detail for row in rows] == ["accepted", "rejected", "removed"]
    assert {row.producer_project_id for row in rows} == {consumer.project.id}


def test_a_producer_neither_sets_one_nor_sees_it(producer: Party, consumer: Party) -> None:
    always(consumer, producer)
    assert consumer.project.id not in source(producer.client.get(URL))
    always(producer, consumer)
    assert InboxRule.objects.get(project_id=consumer.project.id).answer == "accepted"
    assert InboxRule.objects.filter(project_id=consumer.project.id).count() == 1
    history = said(producer.client.get(reverse("history")))
    assert producer.name in history
    assert "chen" not in history


def test_one_is_added_by_the_producers_id_in_any_form(consumer: Party) -> None:
    dashed = "ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB"
    assert add(consumer.client, dashed)["Location"] == URL
    assert kept() == [(dashed.lower().replace("-", ""), "accepted")]
    assert "Not known here yet" in said(consumer.client.get(URL))


@pytest.mark.parametrize(
    "producer", ["", "acme-images", "0" * 31, "\x00", "x" * 1000, "../run", "g" * 32, "é" * 32]
)
def test_nonsense_is_no_producer_and_stays_typed(consumer: Party, producer: str) -> None:
    answer = add(consumer.client, producer)
    assert answer.status_code == 422
    assert kept() == []
    if producer == "acme-images":
        assert 'value="acme-images"' in source(answer)
        assert "32 digits" in said(answer)


@pytest.mark.parametrize("producer", ["acme", "G" * 32, "A" * 32, "0" * 31])
def test_nonsense_in_the_address_is_not_there(consumer: Party, producer: str) -> None:
    answer = consumer.client.post(f"{URL}{producer}/", {"always": "accepted"})
    assert answer.status_code == 404
    assert kept() == []


@pytest.mark.parametrize("answer", ["", "pending", "deleted", "\x00"])
def test_nonsense_is_no_answer(producer: Party, consumer: Party, answer: str) -> None:
    assert add(consumer.client, producer.project.id, answer).status_code == 422
    url = reverse("inbox-rule", args=[producer.project.id])
    assert consumer.client.post(url, {"always": answer}).status_code == 404
    assert kept() == []


def test_ones_own_project_shares_nothing_with_itself(consumer: Party) -> None:
    answer = add(consumer.client, consumer.project.id)
    assert answer.status_code == 422
    assert "own project" in said(answer)
    always(consumer, consumer)
    assert kept() == []


def test_a_page_of_another_project_sets_nothing(producer: Party, consumer: Party) -> None:
    url = reverse("inbox-rule", args=[producer.project.id])
    answer = consumer.client.post(url, {"always": "accepted", "project": "0" * 32})
    assert answer.status_code == 409
    assert kept() == []


def test_a_reader_sees_the_rules_and_sets_none(
    fake: FakeCloud, producer: Party, consumer: Party, reader: Client
) -> None:
    a_share(fake, producer, consumer)
    assert "Always from this producer" not in inbox(reader)
    always(consumer, producer)
    page = reader.get(URL)
    assert "Your role in orchard is to read" in said(page)
    assert f'data-producer="{producer.project.id}"' in source(page)
    assert "Your rule: always show" in inbox(reader)
    url = reverse("inbox-rule", args=[producer.project.id])
    assert reader.post(url, {"always": "none"}).status_code == 403
    assert add(reader, "a" * 32).status_code == 403
    assert kept() == [(producer.project.id, "accepted")]


@pytest.mark.parametrize(("keystone", "status"), [("away", 503), ("says no", 302)])
def test_with_an_ended_token_nothing_is_set(
    fake: FakeCloud, producer: Party, consumer: Party, keystone: str, status: int
) -> None:
    if keystone == "away":
        fake.stop_keystone()
    else:
        fake.expire_all()
    assert add(consumer.client, producer.project.id).status_code == status
    assert kept() == []


def test_what_was_typed_is_there_after_the_sign_in(fake: FakeCloud, consumer: Party) -> None:
    fake.stop_keystone()
    assert add(consumer.client, "a" * 32, "rejected").status_code == 503
    fake.start_keystone()
    assert f'value="{"a" * 32}"' in source(consumer.client.get(URL))
