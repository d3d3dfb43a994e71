"""What an attacker tries at every address. A new route is covered by itself."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from sharing.models import BulkJob, Group, Listing, OutgoingMail, Producer
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import publish
from tests.shares import a_record
from tests.test_routes import IMAGE, PROJECT
from tests.visitor import a_request

pytestmark = pytest.mark.django_db
# A mail program and Keystone post to these, from outside of our pages; each has a proof of its own.
WITHOUT_A_FORM_OF_OURS = {"unsubscribe", "websso"}
SOMETHING = {
    "slug": "t0ken", "token": "t0ken", "key": "t0ken", "image_id": IMAGE, "project_id": PROJECT,
    "producer_id": PROJECT, "request_id": 7, "job_id": 7, "group_id": 7, "mail_id": 7,
}  # fmt: skip
SOMEBODYS = {"image_id", "request_id", "job_id", "group_id", "mail_id"}
# As a page may have it: any of these in it, unescaped, runs.
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
RUNS = re.compile(r"<script>alert|<img src=x|href=\"javascript:", re.IGNORECASE)


def routes() -> list[Any]:
    """(name, the names of its parts)."""
    found = []
    for pattern in get_resolver("sharing.urls").url_patterns:
        assert isinstance(pattern, URLPattern)
        parts = set(pattern.pattern.converters)
        found.append(pytest.param(pattern.name, parts, id=str(pattern.name)))
    return found


def address(name: str, parts: set[str], have: dict[str, Any]) -> str:
    return reverse(name, kwargs={part: have[part] for part in parts})


def writes(fake: FakeCloud) -> list[str]:
    return [call for call in fake.calls if not call.startswith(("GET", "HEAD"))]


@pytest.mark.parametrize(("name", "parts"), routes())
def test_a_form_of_another_site_does_nothing(
    fake: FakeCloud, consumer: Party, name: str, parts: set[str]
) -> None:
    before = len(writes(fake))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = consumer.client.cookies
    for how in ("post", "put"):
        answer = getattr(strict, how)(address(name, parts, SOMETHING))
        if name not in WITHOUT_A_FORM_OF_OURS:
            assert answer.status_code == 403 or name in {"healthz", "readyz"}
    assert len(writes(fake)) == before


@pytest.fixture
def belongings(fake: FakeCloud, producer: Party, consumer: Party) -> dict[str, Any]:
    """One of each that the producer has, and its ID."""
    image = fake.image(producer.project, name="debian-12")
    fake.member(image, consumer.project, "accepted")
    listing = publish(producer, image)
    a_record(image, producer, consumer)
    project = producer.project.id
    mail = OutgoingMail(producer_project_id=project, to="x@y.test", state="failed", kind="shared")
    mail.next_attempt_at = listing.created_at
    mail.save()
    group = producer.client.post("/producer/groups/", {"name": "Partners"})["Location"]
    bulk = producer.client.post("/producer/bulk/", {"image": image, "rows": f"{PROJECT},x@y.test"})
    assert bulk.status_code == 302, bulk.content.decode()
    return {
        "image_id": image,
        "request_id": a_request(listing).pk,
        "mail_id": mail.pk,
        "group_id": int(group.split("/")[-2]),
        "job_id": BulkJob.objects.get().pk,
        "project_id": consumer.project.id,
    }


@pytest.mark.parametrize(
    ("name", "parts"), [one for one in routes() if set(one.values[1]) & SOMEBODYS]
)
def test_nobody_reaches_what_is_another_projects(
    fake: FakeCloud, stranger: Party, belongings: dict[str, Any], name: str, parts: set[str]
) -> None:
    before, stored = len(writes(fake)), OutgoingMail.objects.count()
    url, image = address(name, parts, belongings), belongings["image_id"]
    for answer in (stranger.client.get(url), stranger.client.post(url, {"status": "accepted"})):
        is_turned_away = answer.status_code in {404, 405}
        assert is_turned_away or answer["Location"] == reverse("producer-image", args=[image])
        assert "debian-12" not in answer.content.decode()
    assert len(writes(fake)) == before
    assert OutgoingMail.objects.count() == stored


def test_what_anyone_types_never_runs(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    """Names that the Image API took, listings, profiles, messages, notes: on each page and mail."""
    image = fake.image(producer.project, name=EVIL, os_distro=EVIL, os_version=EVIL, odd=EVIL)
    words = f"{EVIL}\n[x](javascript:alert(1))\n<script>alert(1)</script>"
    facts = {"title": EVIL[:100], "summary": EVIL, "terms": EVIL, "tags": "a<b>"}
    listing = publish(producer, image, description=words, **facts)
    form = {"name": EVIL[:100], "description": EVIL, "contact_email": "a@acme.test", "website": ""}
    producer.client.post("/producer/profile/", form)
    producer.client.post("/producer/groups/", {"name": EVIL[:80]})
    asked = {"project_id": consumer.project.id, "email": "c@orchard.test", "message": EVIL}
    consumer.client.post(reverse("request", args=[listing.slug]), asked | {"accept_terms": "on"})
    share = {"project_id": consumer.project.id, "email": "c@orchard.test", "note": EVIL}
    producer.client.post(reverse("members", args=[image]), share)
    consumer.client.post(reverse("share-status", args=[image]), {"status": "rejected"})
    consumer.client.post(reverse("share-status", args=[image]), {"reason": EVIL})
    have = SOMETHING | {"slug": listing.slug, "image_id": image, "project_id": consumer.project.id}
    have["group_id"] = Group.objects.get().pk
    texts = [mail.html for mail in OutgoingMail.objects.all()]
    for one in routes():
        name, parts = one.values
        for client in (producer.client, consumer.client, Client()):
            answer = client.get(address(name, parts, have), {"q": EVIL, "next": EVIL})
            if answer.get("Content-Type", "").startswith("text/html"):
                texts.append(answer.content.decode())
    slug = Producer.objects.get().slug
    texts.append(Client().get(reverse("producer-page", args=[slug])).content.decode())
    assert len(texts) > 200
    assert sum("alert(1)" in html.unescape(text) for text in texts) > 20
    for text in texts:
        assert not RUNS.search(text), RUNS.search(text)


@pytest.mark.parametrize("name", ["title\r\nBcc: all@x.test", "title\nBcc: all@x.test", "a\u2028b"])
def test_no_name_becomes_a_header_of_a_mail(
    fake: FakeCloud, producer: Party, consumer: Party, name: str
) -> None:
    image = fake.image(producer.project, name=name)
    listing = publish(producer, image)
    Listing.objects.update(title=name)  # as if a form had let it through
    form = {"project_id": consumer.project.id, "email": "c@orchard.test", "note": name}
    producer.client.post(reverse("members", args=[image]), form)
    asked = {"project_id": PROJECT, "email": "c@orchard.test", "accept_terms": "on"}
    Client().post(reverse("request", args=[listing.slug]), asked)
    subjects = "".join(OutgoingMail.objects.values_list("subject", flat=True))
    assert OutgoingMail.objects.count() == 2
    assert not set(subjects) & set("\r\n\u2028")
    injected = form | {"project_id": uuid.uuid4().hex, "email": "c@orchard.test\nBcc: all@x.test"}
    assert producer.client.post(reverse("members", args=[image]), injected).status_code == 422
    assert OutgoingMail.objects.count() == 2
