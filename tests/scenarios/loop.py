"""The whole loop, by the site's own pages: the same on the fake and on the real cloud."""

from __future__ import annotations

import html
import re

from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse

from sharing.models import Listing, OutgoingMail
from sharing.tasks import send_mail
from tests.conftest import Party

LISTING = {
    "title": "Debian 12 for the lab",
    "summary": "A calm base.",
    "description": "# Hello\n\nAll you need.",
    "contact_email": "images@acme.test",
    "terms": "Be kind.",
    "tags": "base, lab",
    "state": "published",
}


def deliver_mail() -> None:
    """What the worker does with the mails that are due."""
    for pk in OutgoingMail.objects.filter(state="queued").values_list("pk", flat=True):
        send_mail.call(pk)


def newest_mail(to: str) -> str:
    """The text of the newest mail that reached ``to``."""
    return str(next(m for m in reversed(django_mail.outbox) if m.to == [to]).body)


def link_in(text: str) -> str:
    """The path of the first link of a mail."""
    found = re.search(r"http://localhost(/\S+)", text)
    assert found, text
    return found[1]


def publish(producer: Party, image_id: str, **fields: str) -> Listing:
    url = reverse("listing-edit", args=[image_id])
    answer = producer.client.post(url, LISTING | fields)
    assert answer.status_code == 302, answer.content.decode()
    return Listing.objects.get(image_id=image_id)


def request_as_visitor(listing: Listing, *, project_id: str, email: str) -> str:
    """Ask and confirm by the mail's link; the path of the request's own page."""
    visitor = Client()
    form = {"project_id": project_id, "email": email, "message": "Please.", "accept_terms": "on"}
    asked = visitor.post(reverse("request", args=[listing.slug]), form)
    assert asked.status_code == 302, asked.content.decode()
    deliver_mail()
    confirm = link_in(newest_mail(email))
    assert visitor.get(confirm).status_code == 200
    assert visitor.post(confirm).status_code == 302
    return str(asked["Location"])


def decide(producer: Party, request_id: str, decision: str, reason: str = "") -> int:
    url = reverse("decision", args=[request_id])
    form = {"decision": decision, "reason": reason}
    return int(producer.client.post(url, form).status_code)


def waiting_requests(producer: Party) -> list[str]:
    page = producer.client.get(reverse("requests")).content.decode()
    return re.findall(r'data-request="(\d+)"', page)


def status_in_inbox(consumer: Party, image_id: str) -> str | None:
    """The drawer that the share lies in, as the page says it."""
    for status in ("pending", "accepted", "rejected"):
        page = consumer.client.get(reverse("inbox"), {"status": status}).content.decode()
        if f'data-image="{image_id}"' in page:
            return status
    return None


def the_whole_loop(producer: Party, consumer: Party, image_id: str) -> None:
    """Publish, ask, confirm, approve, be written to, follow the link, accept."""
    listing = publish(producer, image_id)
    assert "Debian 12 for the lab" in Client().get(reverse("catalogue")).content.decode()

    status_page = request_as_visitor(
        listing, project_id=consumer.project.id, email="chen@orchard.test"
    )
    [request_id] = waiting_requests(producer)
    assert decide(producer, request_id, "approve") == 302
    assert 'data-state="approved"' in Client().get(status_page).content.decode()

    deliver_mail()
    letter = newest_mail("chen@orchard.test")
    assert image_id in letter
    share = html.unescape(link_in(letter))
    assert consumer.client.get(share).status_code == 200
    assert status_in_inbox(consumer, image_id) == "pending"

    set_status = reverse("share-status", args=[image_id])
    assert consumer.client.post(set_status, {"status": "accepted"}).status_code == 302
    assert status_in_inbox(consumer, image_id) == "accepted"
    deliver_mail()
    assert consumer.project.id in newest_mail("images@acme.test")
    members = producer.client.get(reverse("producer-image", args=[image_id])).content.decode()
    assert f'data-project="{consumer.project.id}"' in members
    assert 'data-status="accepted"' in members
