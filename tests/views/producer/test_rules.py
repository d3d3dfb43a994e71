"""Standing rules: what they approve, in whose session, and why they leave the rest to people."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, Rule
from sharing.services import requests
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said, source
from tests.views.producer.standing import RUN, states
from tests.visitor import a_request

BY_HTMX = {"HX-Request": "true", "HX-Target": "rules"}


@pytest.fixture
def proved(ask: Ask) -> Ask:
    """Like ``ask``, by someone who opened the link in the mail."""

    def asked() -> AccessRequest:
        request = ask()
        requests.confirm(request=request)
        return request

    return asked


def run(producer: Party) -> list[str]:
    assert producer.client.post(RUN).status_code == 302
    return states()


def test_a_rule_approves_in_the_producers_session(
    fake: FakeCloud, producer: Party, consumer: Party, rule: Rule, proved: Ask
) -> None:
    asked = proved()
    assert run(producer) == ["approved"]
    assert fake.member_status(asked.listing.image_id, consumer.project) == "pending"
    entry = HistoryEntry.objects.get(verb="request_approved")
    assert entry.detail == "By rule, in the session of ada"


def test_an_address_that_was_only_typed_approves_nothing(
    producer: Party, rule: Rule, ask: Ask
) -> None:
    ask()
    assert run(producer) == ["open"]


def test_whose_domain_is_allowed_proves_the_address_by_a_link(
    producer: Party, consumer: Party, rule: Rule, ask: Ask
) -> None:
    asked = ask()
    mail = OutgoingMail.objects.get(kind="confirm_request")
    assert mail.to == asked.email
    assert "may be approved at once" in mail.text
    status_page = consumer.client.get(asked.get_absolute_url())
    assert "It may be approved at once" in said(status_page)
    form = {"key": asked.confirm_token}
    page = consumer.client.get(reverse("access-confirm", args=[asked.token]), form)
    assert "Yes, the address is mine" in said(page)
    consumer.client.post(reverse("access-confirm", args=[asked.token]), form)
    assert run(producer) == ["approved"]
    assert OutgoingMail.objects.filter(kind="request_received").count() == 1


def test_nobody_else_is_asked_for_a_proof(listing: Listing, ask: Ask) -> None:
    ask()
    assert not OutgoingMail.objects.filter(kind="confirm_request").exists()


def test_a_rule_names_projects_too(producer: Party, rule: Rule, ask: Ask) -> None:
    Rule.objects.update(allow_domains="", allow_projects=ask().project_id)
    assert run(producer) == ["approved"]


@pytest.mark.parametrize(
    "change",
    [
        {"is_on": False},
        {"deny_domains": "orchard.test"},
        {"deny_projects": "PROJECT"},
        {"allow_domains": "chard.test"},
        {"allow_domains": ""},
    ],
)
def test_a_rule_leaves_the_rest_to_people(
    producer: Party, rule: Rule, proved: Ask, change: dict[str, object]
) -> None:
    asked = proved()
    if "deny_projects" in change:
        change = {"deny_projects": asked.project_id}
    Rule.objects.update(**change)
    assert run(producer) == ["open"]


def test_a_rule_never_approves_what_is_not_verified(
    producer: Party, listing: Listing, rule: Rule
) -> None:
    a_request(listing)
    assert run(producer) == ["open"]


def test_a_rule_does_nothing_for_others(stranger: Party, rule: Rule, proved: Ask) -> None:
    proved()
    assert run(stranger) == ["open"]


def test_the_pages_ask_for_it_by_themselves(producer: Party, rule: Rule, proved: Ask) -> None:
    proved()
    for page in ("/producer/", reverse("requests")):
        assert f'hx-post="{RUN}"' in source(producer.client.get(page))
    answer = producer.client.post(RUN, headers=BY_HTMX)
    assert "1 request was approved in your session" in source(answer)


def test_a_page_that_asks_by_itself_is_never_lost(
    fake: FakeCloud, producer: Party, rule: Rule, proved: Ask
) -> None:
    proved()
    fake.stop_glance()
    assert producer.client.post(RUN, headers=BY_HTMX).status_code == 200
    assert states() == ["open"]
    fake.start_glance()
    fake.expire_all()
    answer = producer.client.post(RUN, {"again": "yes"}, headers=BY_HTMX)
    assert answer.status_code == 286


def test_a_rule_is_saved_as_it_is_meant(producer: Party, listing: Listing) -> None:
    url = reverse("rule", args=[listing.image_id])
    form = {"is_on": "on", "allow_domains": "@Orchard.TEST, other.test", "deny_projects": "A" * 32}
    assert producer.client.post(url, form).status_code == 302
    rule = Rule.objects.get()
    assert (rule.allow_domains, rule.deny_projects) == ("orchard.test\nother.test", "a" * 32)
    assert HistoryEntry.objects.latest("pk").verb == "rule_saved"


@pytest.mark.parametrize("form", [{"allow_projects": "acme"}, {"deny_domains": "not a domain!"}])
def test_a_rule_with_nonsense_is_not_saved(
    producer: Party, listing: Listing, form: dict[str, str]
) -> None:
    url = reverse("rule", args=[listing.image_id])
    assert producer.client.post(url, form).status_code == 422
    assert not Rule.objects.exists()
