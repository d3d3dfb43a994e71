"""What happened since the last visit, on the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sharing import session
from sharing.models import AccessRequest, HistoryEntry, Visit
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import status_url
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said, source

URL = "/producer/"
AS_PART = {"HX-Request": "true", "HX-Target": "figures"}


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


def test_a_reload_and_a_second_tab_wipe_nothing(producer: Party, ask: Ask) -> None:
    producer.client.get(URL)
    came_back()
    ask()
    first = Visit.objects.get().since
    pages = [said(producer.client.get(URL)) for _ in range(3)]
    assert all("1 new request" in page for page in pages)
    assert Visit.objects.get().since != first
    assert "Since your last visit" in pages[2]


def test_half_an_hour_away_is_a_new_visit(producer: Party, ask: Ask) -> None:
    ask()
    producer.client.get(URL)
    came_back(hours=1)
    AccessRequest.objects.update(confirmed_at=timezone.now() - timedelta(hours=2))
    assert "Nobody else did anything" in said(producer.client.get(URL))


def test_a_long_day_on_other_pages_loses_no_news(producer: Party, ask: Ask) -> None:
    """What counts is the last look at the dashboard, where the news stand."""
    producer.client.get(URL)
    came_back(hours=6)
    ask()
    producer.client.get("/producer/requests/")
    assert "1 new request" in said(producer.client.get(URL))


def late_part(producer: Party) -> str:
    """What the dashboard fetches after it has shown."""
    return source(producer.client.get("/producer/figures/", headers=AS_PART))


@pytest.fixture
def answered_elsewhere(fake: FakeCloud, consumer: Party, image: str) -> Iterator[None]:
    """Five minutes after the share, by the Image API alone; the clock stays there."""
    fake.member(image, consumer.project)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        cloud = session.load(consumer.client.session, request_id="req-1")
        assert cloud
        cloud.images.set_member_status(image, consumer.project.id, "accepted")
        yield


@pytest.mark.usefixtures("answered_elsewhere")
def test_an_answer_by_another_tool_follows_with_the_figures(
    producer: Party, consumer: Party
) -> None:
    page = producer.client.get(URL)
    assert "Answered outside the portal" not in source(page)
    late = late_part(producer)
    assert "Answered outside the portal" in late
    assert f'data-project="{consumer.project.id}" data-status="accepted"' in late


@pytest.mark.usefixtures("answered_elsewhere")
def test_an_answer_before_the_last_visit_is_no_news(producer: Party) -> None:
    producer.client.get(URL)
    Visit.objects.update(since=timezone.now() + timedelta(minutes=1))
    assert "Answered outside the portal" not in late_part(producer)


def test_what_was_answered_here_does_not_follow_again(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    late = late_part(producer)
    assert "Answered outside the portal" not in late
