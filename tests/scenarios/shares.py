"""Reminders, end dates and the ledger, by the site's own pages: the same on the fake and on the
real cloud."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from sharing.models import HistoryEntry, Share
from sharing.services import end_warnings
from tests.conftest import Party
from tests.scenarios.loop import deliver_mail, publish

CHEN = "chen@orchard.test"
Letters = Callable[[str], list[str]]  # an address → the texts of the mails that reached it


def page(party: Party, name: str, *args: str, **query: str) -> str:
    answer = party.client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def share(producer: Party, consumer: Party, image_id: str, **form: str) -> None:
    form = {"project_id": consumer.project.id, "email": CHEN, **form}
    answer = producer.client.post(reverse("members", args=[image_id]), form)
    assert answer.status_code == 302, answer.content.decode()


def answer(consumer: Party, image_id: str, status: str) -> None:
    url = reverse("share-status", args=[image_id])
    assert consumer.client.post(url, {"status": status}).status_code == 302


def reminders_only_to_who_waits(
    producer: Party, consumer: Party, image_id: str, letters: Letters
) -> None:
    """One, the same too soon, none to who rejected, and again to who put it back."""
    share(producer, consumer, image_id)
    remind = reverse("member-remind", args=[image_id, consumer.project.id])
    assert "never answered" in page(producer, "producer-image", image_id)
    assert producer.client.post(remind).status_code == 302
    assert producer.client.post(remind).status_code == 422
    deliver_mail()
    assert len(letters(CHEN)) == 2
    assert all(image_id in text for text in letters(CHEN))

    later = timezone.now() - timedelta(days=8)
    Share.objects.update(reminded_at=later)
    answer(consumer, image_id, "rejected")
    assert producer.client.post(remind).status_code == 422
    every = reverse("members-remind", args=[image_id])
    assert "Nobody waits" in producer.client.post(every, follow=True).content.decode()

    answer(consumer, image_id, "pending")
    assert "put back to pending" in page(producer, "producer-image", image_id)
    found = page(producer, "shares", hint="back")
    assert f'data-project="{consumer.project.id}"' in found
    assert producer.client.post(reverse("shares-remind"), {"hint": "back"}).status_code == 302
    deliver_mail()
    assert len(letters(CHEN)) == 3
    assert HistoryEntry.objects.filter(verb="reminded").count() == 2


def a_share_ends(producer: Party, consumer: Party, image_id: str, letters: Letters) -> None:
    """A day is set, both sides are warned, the producer extends, and removes in the end."""
    publish(producer, image_id, contact_email="images@acme.test")
    today = timezone.localdate()
    share(producer, consumer, image_id, ends_on=(today + timedelta(days=90)).isoformat())
    assert "Shared until" in page(consumer, "share", image_id)
    soon = {"project": consumer.project.id, "do": "set"}
    soon["ends_on"] = (today + timedelta(days=14)).isoformat()
    set_ends = producer.client.post(reverse("members-end", args=[image_id]), soon)
    assert set_ends.status_code == 302

    assert (end_warnings.warn(), end_warnings.warn()) == (1, 0)
    deliver_mail()
    assert "Shared until" in letters(CHEN)[-1]
    assert consumer.project.id in letters("images@acme.test")[-1]

    key = f"{image_id}/{consumer.project.id}"
    ended = reverse("shares-ended")
    Share.objects.update(ends_on=today)
    assert f'data-image="{image_id}"' in page(producer, "producer")
    assert 'data-status="pending"' in page(producer, "shares-ended")
    more = {"share": key, "do": "extend", "ends_on": (today + timedelta(days=5)).isoformat()}
    assert "1 share extended." in producer.client.post(ended, more, follow=True).content.decode()

    Share.objects.update(ends_on=today)
    gone = {"every": "1", "as_of": today.isoformat(), "do": "remove"}
    assert "1 share removed." in producer.client.post(ended, gone, follow=True).content.decode()
    assert f'data-image="{image_id}"' not in page(producer, "producer")
    deliver_mail()
    assert image_id in letters(CHEN)[-1]
    assert len(letters(CHEN)) == 3
    assert 'data-status="removed"' in page(
        producer, "producer-share", image_id, consumer.project.id
    )


def the_ledger_has_every_share(
    producer: Party, consumer: Party, image_ids: list[str], letters: Letters
) -> None:
    for number, image_id in enumerate(image_ids):
        share(producer, consumer, image_id, note=f"=1+{number}")
    answer(consumer, image_ids[0], "accepted")
    assert page(producer, "shares").count("<tr data-image=") == len(image_ids)
    assert page(producer, "shares", status="accepted").count("<tr data-image=") == 1
    text = producer.client.get(reverse("shares-csv"), {"q": consumer.project.id}).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["image_id"] for row in rows} == set(image_ids)
    assert {row["note"][:3] for row in rows} == {"'=1"}
    found = producer.client.get(reverse("shares-json"), {"status": "pending"}).json()["shares"]
    assert {row["image_id"] for row in found} == set(image_ids[1:])
    whole = page(producer, "producer-share", image_ids[0], consumer.project.id)
    for fact in ("Shared with you", "Consumer answered", CHEN, 'data-status="accepted"'):
        assert fact in whole
