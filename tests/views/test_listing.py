import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.visitor import a_listing, page_of

pytestmark = pytest.mark.django_db


def test_it_shows_the_facts() -> None:
    listing = a_listing(
        min_disk=8,
        min_ram=512,
        checksum="d41d8cd98f00b204e9800998ecf8427e",
        hash_algorithm="sha512",
        hash_value="cf83e1357eefb8bd",
        facts_at=timezone.now(),
    )
    page = page_of(listing.get_absolute_url())
    for fact in ("Ubuntu", "24.04", "x86_64", "600\xa0MiB", "qcow2", "8 GiB", "512 MiB", "SHA512"):
        assert fact in page
    for copyable in (listing.image_id, listing.checksum, listing.hash_value):
        assert f'data-copy="{copyable}"' in page
    assert f'data-listing="{listing.slug}"' in page
    assert page.count("<h1") == 1


def test_facts_that_nobody_knows_are_no_errors() -> None:
    listing = a_listing(size=None, os_distro="", os_version="", architecture="", disk_format="")
    assert "Facts" in page_of(listing.get_absolute_url())


def test_the_description_is_safe_markdown() -> None:
    listing = a_listing(description="**Bold** <script>alert(1)</script> [x](javascript:alert(1))")
    page = page_of(listing.get_absolute_url())
    assert "<strong>Bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_the_words_of_a_producer_are_escaped() -> None:
    listing = a_listing("<b>T</b>", summary="<i>S</i>", terms="<u>U</u>", tags=("<s>",))
    page = page_of(listing.get_absolute_url())
    for markup in ("<b>T", "<i>S", "<u>U", "<s>"):
        assert markup not in page
    assert "&lt;u&gt;U&lt;/u&gt;" in page


def test_tags_and_producer_lead_to_the_filters() -> None:
    page = page_of(a_listing(tags=("long term",)).get_absolute_url())
    assert 'href="/?tag=long%20term"' in page
    assert 'href="/?producer=Acme%20Images"' in page


def test_a_visitor_may_ask_for_it() -> None:
    listing = a_listing()
    page = page_of(listing.get_absolute_url())
    assert reverse("request", args=[listing.slug]) in page
    assert "Manage" not in page


def test_the_owner_may_manage_it(producer: Party) -> None:
    listing = a_listing(project_id=producer.project.id)
    page = page_of(listing.get_absolute_url(), producer.client)
    assert reverse("producer-image", args=[listing.image_id]) in page
    assert reverse("request", args=[listing.slug]) not in page


@pytest.mark.parametrize("who", ["consumer", "stranger"])
def test_others_may_ask_for_it(who: str, request: pytest.FixtureRequest) -> None:
    party: Party = request.getfixturevalue(who)
    listing = a_listing()
    page = page_of(listing.get_absolute_url(), party.client)
    assert reverse("request", args=[listing.slug]) in page
    assert reverse("producer-image", args=[listing.image_id]) not in page


def test_it_asks_nothing_of_the_cloud(consumer: Party, fake: FakeCloud) -> None:
    before = len(fake.calls)
    page_of(a_listing().get_absolute_url(), consumer.client)
    assert len(fake.calls) == before


@pytest.mark.parametrize("name", ["listing", "request"])
def test_a_draft_is_not_there_and_nothing_says_otherwise(name: str) -> None:
    draft = a_listing(state="draft", published_at=None)
    for slug in (draft.slug, "no-such-listing"):
        answer = Client().get(reverse(name, args=[slug]))
        assert answer.status_code == 404
        assert draft.title not in answer.content.decode()


def test_a_draft_is_not_there_for_its_owner_either(producer: Party) -> None:
    draft = a_listing(state="draft", published_at=None, project_id=producer.project.id)
    assert producer.client.get(draft.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", ["listing", "request"])
def test_a_withdrawn_listing_is_gone_and_says_so(name: str) -> None:
    listing = a_listing("Jammy", state="withdrawn")
    answer = Client().get(reverse(name, args=[listing.slug]))
    assert answer.status_code == 410
    assert "“Jammy” was withdrawn" in answer.content.decode()


@pytest.mark.parametrize("name", ["listing", "request"])
def test_an_image_that_is_gone_is_unavailable_and_says_so(name: str) -> None:
    listing = a_listing("Jammy", unavailable_since=timezone.now())
    answer = Client().get(reverse(name, args=[listing.slug]))
    assert answer.status_code == 410
    assert "“Jammy” is not available" in answer.content.decode()
