from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry, Listing
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import Answer, said, source


def visibility_of(fake: FakeCloud, image: str) -> str:
    return fake.glance.images.images[image].visibility


@pytest.mark.parametrize("wanted", ["private", "community"])
def test_changes_and_says_so(fake: FakeCloud, producer: Party, image: str, wanted: str) -> None:
    answer = producer.client.post(reverse("visibility", args=[image]), {"visibility": wanted})
    assert answer.status_code == 302
    assert visibility_of(fake, image) == wanted
    assert "now:" in said(producer.client.get(answer["Location"]))
    entry = HistoryEntry.objects.get(verb="visibility_changed")
    assert (entry.detail, entry.by_name) == (f"shared → {wanted}", producer.name)


def test_members_are_back_with_their_status_when_it_is_shared_again(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project, "rejected")
    for wanted in ("private", "shared"):
        producer.client.post(reverse("visibility", args=[image]), {"visibility": wanted})
    page = source(producer.client.get(reverse("producer-image", args=[image])))
    assert 'data-status="rejected"' in page


def test_taking_access_away_asks_first(producer: Party, image_page: str) -> None:
    answer = producer.client.get(image_page)
    assert "All its members lose it at once" in said(answer)
    assert '<summary class="button small danger">Make it private…' in source(answer)


@pytest.mark.parametrize("wanted", ["", "nonsense", "SHARED", "shared\x00", "<b>"])
def test_nonsense_is_said_to_be_nonsense(
    fake: FakeCloud, producer: Party, image: str, wanted: str
) -> None:
    answer = producer.client.post(reverse("visibility", args=[image]), {"visibility": wanted})
    assert answer.status_code == 422
    assert problem_of(answer)
    assert visibility_of(fake, image) == "shared"


def test_the_same_again_asks_nobody(fake: FakeCloud, producer: Party, image: str) -> None:
    answer = producer.client.post(reverse("visibility", args=[image]), {"visibility": "shared"})
    assert "already" in said(producer.client.get(answer["Location"]))
    assert not [call for call in fake.calls if call.startswith("PATCH")]
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "why"), [("public", "its operator"), ("private", "does not allow you")]
)
def test_a_refusal_is_said_on_the_page(
    fake: FakeCloud, producer: Party, image: str, wanted: str, why: str
) -> None:
    fake.fail("PATCH", f"/v2/images/{image}", status=403)
    answer = producer.client.post(reverse("visibility", args=[image]), {"visibility": wanted})
    assert answer.status_code == 422
    assert why in problem_of(answer)
    assert not HistoryEntry.objects.exists()


def test_an_image_that_went_meanwhile_leads_to_its_listing(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    url = reverse("visibility", args=[listing.image_id])
    fake.after(
        "GET",
        f"/v2/images/{listing.image_id}",
        lambda: fake.delete_image(listing.image_id),
    )
    answer = producer.client.post(url, {"visibility": "private"})
    assert "The image is gone" in said(answer)


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_bad_weather_changes_nothing_and_says_so(
    fake: FakeCloud, producer: Party, image: str, weather: Weather
) -> None:
    fake.fail("PATCH", f"/v2/images/{image}", **weather)
    answer = producer.client.post(reverse("visibility", args=[image]), {"visibility": "private"})
    assert answer.status_code == 503
    assert visibility_of(fake, image) == "shared"
    assert not HistoryEntry.objects.exists()


def problem_of(answer: Answer) -> str:
    """The words of the page's notice."""
    return said(answer).partition("Changed ")[2].partition("Members")[0]
