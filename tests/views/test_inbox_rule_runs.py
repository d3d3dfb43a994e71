"""A consumer's rules answer what waits, in the session of whoever of the project looks in."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sharing.models import HistoryEntry, InboxRule, OutgoingMail, Share
from sharing.services import inbox_rule_runs
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.inbox_rules import a_rule_answers_and_is_undone
from tests.shares import a_listing_of, a_record, a_share, inbox, status_url
from tests.views.producer.reading import said, source, words
from tests.views.ruling import (
    RUN,
    UNDO,
    always,
    answer_elsewhere,
    puts,
    run_rules,
    states,
    undo,
    visit_in,
)

BY_HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(("answer", "told"), [("accepted", "accepted"), ("rejected", "hidden")])
def test_a_visit_answers_what_waits_and_says_so(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, answer: str, told: str
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(3)]
    other = a_share(fake, stranger, consumer)
    always(consumer, producer, answer)
    assert f'hx-post="{RUN}"' in inbox(consumer.client)
    part = run_rules(consumer.client)
    assert f"3 images {told} by your rule." in words(part)
    assert [fake.member_status(one, consumer.project) for one in images] == [answer] * 3
    assert fake.member_status(other, consumer.project) == "pending"


def test_the_page_itself_calls_no_rule_and_without_one_asks_for_none(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert RUN not in inbox(consumer.client)
    always(consumer, producer)
    inbox(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_nothing_is_said_where_nothing_was_done(producer: Party, consumer: Party) -> None:
    always(consumer, producer)
    part = run_rules(consumer.client)
    assert "hidden data-late" in part
    assert words(part) == ""


def test_the_open_page_shows_what_has_changed(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    always(consumer, producer)
    for page, part in (("/inbox/?page=1", "tray"), ("/inbox/rules/", "rules"), ("/else/", "")):
        a_share(fake, producer, consumer)
        answer = run_rules(consumer.client, page)
        assert (f'hx-get="{page}"' in answer) == bool(part)
        assert (f'hx-select-oob="#{part}"' in answer) == bool(part)
    assert "hx-get" not in run_rules(consumer.client)


def test_the_producer_is_told_as_by_hand_and_the_history_says_by_rule(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    record = a_record(image_id, producer, consumer)
    always(consumer, producer)
    run_rules(consumer.client)
    record.refresh_from_db()
    assert record.answered_at
    assert "was accepted by" in OutgoingMail.objects.get(kind="answered").subject
    entry = HistoryEntry.objects.get(verb="status_set")
    assert (entry.detail, entry.by_name, entry.is_by_rule) == ("accepted", "chen", True)
    assert "By rule, in the session of chen" in said(producer.client.get(reverse("history")))


def test_one_undo_takes_all_of_it_back_and_it_stays_so(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(3)]
    always(consumer, producer)
    undo(consumer.client, run_rules(consumer.client))
    assert "3 images wait for your decision again" in inbox(consumer.client)
    assert words(run_rules(consumer.client)) == ""
    statuses = {fake.member_status(one, consumer.project) for one in images}
    assert statuses == {"pending"}
    assert states() == ["undone"] * 3
    assert HistoryEntry.objects.filter(verb="status_set", detail="pending").count() == 3


def test_undo_leaves_alone_what_somebody_answered_since(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    kept, other = (a_share(fake, producer, consumer, name=name) for name in ("kept", "other"))
    always(consumer, producer)
    part = run_rules(consumer.client)
    consumer.client.post(status_url(kept), {"status": "rejected"})
    undo(consumer.client, part)
    assert fake.member_status(kept, consumer.project) == "rejected"
    assert fake.member_status(other, consumer.project) == "pending"
    assert "kept: " in inbox(consumer.client)


def test_an_undo_twice_is_an_undo_once(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    a_share(fake, producer, consumer)
    always(consumer, producer)
    part = run_rules(consumer.client)
    undo(consumer.client, part)
    undo(consumer.client, part)
    assert "nothing to undo" in inbox(consumer.client)


@pytest.mark.parametrize("visit", ["", "x", "\x00", "0" * 31])
def test_nonsense_is_no_visit(consumer: Party, visit: str) -> None:
    assert consumer.client.post(UNDO, {"visit": visit}).status_code == 404


def test_another_project_undoes_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    undo(stranger.client, run_rules(consumer.client))
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_what_was_put_back_on_purpose_waits(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    """By another tool, before there was a rule: the API's times say it (trap 12)."""
    image_id = a_share(fake, producer, consumer)
    answer_elsewhere(fake, image_id, consumer, "pending")
    always(consumer, producer)
    before = puts(fake)
    run_rules(consumer.client)
    assert puts(fake) == before
    assert states() == ["left"]


def test_what_was_answered_within_the_same_second_waits_too(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    for status in ("rejected", "pending"):
        consumer.client.post(status_url(image_id), {"status": status})
    always(consumer, producer)
    run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_each_share_is_looked_at_once(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    run_rules(consumer.client)
    answer_elsewhere(fake, image_id, consumer, "pending", seconds=0)
    before = puts(fake)
    run_rules(consumer.client)
    assert puts(fake) == before


def test_a_share_made_anew_is_a_new_one(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    undo(consumer.client, run_rules(consumer.client))
    fake.remove_member(image_id, consumer.project)
    later = timezone.now() + timedelta(minutes=1)
    with time_machine.travel(later):
        form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
        producer.client.post(reverse("members", args=[image_id]), form)
        assert Share.objects.get().shared_at >= later
        run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_what_is_answered_between_the_list_and_the_call_stays(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    by_hand = partial(answer_elsewhere, fake, image_id, consumer, "rejected")
    fake.after("GET", "/v2/images", by_hand)
    assert words(run_rules(consumer.client)) == ""
    assert fake.member_status(image_id, consumer.project) == "rejected"


def test_more_than_a_run_takes_is_gone_on_with_and_undone_together(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    total = inbox_rule_runs.MOST_AT_ONCE + 2
    images = [a_share(fake, producer, consumer) for _ in range(total)]
    always(consumer, producer)
    first = run_rules(consumer.client)
    assert "More are under way" in first
    assert "load delay:1s" in first
    last = run_rules(consumer.client, visit=visit_in(first))
    assert f"{total} images accepted by your rule." in words(last)
    assert "load delay" not in last
    undo(consumer.client, last)
    assert {fake.member_status(one, consumer.project) for one in images} == {"pending"}


def test_without_a_script_a_button_does_it(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    assert consumer.client.post(RUN)["Location"] == "/inbox/rules/"
    assert fake.member_status(image_id, consumer.project) == "accepted"
    page = consumer.client.get("/inbox/rules/")
    assert "Your rules answered 1 image." in said(page)
    assert "1 image accepted in the session of chen" in said(page)
    undo(consumer.client, source(page))
    assert "1 undone" in said(consumer.client.get("/inbox/rules/"))


def test_hidden_images_are_answered_too(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer, os_hidden=True)
    always(consumer, producer)
    run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_a_rule_that_was_removed_does_nothing_more(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    always(consumer, producer)
    image_id = a_share(fake, producer, consumer)
    InboxRule.objects.all().delete()
    run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_the_scenario(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    """tests/live has it too."""
    images = [fake.image(producer.project) for _ in range(4)]
    a_rule_answers_and_is_undone(producer, consumer, images[:3], images[3])
