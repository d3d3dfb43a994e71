"""Notes on a request, among the producer's own people."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.db.models.signals import pre_save
from django.urls import reverse

from sharing.models import HistoryEntry, OutgoingMail, RequestNote
from tests.conftest import Party
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said, source


def test_a_note_is_for_colleagues_alone(producer: Party, consumer: Party, ask: Ask) -> None:
    asked = ask()
    url = reverse("request-note", args=[asked.pk])
    assert consumer.client.post(url, {"text": "Mine"}).status_code == 404
    assert producer.client.post(url, {"text": "Known to us"}).status_code == 302
    assert "Known to us" in said(producer.client.get(reverse("requests")))
    assert "Known to us" not in source(consumer.client.get(asked.get_absolute_url()))
    assert not OutgoingMail.objects.filter(text__contains="Known to us").exists()


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "typed\x00"])
def test_a_note_must_be_one(producer: Party, ask: Ask, text: str) -> None:
    url = reverse("request-note", args=[ask().pk])
    assert producer.client.post(url, {"text": text}).status_code == 422


def test_a_note_and_its_history_are_there_together_or_not_at_all(producer: Party, ask: Ask) -> None:
    asked = ask()

    def full(**_signal: object) -> None:
        raise DatabaseError("the disk is full")

    pre_save.connect(full, sender=HistoryEntry)
    try:
        with pytest.raises(DatabaseError):
            producer.client.post(reverse("request-note", args=[asked.pk]), {"text": "Known to us"})
    finally:
        pre_save.disconnect(full, sender=HistoryEntry)
    assert not RequestNote.objects.exists()


def test_a_note_says_who_wrote_it_and_stands_in_the_history(producer: Party, ask: Ask) -> None:
    asked = ask()
    producer.client.post(reverse("request-note", args=[asked.pk]), {"text": "Known to us"})
    note = RequestNote.objects.get()
    assert (note.by_name, note.request_id) == ("ada", asked.pk)
    entry = HistoryEntry.objects.get(verb="note_added")
    assert (entry.by_name, entry.detail) == ("ada", "")
