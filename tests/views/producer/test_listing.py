from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import HistoryEntry, Listing
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.scenarios.loop import LISTING, publish
from tests.views.producer.reading import element, said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("listing-edit", args=[image])


def test_starts_with_what_is_known(producer: Party, url: str) -> None:
    page = producer.client.get(url)
    assert 'value="debian-12"' in source(page)
    assert "Not listed yet" in said(page)
    assert not Listing.objects.exists()


def test_a_second_listing_starts_with_the_same_contact(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    other = reverse("listing-edit", args=[fake.image(producer.project)])
    assert f'value="{LISTING["contact_email"]}"' in source(producer.client.get(other))


def test_publishes_with_the_images_facts(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    fake.change_image(image, os_distro="debian", os_version="12", min_disk=3, architecture="x86_64")
    answer = producer.client.post(url, LISTING)
    assert answer.status_code == 302
    listing = Listing.objects.get()
    assert listing.is_published
    assert (listing.os_distro, listing.min_disk, listing.size) == ("debian", 3, 1024 * 1024)
    assert (listing.producer_name, listing.image_name) == ("acme-images", "debian-12")
    assert "Published: anyone can find it" in said(producer.client.get(answer["Location"]))
    assert Client().get(listing.get_absolute_url()).status_code == 200


def test_a_draft_is_for_the_project_alone(producer: Party, url: str) -> None:
    producer.client.post(url, LISTING | {"state": "draft"})
    listing = Listing.objects.get()
    assert listing.published_at is None
    assert Client().get(listing.get_absolute_url()).status_code == 404


def test_withdraws_and_publishes_again(producer: Party, listing: Listing, url: str) -> None:
    public = listing.get_absolute_url()
    producer.client.post(url, LISTING | {"state": "withdrawn"})
    assert Client().get(public).status_code == 410
    producer.client.post(url, LISTING)
    assert Client().get(public).status_code == 200
    verbs = HistoryEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["listing_published", "listing_withdrawn", "listing_published"]


def test_what_was_never_published_cannot_be_withdrawn(producer: Party, url: str) -> None:
    for state, status in (("withdrawn", 422), ("draft", 302), ("withdrawn", 422)):
        answer = producer.client.post(url, LISTING | {"state": state})
        assert answer.status_code == status
    assert "never published" in element(answer, "div", "data-errors")


def test_the_address_is_made_once(producer: Party, image: str, listing: Listing) -> None:
    publish(producer, image, title="Something else entirely")
    listing.refresh_from_db()
    assert listing.title == "Something else entirely"
    assert listing.slug == "debian-12-for-the-lab"


def test_the_same_title_has_another_address(
    fake: FakeCloud, producer: Party, stranger: Party, listing: Listing
) -> None:
    second = publish(producer, fake.image(producer.project))
    third = publish(stranger, fake.image(stranger.project))
    assert (second.slug, third.slug) == (f"{listing.slug}-2", f"{listing.slug}-3")


@pytest.mark.parametrize("title", ["镜像", "!!!", "x" * 120, "--- --"])
def test_every_title_gets_an_address(producer: Party, image: str, title: str) -> None:
    listing = publish(producer, image, title=title)
    assert Client().get(listing.get_absolute_url()).status_code == 200


def test_saving_again_is_no_new_publication(producer: Party, image: str, listing: Listing) -> None:
    again = publish(producer, image, summary="Another summary.")
    assert again.published_at == listing.published_at
    assert HistoryEntry.objects.latest("pk").verb == "listing_saved"


def test_shows_what_was_saved(producer: Party, listing: Listing, url: str) -> None:
    page = source(producer.client.get(url))
    for words in (
        "Debian 12 for the lab",
        "A calm base.",
        "All you need.",
        "Be kind.",
        "base, lab",
    ):
        assert words in page


def test_tags_are_tidied(producer: Party, image: str) -> None:
    listing = publish(producer, image, tags=" GPU ,, Long  Term, gpu,")
    assert sorted(tag.name for tag in listing.tags.all()) == ["gpu", "long term"]


def test_the_search_finds_it_by_its_words_its_tags_and_its_image(
    producer: Party, image: str
) -> None:
    publish(producer, image, title="Workhorse", tags="hpc")
    for word in ("WORKHORSE", "calm", "hpc", "acme-images", "debian-12"):
        assert "Workhorse" in said(Client().get("/", {"q": word})), word


def test_markdown_is_made_safe(producer: Party, image: str) -> None:
    description = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
    listing = publish(producer, image, description=description)
    page = source(Client().get(listing.get_absolute_url()))
    assert "<strong>Bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 121),
        ("title", "a\x00b"),
        ("summary", "x" * 301),
        ("description", "x" * 20_001),
        ("terms", "x" * 20_001),
        ("contact_email", ""),
        ("contact_email", "nobody"),
        ("tags", ",".join(f"tag{number}" for number in range(11))),
        ("tags", "x" * 41),
        ("state", ""),
        ("state", "nonsense"),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_saves_nothing(
    producer: Party, url: str, field: str, value: str
) -> None:
    answer = producer.client.post(url, LISTING | {field: value})
    assert answer.status_code == 422
    assert element(answer, "div", "data-errors")
    assert field == "state" or f'id="id_{field}_error"' in source(answer)
    typed = "A calm base." if field == "summary" else "Be kind."
    assert field in {"terms", "summary"} or typed in source(answer)
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    ("facts", "warning"),
    [
        ({"visibility": "private"}, "requests cannot be approved until the image is shared"),
        ({"status": "queued"}, "nobody can boot from the image until it is active"),
        ({"status": "deactivated"}, "nobody can boot from the image until it is active"),
    ],
)
def test_warns_of_an_image_that_is_not_ready_and_publishes_it(
    fake: FakeCloud, producer: Party, image: str, url: str, facts: dict[str, str], warning: str
) -> None:
    fake.change_image(image, **facts)
    assert warning in said(producer.client.get(url))
    assert publish(producer, image).is_published


def test_facts_of_any_length_fit(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.change_image(image, os_distro="d" * 3000, architecture="a" * 3000, name="n" * 255)
    assert publish(producer, image).os_distro == "d" * 255


def test_of_two_producers_the_last_one_wins(
    fake: FakeCloud, producer: Party, image: str, listing: Listing, url: str
) -> None:
    fake.user("ben", PASSWORD, projects=[producer.project])
    form = {"method": "password", "username": "ben", "password": PASSWORD, "domain": "Default"}
    ben = Client()
    ben.post(reverse("sign-in"), form)
    assert ben.post(url, LISTING | {"title": "By Ben"}).status_code == 302
    assert producer.client.post(url, LISTING | {"title": "By Ada"}).status_code == 302
    assert Listing.objects.get().title == "By Ada"


def test_an_expired_session_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, url: str
) -> None:
    fake.expire_all()
    answer = producer.client.post(url, LISTING | {"title": "An hour of work"})
    assert answer["Location"].startswith(reverse("sign-in"))
    form = {"method": "password", "username": producer.name, "password": PASSWORD}
    back = producer.client.post(
        answer["Location"], form | {"domain": "Default", "next": url}, follow=True
    )
    assert 'value="An hour of work"' in source(back)
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    ("weather", "times"), [({"refused": True}, 2), ({"slow": True}, 2), ({"html": True}, 1)]
)
def test_bad_weather_loses_nothing_that_was_typed(
    fake: FakeCloud, producer: Party, image: str, url: str, weather: Weather, times: int
) -> None:
    fake.fail("GET", f"/v2/images/{image}", times=times, **weather)
    assert producer.client.post(url, LISTING | {"title": "Kept"}).status_code == 503
    assert not Listing.objects.exists()
    assert 'value="Kept"' in source(producer.client.get(url))
