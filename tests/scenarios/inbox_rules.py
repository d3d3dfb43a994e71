"""A consumer's rule answers what waits, and it is undone: the same on the fake and on the real
cloud."""

from __future__ import annotations

import re

from django.urls import reverse

from sharing.models import HistoryEntry, RuleDecision
from tests.conftest import Party
from tests.scenarios.desk import page, words
from tests.scenarios.shares import answer, share

BY_HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/"}


def visit(party: Party) -> str:
    """What the open inbox shows of the rules."""
    done = party.client.post(reverse("inbox-rules-run"), headers=BY_HTMX)
    assert done.status_code == 200, done.status_code
    return done.content.decode()


def drawer(party: Party, status: str) -> set[str]:
    return set(re.findall(r'data-image="([^"]+)"', page(party.client, "inbox", status=status)))


def a_rule_answers_and_is_undone(
    producer: Party, consumer: Party, image_ids: list[str], late_image: str
) -> None:
    """All but what was put back on purpose; undone, they stay pending; what comes later is new."""
    for image_id in image_ids:
        share(producer, consumer, image_id)
    *wanted, put_back = image_ids
    answer(consumer, put_back, "accepted")
    answer(consumer, put_back, "pending")
    rule = reverse("inbox-rule", args=[producer.project.id])
    assert consumer.client.post(rule, {"always": "accepted"}).status_code == 302

    ran = visit(consumer)
    assert f"{len(wanted)} images accepted by your rule." in words(ran)
    assert drawer(consumer, "accepted") == set(wanted)
    assert drawer(consumer, "pending") == {put_back}
    by_rule = HistoryEntry.objects.filter(verb="status_set", is_by_rule=True)
    assert {entry.image_id for entry in by_rule} == set(wanted)
    assert words(visit(consumer)) == ""

    found = re.search(r'name="visit" value="([^"]+)"', ran)
    assert found
    undo = consumer.client.post(reverse("inbox-rules-undo"), {"visit": found[1]})
    assert undo.status_code == 302
    assert drawer(consumer, "pending") == set(image_ids)
    assert words(visit(consumer)) == ""
    assert drawer(consumer, "pending") == set(image_ids)

    share(producer, consumer, late_image)
    assert consumer.client.post(rule, {"always": "rejected"}).status_code == 302
    assert "1 image hidden by your rule." in words(visit(consumer))
    assert drawer(consumer, "rejected") == {late_image}
    states = RuleDecision.objects.values_list("state", flat=True)
    assert sorted(states) == ["done", "left", *["undone"] * len(wanted)]
