import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from sharing.models import HistoryEntry, OutgoingMail
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, inbox

URL = "/inbox/"


def told(answer: Any) -> str:
    """The messages that the next page will show."""
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


@pytest.mark.parametrize("before", ["pending", "accepted", "rejected"])
@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_every_move_can_be_made_and_unmade(
    fake: FakeCloud, producer: Party, consumer: Party, before: str, status: str
) -> None:
    images = [a_share(fake, producer, consumer, before) for _ in range(3)]
    answer = consumer.client.post(URL, {"image": images[:2], "status": status})
    assert answer.status_code == 302
    statuses = [fake.member_status(image_id, consumer.project) for image_id in images]
    assert statuses == [status, status, before]


def test_it_comes_back_to_the_drawer_and_says_how_many(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer, "rejected") for _ in range(2)]
    url = f"{URL}?status=rejected&page=1"
    answer = consumer.client.post(url, {"image": images, "status": "accepted"})
    assert answer["Location"] == url
    assert "2 images are in your image list now." in inbox(consumer.client, "rejected")


def test_one_is_named(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer, name="noble <1>")
    answer = consumer.client.post(URL, {"image": image_id, "status": "rejected"}, follow=True)
    assert "“noble &lt;1&gt;” is hidden" in answer.content.decode()


def test_each_is_written_down_and_each_producer_told(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(2)]
    a_listing_of(images[0], producer, contact_email="images@acme.test")
    record = a_record(images[1], producer, consumer)
    consumer.client.post(URL, {"image": images, "status": "accepted"})
    rows = HistoryEntry.objects.filter(producer_project_id=producer.project.id)
    assert {(row.image_id, row.detail, row.by_name) for row in rows} == {
        (image_id, "accepted", "chen") for image_id in images
    }
    record.refresh_from_db()
    assert record.answered_at is not None
    # Both mails go to the contact of the producer's listing.
    assert OutgoingMail.objects.filter(kind="answered", to="images@acme.test").count() == 2


def test_what_was_so_already_is_not_told_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, "accepted")
    a_listing_of(image_id, producer)
    consumer.client.post(URL, {"image": image_id, "status": "accepted"})
    assert not HistoryEntry.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_those_that_fail_are_named_and_the_others_done(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    good, late = (a_share(fake, producer, consumer, name=name) for name in ("good", "late"))
    fake.fail("PUT", f"/v2/images/{late}/members/*", status=404)
    answer = consumer.client.post(URL, {"image": [late, good], "status": "accepted"})
    assert answer.status_code == 302
    assert fake.member_status(good, consumer.project) == "accepted"
    assert "late: The image is gone" in told(answer)
    assert "“good” is in your image list now." in told(answer)


def test_one_that_was_never_ours_fails_like_one_that_is_gone(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    not_there = str(uuid.uuid4())
    for one in (image_id, not_there):
        answer = stranger.client.post(URL, {"image": one, "status": "accepted"})
        assert answer.status_code == 409
        assert f"{one}: The image is gone" in answer.content.decode()
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_a_reader_is_told_plainly(fake: FakeCloud, producer: Party) -> None:
    home = fake.project("readers")
    fake.user("rita", PASSWORD, projects=[home], roles=["reader"])
    reader = Party(Client(), home, "rita")
    form = {"method": "password", "username": "rita", "password": PASSWORD, "domain": "Default"}
    reader.client.post(reverse("sign-in"), form)
    image_id = a_share(fake, producer, reader)
    answer = reader.client.post(URL, {"image": image_id, "status": "accepted"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "The cloud does not allow you to do this." in page
    assert f'value="{image_id}" checked' in page
    assert not HistoryEntry.objects.exists()


def test_nothing_selected_is_a_mistake(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    a_share(fake, producer, consumer)
    answer = consumer.client.post(URL, {"status": "accepted"})
    assert answer.status_code == 422
    assert "Nothing is selected" in answer.content.decode()


@pytest.mark.parametrize("status", ["", "Accepted", "deleted", "\x00", "a" * 1000])
def test_nonsense_is_no_status(
    fake: FakeCloud, producer: Party, consumer: Party, status: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.post(URL, {"image": image_id, "status": status})
    assert answer.status_code == 422
    assert f'value="{image_id}" checked' in answer.content.decode()
    assert fake.member_status(image_id, consumer.project) == "pending"


@pytest.mark.parametrize("image", ["x", "", "../../images", "0" * 31, "\x00", "é" * 16, "{}"])
def test_nonsense_is_no_image(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    good = a_share(fake, producer, consumer)
    answer = consumer.client.post(URL, {"image": [good, image], "status": "accepted"})
    assert answer.status_code == 422
    assert fake.member_status(good, consumer.project) == "pending"


def test_the_same_twice_is_once(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    consumer.client.post(URL, {"image": [image_id, image_id.upper()], "status": "accepted"})
    assert HistoryEntry.objects.count() == 1


def test_a_page_of_another_project_is_refused(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    form = {"image": image_id, "status": "accepted", "project": "0" * 32}
    assert consumer.client.post(URL, form).status_code == 409
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_nobody_signs_in_first_and_changes_nothing(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = Client().post(URL, {"image": image_id, "status": "accepted"})
    assert answer.status_code == 302
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_when_the_image_api_goes_away_halfway_what_was_done_is_kept(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    done, lost = (a_share(fake, producer, consumer, name=name) for name in ("done", "lost"))
    fake.fail("PUT", f"/v2/images/{lost}/members/*", status=500, times=None)
    answer = consumer.client.post(URL, {"image": [done, lost], "status": "accepted"})
    assert "lost: The Image API could not do it" in told(answer)
    assert [row.image_id for row in HistoryEntry.objects.all()] == [done]


def test_with_the_image_api_away_the_ticks_are_kept(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.stop_glance()
    answer = consumer.client.post(URL, {"image": image_id, "status": "accepted"})
    assert answer.status_code == 503
    fake.start_glance()
    assert f'value="{image_id}" checked' in inbox(consumer.client)


def test_htmx_follows_to_the_tray(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.post(
        URL,
        {"image": image_id, "status": "accepted"},
        headers={"HX-Request": "true", "HX-Target": "tray"},
        follow=True,
    )
    part = answer.content.decode().strip()
    assert part.startswith('<div id="tray"')
    assert 'hx-swap-oob="true"' in part
    assert "is in your image list now." in part
    assert 'In my list <span class="count">1</span>' in part
