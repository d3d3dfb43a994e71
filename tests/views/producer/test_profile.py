"""The producer's public profile, and the form behind it."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from sharing.models import HistoryEntry, Listing, Producer
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, share_url
from tests.views.producer.reading import said, source

URL = "/producer/profile/"
FORM = {
    "name": "Acme Images",
    "description": "We build **calm** images.",
    "website": "https://images.acme.test/",
    "contact_email": "images@acme.test",
}


def save(producer: Party, **fields: str) -> Producer:
    answer = producer.client.post(URL, FORM | fields)
    assert answer.status_code == 302, said(answer)
    return Producer.objects.get(project_id=producer.project.id)


def test_anyone_sees_what_was_saved(producer: Party, listing: Listing) -> None:
    answer = Client().get(save(producer).get_absolute_url())
    page = source(answer)
    assert "Acme Images" in said(answer)
    assert "Project acme-images" in said(answer)
    assert "<strong>calm</strong>" in page
    assert '<a href="https://images.acme.test/" rel="nofollow noopener">' in page
    assert f'data-listing="{listing.slug}"' in page


def test_its_head_says_what_it_is(producer: Party) -> None:
    page = source(Client().get(save(producer).get_absolute_url()))
    assert "<title>Acme Images" in page
    assert '<meta property="og:title" content="Acme Images">' in page
    assert '<meta name="description" content="We build calm images.">' in page
    bare = source(Client().get(save(producer, description="").get_absolute_url()))
    assert '<meta property="og:description" content="Images of Acme Images">' in bare


def test_the_contact_is_for_people_and_not_for_who_collects_addresses(producer: Party) -> None:
    answer = Client().get(save(producer).get_absolute_url())
    assert "images@acme.test" in said(answer)
    assert "images@acme.test" not in source(answer)
    assert 'href="mailto:images@acme.test"' in html.unescape(source(answer))


def test_the_catalogues_filter_leads_to_it(
    producer: Party, stranger: Party, listing: Listing
) -> None:
    save(stranger, name="Somebody else")
    address = save(producer).get_absolute_url()
    page = source(Client().get("/", {"producer": "acme-images"}))
    assert f'<a href="{address}">About Acme Images</a>' in page
    assert "Somebody else" not in page
    assert "About Acme" not in source(Client().get("/"))
    Listing.objects.update(state="draft")
    assert "About Acme" not in source(Client().get("/", {"producer": "acme-images"}))


def test_drafts_and_withdrawn_listings_are_not_on_it(producer: Party, listing: Listing) -> None:
    address = save(producer).get_absolute_url()
    for state in ("draft", "withdrawn"):
        Listing.objects.update(state=state)
        assert listing.slug not in source(Client().get(address))


def test_its_listings_lead_to_it(producer: Party, listing: Listing) -> None:
    address = save(producer).get_absolute_url()
    page = source(Client().get(listing.get_absolute_url()))
    assert f'href="{address}"' in page
    assert "?producer=acme-images" in page


def test_a_share_leads_to_it(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    address = save(producer).get_absolute_url()
    page = source(consumer.client.get(share_url(a_share(fake, producer, consumer))))
    assert f'href="{address}"' in page


def test_its_address_stays(producer: Party) -> None:
    assert save(producer).slug == "acme-images"
    assert save(producer, name="Another name").slug == "acme-images"
    assert [entry.verb for entry in HistoryEntry.objects.all()] == ["profile_saved"] * 2


def test_two_of_one_name_have_two_addresses(producer: Party, stranger: Party) -> None:
    assert save(producer).slug != save(stranger).slug


def test_a_name_of_signs_alone_has_an_address(producer: Party) -> None:
    assert Client().get(save(producer, name="★★★").get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"website": "javascript:alert(1)"},
        {"website": "ftp://acme.test/"},
        {"contact_email": "nobody"},
        {"description": "typed\x00"},
    ],
)
def test_a_mistake_keeps_what_was_typed(producer: Party, wrong: dict[str, str]) -> None:
    answer = producer.client.post(URL, FORM | {"contact_email": "typed@acme.test"} | wrong)
    assert answer.status_code == 422
    assert "data-errors" in source(answer)
    assert not Producer.objects.exists()


def test_scripts_do_not_get_through(producer: Party) -> None:
    evil = "<script>alert(1)</script>"
    page = source(Client().get(save(producer, name=evil, description=evil).get_absolute_url()))
    assert evil not in page


def test_what_is_not_there_is_a_404(db: None, fake: FakeCloud) -> None:
    assert Client().get("/producers/nobody/").status_code == 404
