"""How the images are received: from the Image API's members, in one request of the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.test import Client
from django.utils import timezone

from sharing.cloud.resources import MemberStatus
from sharing.models import HistoryEntry
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record, status_url
from tests.views.producer.reading import element, said, source

URL = "/producer/figures/"
AS_PART = {"HX-Request": "true", "HX-Target": "figures"}


def test_each_image_has_its_counts_and_its_rate(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    for status, number in (("accepted", 3), ("rejected", 1), ("pending", 1)):
        for one in range(number):
            fake.member(image, fake.project(f"{status}-{one}"), cast("MemberStatus", status))
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert row.startswith("debian-12 5 3 1 1 75 %")


def test_the_bar_says_in_words_what_it_shows(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.member(image, fake.project("one"), "accepted")
    assert 'aria-label="1 accepted, 0 waiting, 0 rejected"' in source(producer.client.get(URL))


def test_days_to_accept_begin_with_the_share(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    a_record(image, producer, consumer, shared_at=timezone.now() - timedelta(days=3))
    assert consumer.client.post(status_url(image), {"status": "accepted"}).status_code == 302
    assert "100 % 3.0" in element(producer.client.get(URL), "tr", f'data-image="{image}"')


def test_an_answer_given_here_counts_once(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    assert HistoryEntry.objects.filter(verb="status_set").count() == 1
    assert "1 answer in 12 weeks" in source(producer.client.get(URL))


def test_what_is_older_than_twelve_weeks_is_not_on_the_line(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "rejected"})
    fake.remove_member(image, consumer.project)
    assert "1 answer in 12 weeks" in source(producer.client.get(URL))
    HistoryEntry.objects.update(at=timezone.now() - timedelta(weeks=13))
    assert "0 answers in 12 weeks" in source(producer.client.get(URL))


def test_one_list_and_one_call_for_each_image(fake: FakeCloud, producer: Party) -> None:
    images = [fake.image(producer.project, name=f"image-{n}") for n in range(3)]
    fake.image(producer.project, name="mine alone", visibility="private")
    before = len(fake.calls)
    answer = producer.client.get(URL)
    calls = fake.calls[before:]
    assert sum(call.endswith("/members") for call in calls) == len(images)
    assert "1 image is not shared" in said(answer)


def test_htmx_gets_the_part_alone(producer: Party, image: str) -> None:
    answer = producer.client.get(URL, headers=AS_PART)
    assert source(answer).lstrip().startswith('<section id="figures"')


def test_the_dashboard_fetches_it_once(producer: Party, image: str) -> None:
    page = source(producer.client.get("/producer/"))
    assert page.count(f'hx-get="{URL}" hx-trigger="load"') == 1
    assert f'href="{URL}"' in page


def test_an_image_api_that_is_away_takes_the_part_only(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.stop_glance()
    part = producer.client.get(URL, headers=AS_PART)
    assert part.status_code == 200
    assert "does not answer just now" in source(part)
    assert producer.client.get(URL).status_code == 503


def test_says_what_to_do_without_a_shared_image(producer: Party) -> None:
    assert "No image of yours is shared yet" in said(producer.client.get(URL))


def test_a_name_cannot_break_out_of_the_picture(fake: FakeCloud, producer: Party) -> None:
    fake.image(producer.project, name='"><script>alert(1)</script>')
    assert "<script>alert" not in source(producer.client.get(URL))


def test_a_reader_sees_it(
    fake: FakeCloud, producer: Party, image: str, sign_in: Callable[[str], Client]
) -> None:
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    assert "debian-12" in said(sign_in("rita").get(URL))


def test_without_an_answer_there_is_no_rate_and_no_time(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.member(image, fake.project("one"))
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert row == "debian-12 1 0 1 0 — —"


def test_rejections_alone_are_a_rate_of_nothing(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.member(image, fake.project("one"), "rejected")
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert row == "debian-12 1 0 0 1 0 % —"


def test_an_answer_in_the_same_minute_took_no_day(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    a_record(image, producer, consumer)
    consumer.client.post(status_url(image), {"status": "accepted"})
    assert "100 % 0.0" in element(producer.client.get(URL), "tr", f'data-image="{image}"')


def test_days_to_accept_are_the_middle_ones(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str
) -> None:
    """1, 2 and 30 days: one who took a month does not hide that most were quick."""
    fake.user("olga", PASSWORD, projects=[(late := fake.project("late"))])
    third = Party(Client(), late, "olga")
    for party, days in ((consumer, 1), (stranger, 2), (third, 30)):
        fake.member(image, party.project, "accepted")
        now = timezone.now()
        shared_at = now - timedelta(days=days)
        a_record(image, producer, party, shared_at=shared_at, answered_at=now)
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert row.endswith("100 % 2.0")
    assert "the median" in said(producer.client.get(URL))


def test_sixty_images_have_sixty_rows_the_most_shared_first(
    fake: FakeCloud, producer: Party
) -> None:
    images = [fake.image(producer.project, name=f"image-{n:02}") for n in range(60)]
    for project in ("one", "two"):
        fake.member(images[42], fake.project(project))
    page = source(producer.client.get(URL))
    rows = re.findall(r'<tr data-image="([^"]+)"', page)
    assert len(rows) == 60
    assert rows[0] == images[42]


def test_members_that_cannot_be_asked_for_take_one_row_alone(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    other = fake.image(producer.project, name="other")
    fake.member(other, fake.project("one"), "accepted")
    fake.fail("GET", f"/v2/images/{image}/members", status=500, times=None)
    page = producer.client.get(URL)
    assert "not available" in element(page, "tr", f'data-image="{image}"')
    assert "100 %" in element(page, "tr", f'data-image="{other}"')


def test_both_pictures_have_a_table_with_the_same_numbers(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    consumer.client.post(status_url(image), {"status": "accepted"})
    page = source(producer.client.get(URL))
    assert page.count("<table") == 2
    assert re.findall(r'<svg class="([^"]+)" [^>]*role="img"', page) == ["line-chart", "share-bar"]
    weeks = re.findall(r'data-label="Answers">(\d+)<', page)
    assert weeks == ["0"] * 11 + ["1"]
