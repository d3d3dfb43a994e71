"""All at once, one of many, and what others did meanwhile."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from sharing.models import HistoryEntry, Succession
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, by_another_tool, inbox
from tests.visitor import a_listing

URL = "/inbox/"


def post(client: Client, form: dict[str, Any], url: str = URL) -> tuple[int, str]:
    """The answer's status, and the text of the page that one ends at."""
    answer = client.post(url, form)
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    return answer.status_code, html.unescape(page.content.decode())


# One, and all


def test_a_letters_own_button_answers_for_it_alone(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    one, other = (a_share(fake, producer, consumer, name=name) for name in ("one", "other"))
    page = inbox(consumer.client)
    action = f"/inbox/?status=pending&amp;page=1&amp;only={one}"
    assert f'value="rejected" formaction="{action}"' in page
    form = {"image": [other], "status": "rejected", "was": "pending"}
    status, page = post(consumer.client, form, html.unescape(action))
    assert status == 302
    assert "“one” is hidden from your image list now." in page
    assert fake.member_status(other, consumer.project) == "pending"


@pytest.mark.parametrize("only", ["x", "", "\x00", "../.."])
def test_a_button_of_no_letter_does_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, only: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    form = {"image": [image_id], "status": "accepted"}
    answer = consumer.client.post(f"{URL}?only={only}", form)
    assert answer.status_code == 422
    assert fake.member_status(image_id, consumer.project) == "pending"


def every(page: str) -> str:
    [mark] = re.findall(r'name="every" value="([^"]+)"', page)
    return str(mark)


def test_all_of_a_drawer_can_be_answered_at_once(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(30)]
    page = inbox(consumer.client)
    assert "All 30 in this drawer" in page
    form = {"every": every(page), "status": "accepted", "was": "pending"}
    assert "30 images are in your image list now." in post(consumer.client, form)[1]
    assert {fake.member_status(one, consumer.project) for one in images} == {"accepted"}


def test_all_that_were_found_are_no_more_than_that(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for number in range(52):
        a_share(fake, producer, consumer, os_distro="ubuntu" if number % 2 else "debian")
    page = inbox(consumer.client, os="debian")
    assert "All 26 that were found" in page
    form = {"every": every(page), "status": "rejected"}
    page = post(consumer.client, form, f"{URL}?status=pending&os=debian")[1]
    assert "26 images are hidden" in page
    assert 'Waiting <span class="count">26</span>' in page


def test_what_came_after_the_look_is_not_answered_with_all(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for _ in range(26):
        a_share(fake, producer, consumer)
    form = {"every": every(inbox(consumer.client)), "status": "accepted"}
    unseen = a_share(fake, producer, consumer, name="unseen")
    status, page = post(consumer.client, form)
    assert status == 409
    assert "The list has changed since you looked at it." in page
    assert "All 27 in this drawer" in page
    assert fake.member_status(unseen, consumer.project) == "pending"


def test_more_than_500_are_answered_in_parts(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for _ in range(510):
        a_share(fake, producer, consumer)
    page = inbox(consumer.client)
    assert "The first 500 of all 510" in page
    form = {"every": every(page), "status": "accepted", "was": "pending"}
    page = post(consumer.client, form)[1]
    assert "500 images are in your image list now." in page
    assert 'Waiting <span class="count">10</span>' in page


@pytest.mark.parametrize(("count", "status"), [(501, 422), (5000, 413)])
def test_too_many_at_once_are_refused(consumer: Party, count: int, status: int) -> None:
    form = {"image": [str(uuid.uuid4()) for _ in range(count)], "status": "accepted"}
    assert consumer.client.post(URL, form).status_code == status


@pytest.mark.parametrize("mark", ["x", "\x00", "y" * 65])
def test_a_mark_that_is_none_answers_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, mark: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    form = {"every": mark, "status": "accepted"}
    assert consumer.client.post(URL, form).status_code in {409, 422}
    assert fake.member_status(image_id, consumer.project) == "pending"


# A result for each


def test_each_that_failed_says_why_on_its_letter_and_is_still_ticked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    good, bad = (a_share(fake, producer, consumer, name=name) for name in ("good", "bad"))
    fake.fail("PUT", f"/v2/images/{bad}/members/*", status=500)
    page = post(consumer.client, {"image": [good, bad], "status": "accepted"})[1]
    letter = page.partition(f'id="letter-{bad}"')[2]
    assert "The Image API could not do it." in letter
    assert f'value="{bad}" checked' in letter
    assert 'data-result="failed"' not in inbox(consumer.client)  # once


def test_what_was_removed_a_second_ago_says_so(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    good, gone = (a_share(fake, producer, consumer, name=name) for name in ("good", "gone"))
    fake.remove_member(gone, consumer.project)
    page = post(consumer.client, {"image": [good, gone], "status": "accepted"})[1]
    assert "“good” is in your image list now." in page
    assert f"{gone}: The image is gone" in page


def test_of_many_that_failed_the_first_are_named(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    good = a_share(fake, producer, consumer)
    gone = [str(uuid.uuid4()) for _ in range(12)]
    page = post(consumer.client, {"image": [good, *gone], "status": "accepted"})[1]
    assert page.count("The image is gone") == 10
    assert "And 2 more were not done." in page


# Two windows


def test_the_second_sees_what_the_first_did_and_may_still_change_it(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    form = {"image": [image_id], "was": "pending"}
    post(consumer.client, form | {"status": "accepted"})
    status, page = post(consumer.client, form | {"status": "rejected"}, f"{URL}?status=pending")
    assert status == 409
    assert "noble: It was shown in the image list meanwhile, by chen. It stays so." in page
    assert fake.member_status(image_id, consumer.project) == "accepted"
    asked = page.partition("Hide from my image list all the same")[0].rpartition("<form")[2]
    assert f'name="image" value="{image_id}"' in asked
    assert 'name="was" value="accepted"' in asked
    form = {"image": [image_id], "was": "accepted", "status": "rejected"}
    assert post(consumer.client, form)[0] == 302
    assert fake.member_status(image_id, consumer.project) == "rejected"


def test_of_several_only_those_that_others_answered_are_left(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    one, other = (a_share(fake, producer, consumer, name=name) for name in ("one", "other"))
    by_another_tool(consumer, other, "rejected")
    form = {"image": [one, other], "was": "pending", "status": "accepted"}
    status, page = post(consumer.client, form)
    assert status == 302
    assert "“one” is in your image list now." in page
    assert "other: It was hidden from the image list meanwhile, by another tool." in page
    assert "1 image was hidden from your image list meanwhile" in page
    assert fake.member_status(other, consumer.project) == "rejected"


def test_the_same_answer_twice_is_no_quarrel(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    form = {"image": [image_id], "was": "pending", "status": "accepted"}
    for _ in range(2):
        assert post(consumer.client, form)[0] == 302
    assert HistoryEntry.objects.count() == 1


# Superseded


def replaced_by(producer: Party, old: str, new: str) -> None:
    Succession.objects.create(
        producer_project_id=producer.project.id, old_image_id=old, new_image_id=new, note=""
    )


def test_a_hidden_image_leads_to_the_newest_version_that_has_a_listing(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old = a_share(fake, producer, consumer, os_hidden=True)
    middle, new = (fake.image(producer.project, name=name) for name in ("middle", "new"))
    replaced_by(producer, old, middle)
    replaced_by(producer, middle, new)
    page = inbox(consumer.client)
    assert "Superseded" in page
    assert "data-successor" not in page
    listing = a_listing("Noble 2", image_id=new, project_id=producer.project.id)
    page = inbox(consumer.client)
    assert f'data-successor="{new}" href="{listing.get_absolute_url()}"' in page
    assert "Its successor: Noble 2" in page


@pytest.mark.parametrize("hidden", [{"state": "draft"}, {"project_id": "f" * 32}])
def test_a_successor_that_is_not_public_or_not_the_producers_is_not_told(
    fake: FakeCloud, producer: Party, consumer: Party, hidden: dict[str, Any]
) -> None:
    old = a_share(fake, producer, consumer, os_hidden=True)
    new = fake.image(producer.project)
    replaced_by(producer, old, new)
    fields: dict[str, Any] = {"image_id": new, "project_id": producer.project.id} | hidden
    a_listing("Noble 2", **fields)
    assert "data-successor" not in inbox(consumer.client)


def test_a_chain_that_bites_its_tail_is_no_error(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    old, new = (a_share(fake, producer, consumer, os_hidden=True) for _ in range(2))
    replaced_by(producer, old, new)
    replaced_by(producer, new, old)
    assert old in inbox(consumer.client)
