from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sharing.models import HistoryEntry, Listing, Tag
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import LISTING
from tests.views.producer.reading import Answer, said, source

WORDS = {name: value for name, value in LISTING.items() if name != "state"}


@pytest.fixture
def url(image: str) -> str:
    return reverse("listing-preview", args=[image])


def article(answer: Answer) -> str:
    page = source(answer)
    return page[page.index("<article") : page.index("</article>")]


def test_shows_the_public_page_and_saves_nothing(producer: Party, url: str) -> None:
    answer = producer.client.post(url, WORDS | {"tags": "gpu"})
    assert answer.status_code == 200
    for words in ("Debian 12 for the lab", "A calm base.", "All you need.", "Be kind.", ">gpu<"):
        assert words in article(answer)
    assert not Listing.objects.exists()
    assert not Tag.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_is_what_a_visitor_will_see(producer: Party, listing: Listing, url: str) -> None:
    public = article(Client().get(listing.get_absolute_url()))
    assert listing.facts_at
    with time_machine.travel(listing.facts_at, tick=False):  # it shows when the facts were read
        preview = article(producer.client.post(url, WORDS))
    assert preview.split() == public.split()


def test_shows_the_words_that_are_not_saved_yet(
    producer: Party, listing: Listing, url: str
) -> None:
    answer = producer.client.post(url, WORDS | {"title": "Not yet", "tags": "new"})
    assert "Not yet" in article(answer)
    assert ">new<" in article(answer)
    assert ">lab<" not in article(answer)
    listing.refresh_from_db()
    assert listing.title == LISTING["title"]


def test_keeps_the_form(producer: Party, url: str) -> None:
    page = source(producer.client.post(url, WORDS | {"title": "Kept"}))
    assert 'value="Kept"' in page
    assert "# Hello" in page


def test_a_mistake_is_said(producer: Party, url: str) -> None:
    answer = producer.client.post(url, WORDS | {"contact_email": "nobody"})
    assert answer.status_code == 422
    assert "<article" not in source(answer)
    assert 'id="id_contact_email_error"' in source(answer)


@pytest.mark.parametrize(("email", "status"), [("a@b.test", 200), ("nobody", 422)])
def test_htmx_gets_the_preview_alone(producer: Party, url: str, email: str, status: int) -> None:
    headers = {"HX-Request": "true", "HX-Target": "preview"}
    answer = producer.client.post(url, WORDS | {"contact_email": email}, headers=headers)
    assert answer.status_code == status
    assert source(answer).strip().startswith('<div id="preview"')
    assert "<form" not in source(answer)


def test_of_an_image_that_is_gone_works_too(
    fake: FakeCloud, producer: Party, listing: Listing, url: str
) -> None:
    fake.delete_image(listing.image_id)
    answer = producer.client.post(url, WORDS)
    assert "The image is gone" in said(answer)
    assert "Debian 12 for the lab" in article(answer)


def test_what_was_previewed_when_the_session_ended_is_in_the_form(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    fake.expire_all()
    producer.client.post(url, WORDS | {"title": "Kept"})
    form = {"method": "password", "username": producer.name, "password": "correct horse"}
    producer.client.post(reverse("sign-in"), form | {"domain": "Default"})
    page = source(producer.client.get(reverse("listing-edit", args=[image])))
    assert 'value="Kept"' in page
