"""A standing rule works in somebody's session: once, under that name, and with no token kept."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from sharing import session
from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, Rule
from sharing.services import rules
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.desk import everything_stored
from tests.views.producer.reading import said
from tests.views.producer.standing import known, run_rules, states


def test_two_sessions_at_once_approve_once(
    fake: FakeCloud,
    producer: Party,
    listing: Listing,
    rule: Rule,
    sign_in: Callable[[str], Client],
) -> None:
    """The second runs the rules while the first one's call is with the Image API."""
    known(listing)
    fake.user("abe", PASSWORD, projects=[producer.project])
    colleague = sign_in("abe")
    inner: list[str] = []
    path = f"/v2/images/{listing.image_id}/members"
    fake.after("POST", path, lambda: inner.append(run_rules(colleague)))
    before = len(fake.calls)
    run_rules(producer.client)
    assert len(inner) == 1
    assert fake.calls[before:].count(f"POST {path}") == 1
    assert HistoryEntry.objects.filter(verb="request_approved").count() == 1
    assert OutgoingMail.objects.filter(kind="shared").count() == 1
    assert AccessRequest.objects.get().decided_by_name == "ada"


def test_a_rule_that_changes_during_the_run_is_not_passed_over(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    stale = Rule.objects.get()
    [asked] = known(listing, email="who@elsewhere.test")
    asked.listing.rule = stale
    rule.allow_domains = "elsewhere.test"
    rule.save()
    rules._settle([asked])
    run_rules(producer.client)
    assert states() == ["approved"]


def test_the_history_names_the_rule_and_whose_session_it_was(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    known(listing)
    run_rules(producer.client)
    page = said(producer.client.get(reverse("history")))
    assert "By rule, in the session of ada" in page
    assert "(by rule)" in said(producer.client.get("/producer/requests/?state=approved"))


def test_to_take_it_back_is_to_remove_the_share(
    fake: FakeCloud, producer: Party, listing: Listing, rule: Rule
) -> None:
    [asked] = known(listing)
    run_rules(producer.client)
    remove = reverse("member-remove", args=[listing.image_id, asked.project_id])
    assert producer.client.post(remove).status_code == 302
    assert fake.member_status(listing.image_id, asked.project_id) is None
    run_rules(producer.client)
    assert fake.member_status(listing.image_id, asked.project_id) is None


def test_no_table_holds_the_token(producer: Party, listing: Listing, rule: Rule) -> None:
    known(listing)
    run_rules(producer.client)
    assert states() == ["approved"]
    cloud = session.load(producer.client.session, request_id="req-1")
    assert cloud is not None
    assert cloud.project.id in everything_stored()
    assert cloud.token.id not in everything_stored()
