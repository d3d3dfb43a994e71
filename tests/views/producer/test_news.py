"""What happened since the last visit, on the dashboard."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sharing.models import HistoryEntry, Visit
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import status_url
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said

URL = "/producer/"


def came_back(hours: int = 24) -> None:
    """The last visit was some time ago."""
    Visit.objects.update(latest_at=timezone.now() - timedelta(hours=hours))


def test_the_first_visit_shows_the_last_week(producer: Party, ask: Ask) -> None:
    ask()
    page = said(producer.client.get(URL))
    assert "In the last seven days" in page
    assert "1 new request" in page


def test_a_consumers_answer_is_news(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    producer.client.get(URL)
    came_back()
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    page = said(producer.client.get(URL))
    assert "Since your last visit" in page
    assert "Consumer answered Accepted · chen" in page


def test_what_was_there_before_is_no_news(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    producer.client.get(URL)
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    HistoryEntry.objects.update(at=timezone.now() - timedelta(hours=25))
    came_back()
    assert "Nobody else did anything" in said(producer.client.get(URL))


def test_news_stay_news_while_one_works(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    pages = [said(producer.client.get(URL)) for _ in range(3)]
    assert all("Consumer answered" in page for page in pages)


def test_ones_own_acts_are_no_news(producer: Party, image: str) -> None:
    producer.client.post(f"/producer/images/{image}/visibility/", {"visibility": "private"})
    assert "Visibility changed" not in said(producer.client.get(URL))


def test_each_user_has_visits_of_their_own(producer: Party, stranger: Party, ask: Ask) -> None:
    ask()
    producer.client.get(URL)
    assert "new request" not in said(stranger.client.get(URL))
    assert Visit.objects.count() == 2
