"""What was typed into any of the longer forms outlives the token, and a cloud that is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from sharing.models import Listing
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_share
from tests.visitor import a_request

TYPED = "typed with care & love"


@dataclass
class Form:
    """Where the form stands, where it is sent to, and what."""

    page: str
    action: str
    data: dict[str, str]


def add_member(image_id: str, consumer: Party) -> Form:
    page = reverse("producer-image", args=[image_id])
    return Form(page, reverse("members", args=[image_id]), {"project_id": "f" * 32, "note": TYPED})


def change_contact(image_id: str, consumer: Party) -> Form:
    page = reverse("producer-image", args=[image_id])
    action = reverse("member-contact", args=[image_id, consumer.project.id])
    return Form(page, action, {"email": "typed-with-care@orchard.test"})


def edit_listing(image_id: str, consumer: Party) -> Form:
    page = reverse("listing-edit", args=[image_id])
    return Form(page, page, {"title": "Noble", "description": TYPED, "state": "draft"})


def decide(image_id: str, consumer: Party) -> Form:
    asked = a_request(Listing.objects.get(image_id=image_id), project_id=consumer.project.id)
    action = reverse("decision", args=[asked.pk])
    return Form(reverse("requests"), action, {"decision": "approve", "reason": TYPED})


def edit_profile(image_id: str, consumer: Party) -> Form:
    page = reverse("profile")
    return Form(page, page, {"name": "Acme", "description": TYPED})


def create_image(image_id: str, consumer: Party) -> Form:
    page = reverse("image-new")
    return Form(page, page, {"name": TYPED, "source": "url", "url": "https://x.test/y"})


def edit_image(image_id: str, consumer: Party) -> Form:
    page = reverse("image-edit", args=[image_id])
    return Form(page, page, {"name": "x", "properties": f"note={TYPED}"})


def delete_image(image_id: str, consumer: Party) -> Form:
    page = reverse("image-delete", args=[image_id])
    return Form(page, page, {"confirm": TYPED})


def edit_questions(image_id: str, consumer: Party) -> Form:
    page = reverse("request-form", args=[image_id])
    rows = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-text": TYPED}
    return Form(page, page, rows | {"answer_days": "3"})


def edit_rule(image_id: str, consumer: Party) -> Form:
    page = reverse("request-form", args=[image_id])
    data = {"is_on": "on", "email": "typed-with-care.test"}  # "email": what is looked for
    return Form(page, reverse("rule", args=[image_id]), data | {"allow_domains": data["email"]})


def add_note(image_id: str, consumer: Party) -> Form:
    asked = a_request(Listing.objects.get(image_id=image_id), project_id=consumer.project.id)
    return Form(reverse("requests"), reverse("request-note", args=[asked.pk]), {"text": TYPED})


def decide_many(image_id: str, consumer: Party) -> Form:
    asked = a_request(Listing.objects.get(image_id=image_id), project_id=consumer.project.id)
    data = {"request": str(asked.pk), "decision": "decline", "reason": TYPED}
    return Form(reverse("requests"), reverse("decisions"), data)


FORMS = [
    *(add_member, change_contact, edit_listing, decide, edit_profile),
    *(create_image, edit_image, delete_image),
    *(edit_questions, edit_rule, add_note, decide_many),
]
# What is ours alone needs no Image API.
OURS = (edit_profile, edit_questions, edit_rule, add_note, decide_many)
CLOUD_FORMS = [form for form in FORMS if form not in OURS]
Make = Callable[[str, Party], Form]


@pytest.fixture
def image_id(fake: FakeCloud, producer: Party, consumer: Party) -> str:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    return image_id


def typed_words(form: Form) -> str:
    if any(TYPED in value for value in form.data.values()):
        return TYPED.replace("&", "&amp;")
    return form.data["email"]


@pytest.mark.parametrize("make", FORMS)
def test_an_expired_token(
    fake: FakeCloud, producer: Party, consumer: Party, image_id: str, make: Make
) -> None:
    form = make(image_id, consumer)
    fake.expire_all()
    headers = {"Referer": f"http://testserver{form.page}"}
    answer = producer.client.post(form.action, form.data, headers=headers)
    assert answer.status_code == 302
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    assert target == form.page
    sign_in = {"method": "password", "username": "ada", "password": PASSWORD, "next": target}
    page = producer.client.post("/sign-in/", sign_in, follow=True).content.decode()
    assert typed_words(form) in page
    assert typed_words(form) not in producer.client.get(form.page).content.decode()


@pytest.mark.parametrize("make", CLOUD_FORMS)
def test_an_image_api_that_is_away(
    fake: FakeCloud, producer: Party, consumer: Party, image_id: str, make: Make
) -> None:
    form = make(image_id, consumer)
    fake.stop_glance()
    assert producer.client.post(form.action, form.data).status_code == 503
    fake.start_glance()
    assert typed_words(form) in producer.client.get(form.page).content.decode()


def test_a_keystone_that_is_away_at_the_sign_in_loses_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, image_id: str
) -> None:
    form = add_member(image_id, consumer)
    fake.expire_all()
    producer.client.post(form.action, form.data)
    sign_in = {"method": "password", "username": producer.name, "password": PASSWORD}
    fake.stop_keystone()
    assert producer.client.post("/sign-in/", sign_in).status_code == 503
    fake.start_keystone()
    assert producer.client.post("/sign-in/", sign_in).status_code == 302
    assert "typed with care &amp; love" in producer.client.get(form.page).content.decode()
