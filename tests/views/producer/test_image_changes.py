from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry, Listing, OutgoingMail
from sharing.services import contacts
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import said, source


def facts(**changes: Any) -> dict[str, Any]:
    return {"name": "debian-12", "os_distro": "debian", "os_version": "12", **changes}


def edit(producer: Party, image: str, **changes: Any) -> Any:
    return producer.client.post(reverse("image-edit", args=[image]), facts(**changes))


def patches(fake: FakeCloud) -> list[Any]:
    return [call.json() for call in fake.requests if call.method == "PATCH"]


def test_shows_what_is_set(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.change_image(image, tags=["lts"], hw_disk_bus="scsi", os_glance_x="y")
    page = source(producer.client.get(reverse("image-edit", args=[image])))
    assert "hw_disk_bus=scsi" in page
    assert 'value="lts"' in page
    assert "os_glance_x" not in page


def test_sends_only_what_differs(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.change_image(image, old="x", kept="k", os_glance_x="y")
    answer = edit(
        producer, image, os_version="13", min_disk="4", tags="b, a", properties="kept=k\na/b=c=d"
    )
    assert answer.status_code == 302
    found = fake.glance.images.images[image].properties
    assert (found["os_version"], found["min_disk"], found["a/b"]) == ("13", 4, "c=d")
    assert sorted(found["tags"]) == ["a", "b"]
    assert "old" not in found
    assert found["os_glance_x"] == "y"
    assert "/kept" not in str(patches(fake))
    assert "/name" not in str(patches(fake))
    assert HistoryEntry.objects.get().verb == "image_changed"


def test_nothing_changed_asks_nobody(fake: FakeCloud, producer: Party, image: str) -> None:
    assert edit(producer, image).status_code == 302
    assert not patches(fake)


def test_an_emptied_fact_is_taken_away(fake: FakeCloud, producer: Party, image: str) -> None:
    edit(producer, image, os_version="")
    assert "os_version" not in fake.glance.images.images[image].properties


def test_a_property_of_several_lines_stays(fake: FakeCloud, producer: Party, image: str) -> None:
    fake.change_image(image, notes="one\ntwo")
    edit(producer, image, min_ram="512")
    assert fake.glance.images.images[image].properties["notes"] == "one\ntwo"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a\0b"},
        {"properties": "no equals sign"},
        {"properties": "=x"},
        {"properties": "os_glance_x=1"},
        {"properties": "status=active"},
        {"properties": "a=1\na=2"},
        {"properties": f"{'k' * 256}=1"},
        {"tags": "t" * 256},
        {"min_disk": "x"},
        {"min_ram": "-5"},
    ],
)
def test_nonsense_is_a_mistake_in_the_form(
    fake: FakeCloud, producer: Party, image: str, changes: dict[str, str]
) -> None:
    assert edit(producer, image, **changes).status_code == 422
    assert not patches(fake)


@pytest.mark.parametrize(
    ("status", "why"), [(409, "same moment"), (403, "does not allow"), (400, "does not take")]
)
def test_a_refusal_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, image: str, status: int, why: str
) -> None:
    fake.fail("PATCH", f"/v2/images/{image}", status=status)
    answer = edit(producer, image, os_version="13")
    assert answer.status_code == 422
    assert why in said(answer)
    assert 'value="13"' in source(answer)


def test_a_strangers_image_is_not_there(stranger: Party, image: str) -> None:
    for name in ("image-edit", "image-delete"):
        page = reverse(name, args=[image])
        assert stranger.client.get(page).status_code == 404
        assert stranger.client.post(page, facts(confirm="debian-12")).status_code == 404


def delete(producer: Party, image: str, **form: str) -> Any:
    return producer.client.post(reverse("image-delete", args=[image]), form)


@pytest.fixture
def shared(fake: FakeCloud, producer: Party, consumer: Party, image: str) -> str:
    fake.member(image, consumer.project, "accepted")
    contacts.keep(
        producer_project_id=producer.project.id,
        project_id=consumer.project.id,
        email="chen@orchard.test",
    )
    return image


def test_says_who_loses_it(producer: Party, shared: str) -> None:
    page = said(producer.client.get(reverse("image-delete", args=[shared])))
    assert "1 project loses it" in page
    assert "chen@orchard.test" in page


def test_deletes_and_tells(fake: FakeCloud, producer: Party, shared: str) -> None:
    answer = delete(producer, shared, confirm="debian-12", notify="on")
    assert answer["Location"] == reverse("producer-images")
    assert shared not in fake.glance.images.images
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("image_deleted", "chen@orchard.test")
    assert shared in mail.text
    assert HistoryEntry.objects.get().verb == "image_deleted"


def test_tells_nobody_when_not_asked_to(producer: Party, shared: str) -> None:
    delete(producer, shared, confirm="debian-12")
    assert not OutgoingMail.objects.exists()


def test_does_not_write_to_who_rejected(
    fake: FakeCloud, producer: Party, consumer: Party, shared: str
) -> None:
    fake.remove_member(shared, consumer.project)
    fake.member(shared, consumer.project, "rejected")
    delete(producer, shared, confirm="debian-12", notify="on")
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("typed", ["", "debian", "DEBIAN-12", "debian-12\0"])
def test_another_name_deletes_nothing(
    fake: FakeCloud, producer: Party, shared: str, typed: str
) -> None:
    assert delete(producer, shared, confirm=typed).status_code == 422
    assert shared in fake.glance.images.images


def test_a_protected_image_says_so(fake: FakeCloud, producer: Party, shared: str) -> None:
    fake.change_image(shared, protected=True)
    answer = delete(producer, shared, confirm="debian-12", notify="on")
    assert answer.status_code == 422
    assert "protected from deletion" in said(answer)
    assert not OutgoingMail.objects.exists()


def test_the_listing_is_unavailable_then(producer: Party, listing: Listing) -> None:
    delete(producer, listing.image_id, confirm="debian-12")
    listing.refresh_from_db()
    assert listing.is_unavailable


def test_a_cloud_that_is_away_deletes_nothing(
    fake: FakeCloud, producer: Party, shared: str
) -> None:
    fake.fail("DELETE", f"/v2/images/{shared}", refused=True)
    assert delete(producer, shared, confirm="debian-12", notify="on").status_code == 503
    assert not OutgoingMail.objects.exists()
    assert not HistoryEntry.objects.exists()


@pytest.fixture
def made_private(fake: FakeCloud, producer: Party, consumer: Party, image: str) -> str:
    """Shared here, and private since: the API hides its members."""
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(reverse("members", args=[image]), form)
    OutgoingMail.objects.all().delete()
    fake.change_image(image, visibility="private")
    return image


def test_of_a_private_image_it_says_who_had_it(producer: Party, made_private: str) -> None:
    answer = producer.client.get(reverse("image-delete", args=[made_private]))
    assert "1 project had it before" in said(answer)
    assert "chen@orchard.test" in said(answer)
    assert "data-status" not in source(answer).partition("<main")[2]


def test_who_has_lost_a_private_image_is_told_only_on_request(
    producer: Party, made_private: str
) -> None:
    page = source(producer.client.get(reverse("image-delete", args=[made_private])))
    assert "checked" not in page.partition('name="notify"')[2].partition(">")[0]
    delete(producer, made_private, confirm="debian-12", notify="on")
    assert OutgoingMail.objects.get().to == "chen@orchard.test"


def test_of_a_private_image_that_nobody_had_it_says_what_it_cannot_know(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.change_image(image, visibility="private")
    page = said(producer.client.get(reverse("image-delete", args=[image])))
    assert "The portal knows of nobody" in page


def test_the_name_typed_comes_back_after_a_sign_in(
    fake: FakeCloud, producer: Party, shared: str
) -> None:
    fake.stop_glance()
    assert delete(producer, shared, confirm="debian-12").status_code == 503
    fake.start_glance()
    page = source(producer.client.get(reverse("image-delete", args=[shared])))
    assert 'value="debian-12"' in page
    assert "checked" not in page.partition('name="notify"')[2].partition(">")[0]
