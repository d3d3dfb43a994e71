import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import Contact, HistoryEntry, OutgoingMail
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, inbox, share_url, status_url


@pytest.mark.parametrize("before", ["pending", "accepted", "rejected"])
@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_every_move_can_be_made(
    fake: FakeCloud, producer: Party, consumer: Party, before: str, status: str
) -> None:
    image_id = a_share(fake, producer, consumer, before)
    answer = consumer.client.post(status_url(image_id), {"status": status})
    assert (answer.status_code, answer["Location"]) == (302, share_url(image_id))
    assert fake.member_status(image_id, consumer.project) == status


def test_it_goes_back_to_where_it_was_said(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    referer = {"Referer": "http://testserver/inbox/?status=pending&page=1"}
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"}, headers=referer)
    assert answer["Location"] == "/inbox/?status=pending&page=1"
    assert "“noble” is in your image list now." in inbox(consumer.client)


@pytest.mark.parametrize("referer", ["https://evil.test/inbox/", "//evil.test", "javascript:1"])
def test_it_never_goes_to_another_site(
    fake: FakeCloud, producer: Party, consumer: Party, referer: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    headers = {"Referer": referer}
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"}, headers=headers)
    assert answer["Location"] == share_url(image_id)


def test_the_producer_reads_it_in_the_history(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.post(status_url(image_id), {"status": "rejected"})
    row = HistoryEntry.objects.get()
    assert (row.verb, row.detail, row.by_name) == ("status_set", "rejected", "chen")
    assert row.producer_project_id == producer.project.id
    assert row.project_id == row.by_project_id == consumer.project.id
    assert row.request_id == answer["X-Openstack-Request-Id"]


def test_the_producer_is_written_to(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer, contact_email="images@acme.test")
    record = a_record(image_id, producer, consumer)
    Contact.objects.create(
        producer_project_id=producer.project.id,
        project_id=consumer.project.id,
        email="chen@orchard.test",
    )
    consumer.client.post(status_url(image_id), {"status": "accepted"})
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to, mail.reply_to) == (
        "answered",
        "images@acme.test",
        "chen@orchard.test",
    )
    assert consumer.project.id in mail.text
    record.refresh_from_db()
    assert record.answered_at is not None


def test_so_is_one_whose_share_was_made_elsewhere(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer, contact_email="images@acme.test")
    consumer.client.post(status_url(image_id), {"status": "accepted"})
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.image_id, mail.reply_to) == ("images@acme.test", image_id, "")


def test_without_a_contact_nobody_is(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    consumer.client.post(status_url(a_share(fake, producer, consumer)), {"status": "accepted"})
    assert not OutgoingMail.objects.exists()


def test_the_same_answer_again_is_told_once(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    for _ in range(3):
        consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert (HistoryEntry.objects.count(), OutgoingMail.objects.count()) == (1, 1)
    consumer.client.post(status_url(image_id), {"status": "pending"})
    assert (HistoryEntry.objects.count(), OutgoingMail.objects.count()) == (2, 2)


@pytest.mark.parametrize("status", ["", "Accepted", "removed", "\x00", "a" * 5000])
def test_nonsense_is_no_status(
    fake: FakeCloud, producer: Party, consumer: Party, status: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.post(status_url(image_id), {"status": status})
    assert answer.status_code == 422
    assert "data-errors" in answer.content.decode()
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_withdrawn_a_second_ago(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = fake.image(producer.project)
    a_record(image_id, producer, consumer, removed_at=timezone.now())
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "your answer came too late" in page
    assert "The producer took this share back" in page


def test_withdrawn_between_our_look_and_the_answer(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    fake.fail("PUT", f"/v2/images/{image_id}/members/*", status=404)
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 409
    assert "your answer came too late" in answer.content.decode()
    assert not HistoryEntry.objects.exists()


def test_public_by_now(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.change_image(image_id, visibility="public")
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 409
    assert "open to everyone" in answer.content.decode()


def test_a_reader_is_told_plainly(fake: FakeCloud, producer: Party) -> None:
    home = fake.project("readers")
    fake.user("rita", PASSWORD, projects=[home], roles=["reader"])
    reader = Party(Client(), home, "rita")
    form = {"method": "password", "username": "rita", "password": PASSWORD, "domain": "Default"}
    reader.client.post(reverse("sign-in"), form)
    image_id = a_share(fake, producer, reader)
    answer = reader.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 403
    assert "The cloud does not allow you to do this." in answer.content.decode()
    assert fake.member_status(image_id, home) == "pending"


def test_the_owner_has_nothing_to_answer(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = producer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 409
    assert "your own project’s image" in answer.content.decode()
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_a_stranger_finds_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = stranger.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 404
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_nobody_signs_in_first(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = Client().post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=%2Fshares%2F")
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_a_page_of_another_project_changes_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    """Switched in another window: the button was for the other project."""
    image_id = a_share(fake, producer, consumer)
    form = {"status": "accepted", "project": stranger.project.id}
    assert consumer.client.post(status_url(image_id), form).status_code == 404
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_looking_at_it_is_not_possible(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.get(status_url(image_id))
    assert answer.status_code == 405
    assert f'href="{share_url(image_id)}"' in answer.content.decode().partition("<main")[2]


def test_htmx_follows_to_the_share(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    headers = {
        "HX-Request": "true",
        "HX-Target": "share",
        "HX-Current-URL": f"http://testserver{share_url(image_id)}",
    }
    answer = consumer.client.post(
        status_url(image_id), {"status": "accepted"}, headers=headers, follow=True
    )
    part = answer.content.decode().strip()
    assert part.startswith('<div id="share"')
    assert 'data-status="accepted"' in part
    assert "is in your image list now." in part


def test_what_another_window_answered_is_shown_and_can_still_be_changed(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    url, form = status_url(image_id), {"was": "pending", "status": "rejected"}
    assert 'name="was" value="pending"' in consumer.client.get(share_url(image_id)).content.decode()
    consumer.client.post(url, form | {"status": "accepted"})
    answer = consumer.client.post(url, form | {"reason": "Too large for us"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody answered meanwhile." in page
    assert "Too large for us" in page
    assert 'name="was" value="accepted"' in page
    assert fake.member_status(image_id, consumer.project) == "accepted"
    consumer.client.post(url, form | {"was": "accepted"})
    assert fake.member_status(image_id, consumer.project) == "rejected"
