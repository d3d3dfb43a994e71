from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sharing.models import HistoryEntry
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import element, said, source

URL = "/producer/history/"


def entries(producer: Party, count: int) -> None:
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            verb="listing_saved", producer_project_id=producer.project.id, at=timezone.now()
        )
        for _ in range(count)
    )


def test_says_when_there_is_nothing(producer: Party) -> None:
    assert "Nothing happened yet" in said(producer.client.get(URL))


def test_says_who_did_what_and_under_which_id(producer: Party, consumer: Party, image: str) -> None:
    form = {"project_id": consumer.project.id}
    done = producer.client.post(reverse("members", args=[image]), form)
    words = element(producer.client.get(URL), "tr", 'data-verb="member_added"')
    for part in ("Shared", producer.name, "debian-12", done["X-Openstack-Request-Id"]):
        assert part in words


def test_the_id_is_the_one_that_the_cloud_knows(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    form = {"project_id": consumer.project.id}
    producer.client.post(reverse("members", args=[image]), form)
    call = next(call for call in fake.requests if str(call).startswith("POST /v2/images/"))
    assert call.headers["X-Openstack-Request-Id"] in said(producer.client.get(URL))


def test_shows_what_consumers_answered(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(reverse("share-status", args=[image]), {"status": "rejected"})
    words = element(producer.client.get(URL), "tr", 'data-verb="status_set"')
    assert "Consumer answered rejected" in words


def test_a_member_of_any_name_is_written_down(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.member(image, "x" * 256)
    producer.client.post(reverse("member-remove", args=[image, "x" * 256]))
    assert HistoryEntry.objects.get().project_id == "x" * 32


def test_another_producers_is_not_there(producer: Party, stranger: Party) -> None:
    entries(producer, 1)
    assert "data-verb" not in source(stranger.client.get(URL))


def test_is_paged(producer: Party, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    entries(producer, 60)
    with django_assert_num_queries(3):  # session, count, entries
        first = producer.client.get(URL)
    assert source(first).count("data-verb=") == 50
    assert source(producer.client.get(URL, {"page": "2"})).count("data-verb=") == 10
