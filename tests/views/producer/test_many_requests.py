"""One decision on several requests, notes among colleagues, and standing rules."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, Rule
from sharing.services import requests
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said, source
from tests.visitor import a_request

URL = "/producer/requests/decisions/"
RUN = "/producer/requests/rules/"
BY_HTMX = {"HX-Request": "true", "HX-Target": "rules"}


def states() -> list[str]:
    return list(AccessRequest.objects.order_by("pk").values_list("state", flat=True))


def test_each_request_has_a_result(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    first, second = ask(), ask(fake.project("another").id)
    AccessRequest.objects.filter(pk=second.pk).update(state="withdrawn")
    form = {"request": [first.pk, second.pk], "decision": "approve"}
    answer = producer.client.post(URL, form)
    assert "1 of 2 carried out" in said(answer)
    assert "Done" in element(answer, "tr", f'data-request="{first.pk}"')
    assert "decided this request first" in element(answer, "tr", f'data-request="{second.pk}"')
    assert states() == ["approved", "withdrawn"]


def test_one_reason_declines_all(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    asked = [ask(), ask(fake.project("another").id)]
    form = {"request": [one.pk for one in asked], "decision": "decline", "reason": "Not now."}
    producer.client.post(URL, form)
    assert states() == ["declined", "declined"]
    assert OutgoingMail.objects.filter(kind="declined", text__contains="Not now.").count() == 2


@pytest.mark.parametrize("form", [{"decision": "decline"}, {"decision": "ask", "reason": "?"}, {}])
def test_a_mistake_decides_nothing_and_keeps_the_ticks(
    producer: Party, ask: Ask, form: dict[str, str]
) -> None:
    asked = ask()
    answer = producer.client.post(URL, form | {"request": str(asked.pk)})
    assert answer.status_code == 422
    assert f'name="request" value="{asked.pk}"' in source(answer)
    assert states() == ["open"]


@pytest.mark.parametrize("name", ["x", "9" * 30, "-1", "١", "\x00"])
def test_nonsense_is_a_404(producer: Party, ask: Ask, name: str) -> None:
    form = {"request": [str(ask().pk), name], "decision": "approve"}
    assert producer.client.post(URL, form).status_code == 404
    assert states() == ["open"]


def test_others_decide_nothing(stranger: Party, ask: Ask) -> None:
    form = {"request": ask().pk, "decision": "approve"}
    assert stranger.client.post(URL, form).status_code == 404
    assert states() == ["open"]


def test_ticks_outlive_the_token(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    asked = ask()
    fake.stop_glance()
    form = {"request": asked.pk, "decision": "approve", "reason": "typed"}
    assert producer.client.post(URL, form).status_code == 503
    fake.start_glance()
    page = source(producer.client.get(reverse("requests")))
    assert f'value="{asked.pk}" form="many" checked' in page


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


@pytest.fixture
def rule(listing: Listing) -> Rule:
    return Rule.objects.create(listing=listing, is_on=True, allow_domains="orchard.test")


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
    assert producer.client.post(RUN, headers=BY_HTMX).status_code == 286


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
