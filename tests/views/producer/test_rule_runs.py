"""What a run of the standing rules looks at, what it says of the rest, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, Listing, Rule
from sharing.services import requests, rules
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said, words
from tests.views.producer.standing import RUN, known, run_rules, states
from tests.visitor import a_request

MEMBERS = "/v2/images/*/members"


def reason(producer: Party, asked: AccessRequest) -> str:
    page = producer.client.get(reverse("requests"))
    return element(page, "p", f'id="rule-{asked.pk}"')


def test_what_no_rule_approves_stands_in_nobodys_way(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, 30, email="who@elsewhere.test")
    [last] = known(listing)
    run_rules(producer.client)
    last.refresh_from_db()
    assert last.state == "approved"


def test_what_the_cloud_refuses_stands_in_nobodys_way(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, rules.MOST_AT_ONCE + 1)
    fake.fail("POST", MEMBERS, status=413, times=rules.MOST_AT_ONCE)
    assert "load delay" in run_rules(producer.client)
    assert set(states()) == {"open"}
    run_rules(producer.client)
    assert states() == ["open"] * rules.MOST_AT_ONCE + ["approved"]


def test_each_request_is_looked_at_once(producer: Party, listing: Listing, rule: Rule) -> None:
    known(listing, 3, email="who@elsewhere.test")
    run_rules(producer.client)
    first = list(AccessRequest.objects.values_list("rule_looked_at", flat=True))
    assert None not in first
    run_rules(producer.client)
    assert list(AccessRequest.objects.values_list("rule_looked_at", flat=True)) == first


def test_more_than_a_run_takes_is_gone_on_with_at_once(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, rules.MOST_AT_ONCE + 2)
    part = run_rules(producer.client)
    assert "More are under way" in part
    assert "load delay:1s" in part
    assert "every 60s" in run_rules(producer.client)
    assert set(states()) == {"approved"}


def test_a_changed_rule_looks_at_all_again(producer: Party, listing: Listing, rule: Rule) -> None:
    known(listing, 1, email="who@elsewhere.test")
    run_rules(producer.client)
    form = {"is_on": "on", "allow_domains": "elsewhere.test"}
    producer.client.post(reverse("rule", args=[listing.image_id]), form)
    run_rules(producer.client)
    assert states() == ["approved"]


def test_a_proof_that_comes_later_is_looked_at(producer: Party, rule: Rule, ask: Ask) -> None:
    asked = ask()
    run_rules(producer.client)
    assert "link was not opened yet" in reason(producer, asked)
    requests.confirm(request=asked)
    run_rules(producer.client)
    assert states() == ["approved"]


@pytest.mark.parametrize(
    ("fields", "changes", "why"),
    [
        ({"email": "who@elsewhere.test"}, {}, "Neither its project nor its domain"),
        ({"is_verified": False}, {}, "Nobody has proved the project"),
        ({"email_proved_at": None}, {}, "link was not opened yet"),
        ({}, {"deny_domains": "orchard.test"}, "list of those never"),
        ({}, {"deny_projects": f"{1:032x}"}, "list of those never"),
        ({"is_verified": False}, {"deny_domains": "orchard.test"}, "list of those never"),
    ],
)
def test_the_request_says_why_a_person_is_needed(
    producer: Party,
    listing: Listing,
    rule: Rule,
    fields: dict[str, Any],
    changes: dict[str, str],
    why: str,
) -> None:
    Rule.objects.update(**changes)
    [asked] = known(listing, **fields)
    run_rules(producer.client)
    assert states() == ["open"]
    assert why in reason(producer, asked)


@pytest.mark.parametrize(
    ("weather", "why"),
    [
        (Weather(status=413), "as many members as this cloud allows"),
        (Weather(status=403), "did not allow it"),
        (Weather(status=404), "The image is gone"),
        (Weather(status=500), "did not answer, or not with sense"),
        (Weather(html=True), "did not answer, or not with sense"),
        (Weather(refused=True), "did not answer, or not with sense"),
        (Weather(slow=True), "did not answer, or not with sense"),
        (Weather(status=400), "The Image API refused it"),
    ],
)
def test_the_request_says_what_the_cloud_said(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule, weather: Weather, why: str
) -> None:
    [asked] = known(listing)
    fake.fail("POST", MEMBERS, **weather)
    part = run_rules(producer.client, shown=str(asked.pk))
    assert why in words(part)
    assert why in reason(producer, asked)
    assert states() == ["open"]


def test_a_private_image_is_said_to_be_one(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    [asked] = known(listing)
    fake.change_image(listing.image_id, visibility="private")
    run_rules(producer.client)
    assert "visibility allows no members" in reason(producer, asked)


def test_a_service_that_is_away_is_asked_once(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, 5)
    fake.fail("POST", MEMBERS, refused=True, times=None)
    before = len(fake.calls)
    run_rules(producer.client)
    assert sum(call.startswith("POST") for call in fake.calls[before:]) == 1
    assert AccessRequest.objects.filter(rule_looked_at=None).count() == 4


def test_what_the_cloud_refused_is_tried_again_later_or_when_asked(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, 2)
    fake.fail("POST", MEMBERS, status=500, times=2)
    run_rules(producer.client)
    run_rules(producer.client)
    assert states() == ["open", "open"]
    with time_machine.travel(timezone.now() + rules.TRY_AGAIN_AFTER + timedelta(seconds=1)):
        fake.fail("POST", MEMBERS, status=500, times=1)
        run_rules(producer.client)
        assert states() == ["open", "approved"]
    assert producer.client.post(RUN).status_code == 302
    assert states() == ["approved", "approved"]


def test_what_is_new_comes_before_what_is_tried_again(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, rules.MOST_AT_ONCE)
    fake.fail("POST", MEMBERS, status=500, times=rules.MOST_AT_ONCE)
    run_rules(producer.client)
    new = a_request(listing, project_id="f" * 32, is_verified=True, email_proved_at=timezone.now())
    with time_machine.travel(timezone.now() + rules.TRY_AGAIN_AFTER + timedelta(seconds=1)):
        run_rules(producer.client)
    new.refresh_from_db()
    assert new.state == "approved"
    assert states().count("open") == 1


def test_no_reason_is_given_where_no_rule_is_on(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, email="who@elsewhere.test")
    Rule.objects.update(is_on=False)
    assert "The rule leaves it to you" not in said(producer.client.get(reverse("requests")))


def test_the_open_queue_shows_the_state_after_the_run(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    shown, elsewhere = known(listing, 2)
    part = run_rules(producer.client, shown=str(shown.pk))
    assert f'<li id="request-{shown.pk}"' in part
    assert 'data-state="approved"' in part
    assert "(by rule)" in words(part)
    assert f'id="request-{elsewhere.pk}"' not in part
    assert 'id="queue-tabs"' in part
    assert "Open 0" in words(part)


def test_the_dashboard_shows_the_state_after_the_run(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing)
    part = run_rules(producer.client, "/producer/")
    assert 'id="needs" hx-swap-oob="true"' in part
    assert "Nothing waits for you" in words(part)


def test_nothing_is_put_in_place_where_nothing_has_changed(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing, email="who@elsewhere.test")
    for page in ("/producer/", "/producer/requests/", "/elsewhere/"):
        assert "hx-swap-oob" not in run_rules(producer.client, page)


@pytest.mark.parametrize("shown", ["x", "", "9" * 40, "-1", "\x00"])
def test_nonsense_about_the_page_changes_nothing(
    producer: Party, listing: Listing, rule: Rule, shown: str
) -> None:
    known(listing)
    assert "<li" not in run_rules(producer.client, shown=shown)
    assert states() == ["approved"]


def test_another_producers_request_is_never_shown(
    producer: Party, listing: Listing, rule: Rule, ask: Ask
) -> None:
    known(listing)
    theirs = a_request(Listing.objects.create(slug="theirs", image_id="1" * 36, project_id="9"))
    assert "<li" not in run_rules(producer.client, shown=str(theirs.pk))
