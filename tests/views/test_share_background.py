"""What stands on a share's page besides the decision: who, on which terms, and what came before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sharing.models import HistoryEntry, Producer, Succession
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, share_url, status_url
from tests.visitor import a_request, page_of


def replaced(producer: Party, old: str, new: str, **fields: object) -> Succession:
    return Succession.objects.create(
        **{
            "producer_project_id": producer.project.id,
            "old_image_id": old,
            "old_name": "jammy",
            "new_image_id": new,
            "new_name": "noble",
            "note": "A newer kernel.",
            "by_name": "ada",
        }
        | fields
    )


def said(consumer: Party, image_id: str, *statuses: str) -> None:
    for status in statuses:
        answer = consumer.client.post(status_url(image_id), {"status": status})
        assert answer.status_code == 302


def test_the_checksums_the_tags_and_the_properties(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, tags=["lts"], hw_disk_bus="scsi<")
    text = page_of(share_url(image_id), consumer.client)
    for fact in ("<dt>SHA512</dt>", "<dt>MD5</dt>", "lts", "hw_disk_bus", "scsi&lt;"):
        assert fact in text


def test_no_checksum_of_data_that_it_has_not(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.change_image(image_id, status="queued")
    assert "<dt>MD5</dt>" not in page_of(share_url(image_id), consumer.client)


def test_the_listings_description_and_terms_and_the_profile(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer, description="Made **weekly**.", terms="Be kind.")
    profile = Producer.objects.create(
        project_id=producer.project.id, slug="acme", name="Acme", description="We look after it."
    )
    text = page_of(share_url(image_id), consumer.client)
    for words in ("<strong>weekly</strong>", "Be kind.", "We look after it."):
        assert words in text
    assert profile.get_absolute_url() in text


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_nothing_of_a_listing_that_nobody_may_see(
    fake: FakeCloud, producer: Party, consumer: Party, state: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer, description="Half written", terms="Not yet", state=state)
    text = page_of(share_url(image_id), consumer.client)
    assert "Half written" not in text
    assert "Not yet" not in text


def test_the_terms_that_were_accepted_stay_the_terms(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    listing = a_listing_of(image_id, producer, terms="New terms.")
    asked = a_request(
        listing, "approved", project_id=consumer.project.id, accepted_terms="Old terms."
    )
    a_record(image_id, producer, consumer, request=asked)
    text = page_of(share_url(image_id), consumer.client)
    assert "Old terms." in text
    assert "Your project accepted them" in text
    assert "New terms." not in text


def test_previously_you_rejected_it(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    said(consumer, image_id, "rejected")
    assert "Previously" not in page_of(share_url(image_id), consumer.client)
    said(consumer, image_id, "pending")
    text = page_of(share_url(image_id), consumer.client)
    assert "Previously you rejected it" in text
    assert f'data-before="{image_id}"' in text
    assert "chen" in text
    said(consumer, image_id, "accepted")
    assert "Previously you rejected it" in page_of(share_url(image_id), consumer.client)


def test_also_when_it_was_taken_back_and_shared_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    said(consumer, image_id, "rejected")
    fake.remove_member(image_id, consumer.project)
    fake.member(image_id, consumer.project)
    assert "Previously you rejected it" in page_of(share_url(image_id), consumer.client)


def test_previously_you_rejected_an_earlier_version(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old = a_share(fake, producer, consumer, name="jammy")
    new = a_share(fake, producer, consumer, name="noble")
    replaced(producer, old, new)
    said(consumer, old, "accepted", "rejected")
    text = page_of(share_url(new), consumer.client)
    assert "Previously you rejected an earlier version:" in text
    assert f'<a href="{share_url(old)}">jammy</a>' in text
    assert text.count("data-before=") == 1
    assert f'data-version="{old}"' in text
    assert "A newer kernel." in text


def test_what_others_answered_and_what_was_said_to_others_is_not_told(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.member(image_id, stranger.project)
    said(stranger, image_id, "rejected")
    HistoryEntry.objects.create(
        verb="status_set",
        image_id=image_id,
        project_id=consumer.project.id,
        producer_project_id=stranger.project.id,
        detail="rejected",
    )
    assert "Previously" not in page_of(share_url(image_id), consumer.client)


def test_a_hidden_image_leads_to_its_successors_listing(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old = a_share(fake, producer, consumer, os_hidden=True)
    new = fake.image(producer.project, name="noble-2")
    replaced(producer, old, new, new_name="noble-2")
    listing = a_listing_of(new, producer)
    text = page_of(share_url(old), consumer.client)
    assert "Superseded by noble-2" in text
    assert f'data-successor="{new}"' in text
    assert listing.get_absolute_url() in text
    assert share_url(new) not in text


def test_a_successor_that_the_project_has_leads_to_its_share(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old, new = (a_share(fake, producer, consumer, name=name) for name in ("jammy", "noble"))
    day = timezone.localdate() + timedelta(days=30)
    replaced(producer, old, new, removal_on=day)
    text = page_of(share_url(old), consumer.client)
    assert "There is a newer version: noble" in text
    assert "may take it away" in text
    assert f'href="{share_url(new)}"' in text


def test_a_successor_that_is_for_others_has_no_name(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old = a_share(fake, producer, consumer)
    new = fake.image(producer.project)
    replaced(producer, old, new, new_name="top secret")
    a_listing_of(new, producer, state="draft")
    text = page_of(share_url(old), consumer.client)
    assert "replaced it by a newer image" in text
    assert "top secret" not in text
    assert new not in text


def test_a_successor_that_is_another_producers_image_is_not_believed(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    old = a_share(fake, producer, consumer)
    theirs = a_share(fake, stranger, consumer)
    replaced(producer, old, theirs)
    a_listing_of(theirs, stranger)
    text = page_of(share_url(old), consumer.client)
    assert theirs not in text


def test_a_chain_leads_to_its_end(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    first = a_share(fake, producer, consumer)
    second, third = (fake.image(producer.project) for _ in range(2))
    replaced(producer, first, second)
    replaced(producer, second, third, new_name="the newest")
    a_listing_of(third, producer)
    assert "There is a newer version: the newest" in page_of(share_url(first), consumer.client)


def test_the_successor_is_asked_for_only_where_there_is_one(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    before = len(fake.calls)
    page_of(share_url(image_id), consumer.client)
    assert len(fake.calls) - before == 2
