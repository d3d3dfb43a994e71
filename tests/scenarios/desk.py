"""The producer's desk, by the site's own pages: the same on the fake and on the real cloud."""

from __future__ import annotations

import html
import re
from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from sharing import session
from sharing.models import AccessRequest, HistoryEntry, Listing, Producer
from tests.conftest import Party
from tests.scenarios.loop import deliver_mail, link_in, newest_mail, publish

EMAIL = "chen@orchard.test"
BY_HTMX = {"HX-Request": "true", "HX-Target": "rules"}
QUESTIONS = {
    "form-TOTAL_FORMS": "2",
    "form-INITIAL_FORMS": "0",
    "form-0-text": "What for?",
    "form-0-kind": "text",
    "form-0-is_required": "on",
    "form-1-text": "How long?",
    "form-1-kind": "choice",
    "form-1-choices": "A week\nA year",
    "answer_days": "3",
}


def everything_stored() -> str:
    """Every row of every table, as text."""
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, name
    return answer.content.decode()


def ask(consumer: Party, listing: Listing, **fields: str) -> AccessRequest:
    """Signed in, so that the project is proved."""
    form = {"email": EMAIL, "message": "Please.", "accept_terms": "on", "signed_in": "yes"}
    url = reverse("request", args=[listing.slug])
    answer = consumer.client.post(url, form | {"project_id": consumer.project.id} | fields)
    assert answer.status_code == 302, answer.content.decode()
    return AccessRequest.objects.latest("pk")


def set_rule(producer: Party, listing: Listing, **lists: str) -> None:
    url = reverse("rule", args=[listing.image_id])
    assert producer.client.post(url, {"is_on": "on"} | lists).status_code == 302


def state(asked: AccessRequest) -> str:
    asked.refresh_from_db()
    return asked.state


def answers_reach_the_producer(producer: Party, consumer: Party, image_id: str) -> None:
    listing = publish(producer, image_id)
    url = reverse("request-form", args=[image_id])
    assert producer.client.post(url, QUESTIONS).status_code == 302
    asks = page(Client(), "request", listing.slug)
    assert "What for?" in asks
    assert "within 3 days" in asks
    ask(consumer, listing, answer_1="A farm", answer_2="A year")
    queue = words(page(producer.client, "requests"))
    assert "What for? A farm How long? A year" in queue


def a_rule_approves_at_a_visit(producer: Party, consumer: Party, image_id: str) -> None:
    """By a project first denied; by a domain whose address is proved by its link."""
    listing = publish(producer, image_id)
    denied = {"allow_domains": "orchard.test", "deny_projects": consumer.project.id}
    set_rule(producer, listing, **denied)
    asked = ask(consumer, listing)
    deliver_mail()
    confirm = link_in(newest_mail(EMAIL))
    assert consumer.client.post(confirm).status_code == 302
    run = reverse("rules-run")
    producer.client.post(run, headers=BY_HTMX)
    assert state(asked) == "open"
    assert "list of those never" in page(producer.client, "requests")

    set_rule(producer, listing, allow_domains="orchard.test")
    producer.client.post(run, headers=BY_HTMX)
    assert state(asked) == "approved"
    entry = HistoryEntry.objects.get(verb="request_approved")
    assert entry.detail == f"By rule, in the session of {producer.name}"
    inbox = page(consumer.client, "inbox")
    assert f'data-image="{image_id}"' in inbox

    for party in (producer, consumer):
        cloud = session.load(party.client.session, request_id="req-1")
        assert cloud
        assert cloud.token.id not in everything_stored()


def one_row_of_many_fails(
    producer: Party, consumer: Party, good_image: str, bad_image: str
) -> None:
    good, bad = (
        ask(consumer, publish(producer, image_id, title=title))
        for image_id, title in ((good_image, "Good"), (bad_image, "Bad"))
    )
    visibility = reverse("visibility", args=[bad_image])
    producer.client.post(visibility, {"visibility": "private"})
    form = {"request": [good.pk, bad.pk], "decision": "approve"}
    answer = words(producer.client.post(reverse("decisions"), form).content.decode())
    assert "1 of 2 carried out." in answer
    assert "visibility is “private”" in answer
    assert [state(good), state(bad)] == ["approved", "open"]


def a_member_edits_the_profile_and_a_reader_does_not(producer: Party, reader: Party) -> None:
    form = {"name": "Acme Images", "description": "We build **calm** images."}
    url = reverse("profile")
    assert producer.client.post(url, form).status_code == 302
    refused = reader.client.post(url, form | {"name": "Mine"})
    assert refused.status_code == 403
    assert "role “member”" in refused.content.decode()
    address = Producer.objects.get(project_id=producer.project.id).get_absolute_url()
    public = Client().get(address).content.decode()
    assert "<h1>Acme Images</h1>" in public
    assert "<strong>calm</strong>" in public


def the_figures_are_the_image_apis(producer: Party, consumer: Party, image_id: str) -> None:
    """``image_id`` has members; whatever their statuses are, the figures say the same."""
    set_status = reverse("share-status", args=[image_id])
    consumer.client.post(set_status, {"status": "accepted"})
    cloud = session.load(producer.client.session, request_id="req-1")
    assert cloud
    members = cloud.images.list_members(image_id)
    counts = [
        sum(member.status == status for member in members)
        for status in ("accepted", "pending", "rejected")
    ]
    assert counts[0] > 0
    figures = page(producer.client, "figures")
    row = re.search(rf'<tr data-image="{image_id}">.*?</tr>', figures, re.DOTALL)
    assert row
    assert " ".join(map(str, [len(members), *counts])) in words(row[0])
