"""The lists of before: found again, and forgotten in the end."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sharing import schedule
from sharing.models import BulkJob, HistoryEntry, Share, Succession
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.lists import a_list, run, started, taken
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("members-bulk", args=[image])


def forgotten(days: int) -> int:
    """How many lists the command removes after so many days."""
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=True):
        before = BulkJob.objects.count()
        call_command("forget_old_lists", stdout=StringIO())
        return before - BulkJob.objects.count()


def test_all_lists_stand_on_pages(producer: Party, stranger: Party, url: str) -> None:
    run(producer.client, started(producer, url, a_list(2)))
    newest = taken(producer, url, a_list(1))
    assert said(producer.client.get(url)).count("to be looked over") == 1
    for _again in range(20):
        newest = taken(producer, url, a_list(1))
    first = producer.client.get(reverse("jobs"))
    assert source(first).count("data-job=") == 20
    assert f'data-job="{newest.pk}"' in source(first)
    last = producer.client.get(reverse("jobs"), {"page": "2"})
    assert "2 of 2" in said(last)
    assert source(last).count("data-job=") == 2
    assert producer.client.get(reverse("jobs"), {"page": "rubbish\x00"}).status_code == 200
    assert "No list yet" in said(stranger.client.get(reverse("jobs")))
    assert Client().get(reverse("jobs")).status_code == 302


def test_a_finished_list_is_forgotten_and_its_shares_stay(producer: Party, url: str) -> None:
    run(producer.client, started(producer, url, a_list(2)))
    assert (forgotten(89), forgotten(91)) == (0, 1)
    assert Share.objects.count() == 2
    assert HistoryEntry.objects.filter(verb="member_added").count() == 2


def test_a_list_that_was_finished_later_is_kept_longer(producer: Party, url: str) -> None:
    run(producer.client, started(producer, url, a_list(2)))
    job = BulkJob.objects.get()
    job.rows.filter(pk=job.rows.latest("pk").pk).update(finished_at=timezone.now() + timedelta(5))
    assert (forgotten(93), forgotten(96)) == (0, 1)


def test_a_list_that_was_never_started_is_forgotten(producer: Party, url: str) -> None:
    taken(producer, url, a_list(2))
    assert (forgotten(89), forgotten(91)) == (0, 1)


def test_a_list_that_is_not_finished_is_kept(fake: FakeCloud, producer: Party, url: str) -> None:
    fake.glance.images.quota = 1
    run(producer.client, started(producer, url, a_list(2)))
    assert forgotten(400) == 0


def test_the_list_of_a_new_version_is_kept_as_long_as_it_matters(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.member(image, "a" * 32)
    new = fake.image(producer.project)
    producer.client.post(reverse("replaces", args=[new]), {"old": image, "note": "x"})
    assert forgotten(400) == 0
    Succession.objects.update(retired_at=timezone.now())
    assert forgotten(400) == 1
    assert producer.client.get(reverse("producer-image", args=[new])).status_code == 200


def test_none_is_forgotten_where_that_is_switched_off(
    producer: Party, url: str, settings: Any
) -> None:
    taken(producer, url, a_list(2))
    settings.BULK_JOB_DAYS = 0
    assert forgotten(4000) == 0


def test_the_worker_does_it_once_a_day(producer: Party, url: str) -> None:
    taken(producer, url, a_list(2))
    schedule.ensure()
    waiting = DBTaskResult.objects.filter(task_path=schedule.forget_old_lists.module_path)
    assert waiting.get().run_after >= timezone.now() + timedelta(hours=23)
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=True):
        schedule.forget_old_lists.func()
    assert not BulkJob.objects.exists()
