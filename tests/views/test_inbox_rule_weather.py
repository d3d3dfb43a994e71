"""Rules of a consumer in bad weather: two sessions, a cloud that refuses, a token that ends."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sharing.models import HistoryEntry, OutgoingMail, RuleDecision
from sharing.services import inbox_rule_claims, inbox_rule_runs
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_share, inbox
from tests.views.producer.reading import words
from tests.views.ruling import (
    RUN,
    UNDO,
    always,
    puts,
    run_rules,
    states,
    visit_in,
)

BY_HTMX = {"HX-Request": "true"}


@pytest.fixture
def colleague(fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("cora", PASSWORD, projects=[consumer.project])
    return sign_in("cora")


@pytest.fixture
def reader(fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("rita", PASSWORD, projects=[consumer.project], roles=["reader"])
    return sign_in("rita")


def test_two_sessions_at_once_answer_once(
    fake: FakeCloud, producer: Party, consumer: Party, colleague: Client
) -> None:
    """The second runs the rules while the first one's call is with the Image API."""
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    always(consumer, producer)
    inner: list[str] = []
    path = f"/v2/images/{image_id}/members/{consumer.project.id}"
    fake.after("GET", path, lambda: inner.append(run_rules(colleague)))
    before = puts(fake)
    run_rules(consumer.client)
    assert [words(one) for one in inner] == [""]
    assert puts(fake) == before + 1
    assert HistoryEntry.objects.get(verb="status_set").by_name == "chen"
    assert OutgoingMail.objects.filter(kind="answered").count() == 1


def test_a_claim_whose_process_died_ends_by_itself(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    free_at = timezone.now() + inbox_rule_claims.CLAIM
    RuleDecision.objects.create(
        project_id=consumer.project.id,
        image_id=image_id,
        producer_project_id=producer.project.id,
        answer="accepted",
        run=uuid.uuid4(),
        at=timezone.now(),
        free_at=free_at,
    )
    run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "pending"
    with time_machine.travel(free_at + timedelta(seconds=1)):
        run_rules(consumer.client)
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_half_refused_is_half_done_and_tried_again_later_or_when_asked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(4)]
    always(consumer, producer)
    for one in images[:2]:
        fake.fail("PUT", f"/v2/images/{one}/members/*", status=500)
    part = words(run_rules(consumer.client))
    assert "2 images accepted by your rule." in part
    assert "2 images your rules would answer, and the cloud did not let them." in part
    assert states() == ["done", "done", "failed", "failed"]
    assert words(run_rules(consumer.client)) == ""
    fake.fail("PUT", f"/v2/images/{images[0]}/members/*", status=500)
    assert "1 image accepted" in words(run_rules(consumer.client, again="yes"))
    with time_machine.travel(timezone.now() + inbox_rule_runs.TRY_AGAIN_AFTER):
        run_rules(consumer.client)
    assert states() == ["done"] * 4


def test_a_share_that_is_gone_meanwhile_is_no_failure(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    fake.after("GET", "/v2/images", lambda: fake.delete_image(image_id))
    assert words(run_rules(consumer.client)) == ""
    assert states() == []


def test_a_token_that_ends_in_the_middle_keeps_what_was_done(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(40)]
    always(consumer, producer)
    fake.after("PUT", f"/v2/images/{images[-1]}/members/*", fake.expire_all)
    part = words(run_rules(consumer.client))
    assert "accepted by your rule" in part
    assert "your sign-in ended" in part
    done = [fake.member_status(one, consumer.project) for one in images].count("accepted")
    assert HistoryEntry.objects.filter(verb="status_set").count() == done
    assert states().count("done") == done


def test_a_token_that_has_ended_leaves_the_page_alone(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    always(consumer, producer)
    fake.expire_all()
    assert consumer.client.post(RUN, headers=BY_HTMX).status_code == 286
    assert Client().post(RUN, headers=BY_HTMX).status_code == 286
    assert consumer.client.post(RUN)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("is_frozen", [False, True])
def test_with_the_image_api_away_the_page_offers_it_again(
    fake: FakeCloud, producer: Party, consumer: Party, is_frozen: bool
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(20)]
    always(consumer, producer)
    fake.fail("GET", "/v2/images/*/members/*", refused=not is_frozen, slow=is_frozen, times=None)
    assert "20 images your rules would answer" in words(run_rules(consumer.client))
    assert all(fake.member_status(one, consumer.project) == "pending" for one in images)
    fake.stop_glance()
    assert consumer.client.post(RUN, headers=BY_HTMX).status_code == 503


def test_a_reader_carries_nothing_out(
    fake: FakeCloud, producer: Party, consumer: Party, reader: Client
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    assert RUN not in inbox(reader)
    assert reader.post(RUN, headers=BY_HTMX).status_code == 286
    assert reader.post(RUN).status_code == 403
    assert reader.post(UNDO, {"visit": str(uuid.uuid4())}).status_code == 403
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_the_producers_session_carries_nothing_out(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    always(consumer, producer)
    run_rules(producer.client)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_a_colleague_does_not_go_on_with_my_run(
    fake: FakeCloud, producer: Party, consumer: Party, colleague: Client
) -> None:
    a_share(fake, producer, consumer)
    always(consumer, producer)
    mine = visit_in(run_rules(consumer.client))
    a_share(fake, producer, consumer)
    assert visit_in(run_rules(colleague, visit=mine)) != mine
