"""The consumer's inbox, by the site's own pages: the same on the fake and on the real cloud."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from django.urls import reverse

from sharing import session
from sharing.cloud.images import ImagesClient
from sharing.models import Succession
from tests.conftest import Party
from tests.scenarios.loop import publish

INBOX, UNDO = "/inbox/", "/inbox/undo/"


def client(party: Party) -> ImagesClient:
    cloud = session.load(party.client.session, request_id="req-scenario")
    assert cloud
    return cloud.images


def share(producer: Party, consumer: Party, image_ids: Sequence[str]) -> None:
    for image_id in image_ids:
        client(producer).add_member(image_id, consumer.project.id)


def statuses(consumer: Party, image_ids: Sequence[str]) -> list[str]:
    found = [client(consumer).get_member(one, consumer.project.id) for one in image_ids]
    return [member.status for member in found]


def answer(consumer: Party, image_ids: Sequence[str], status: str, was: str) -> str:
    """Given on a page on which they stood as ``was``; the page that follows."""
    form = {"image": image_ids, "status": status, "was": was}
    page = consumer.client.post(INBOX, form, follow=True)
    return html.unescape(page.content.decode())


def undo(consumer: Party, page: str) -> str:
    key = re.findall(r'name="undo" value="([^"]+)"', page)[-1]
    page = consumer.client.post(UNDO, {"undo": key}, follow=True).content.decode()
    return html.unescape(page)


def several_are_answered_and_that_is_undone(
    producer: Party, consumer: Party, image_ids: Sequence[str]
) -> None:
    share(producer, consumer, image_ids)
    client(consumer).set_member_status(image_ids[0], consumer.project.id, "rejected")
    page = answer(consumer, image_ids, "accepted", "")
    assert statuses(consumer, image_ids) == ["accepted"] * len(image_ids)
    assert "images are as they were" in undo(consumer, page)
    assert statuses(consumer, image_ids) == ["rejected", *["pending"] * (len(image_ids) - 1)]


def an_undo_leaves_alone_what_was_changed_and_says_what_is_gone(
    producer: Party, consumer: Party, image_ids: Sequence[str]
) -> None:
    changed, gone, mine = image_ids
    share(producer, consumer, image_ids)
    page = answer(consumer, image_ids, "accepted", "pending")
    client(consumer).set_member_status(changed, consumer.project.id, "rejected")
    client(producer).remove_member(gone, consumer.project.id)
    page = undo(consumer, page)
    assert "hidden from the image list meanwhile, by another tool" in page
    assert "The image is gone" in page
    assert statuses(consumer, [changed, mine]) == ["rejected", "pending"]


def two_windows_answer_differently(producer: Party, consumer: Party, image_id: str) -> None:
    share(producer, consumer, [image_id])
    answer(consumer, [image_id], "accepted", "pending")
    page = answer(consumer, [image_id], "rejected", "pending")
    assert f"shown in the image list meanwhile, by {consumer.name}." in page
    assert statuses(consumer, [image_id]) == ["accepted"]
    answer(consumer, [image_id], "rejected", "accepted")
    assert statuses(consumer, [image_id]) == ["rejected"]


def one_of_two_was_removed_a_second_ago(
    producer: Party, consumer: Party, image_ids: Sequence[str]
) -> None:
    good, gone = image_ids
    share(producer, consumer, image_ids)
    client(producer).remove_member(gone, consumer.project.id)
    page = answer(consumer, image_ids, "accepted", "pending")
    assert "is in your image list now." in page
    assert f"{gone}: The image is gone" in page
    assert statuses(consumer, [good]) == ["accepted"]


def a_hidden_image_waits_and_leads_to_its_successor(
    producer: Party, consumer: Party, image_ids: Sequence[str]
) -> None:
    old, new = image_ids
    share(producer, consumer, [old])
    client(producer).set_hidden(old, is_hidden=True)
    listing = publish(producer, new)
    Succession.objects.create(
        producer_project_id=producer.project.id, old_image_id=old, new_image_id=new, note=""
    )
    page = consumer.client.get(reverse("inbox")).content.decode()
    assert f'data-image="{old}"' in page
    assert "Superseded" in page
    assert f'href="{listing.get_absolute_url()}"' in page
    answer(consumer, [old], "rejected", "pending")
    assert statuses(consumer, [old]) == ["rejected"]


def what_is_not_waited_for_follows(
    producer: Party, consumer: Party, image_ids: Sequence[str]
) -> None:
    share(producer, consumer, image_ids)
    client(consumer).set_member_status(image_ids[0], consumer.project.id, "accepted")
    consumer.client.cookies["tz"] = "UTC"  # a browser with a script
    page = html.unescape(consumer.client.get(reverse("inbox")).content.decode())
    [address] = re.findall(r'id="late"[^>]* hx-get="([^"]+)"', page)
    headers = {"HX-Request": "true", "HX-Target": "late"}
    rest = consumer.client.get(address, headers=headers).content.decode()
    assert '<span class="count" id="count-accepted" hx-swap-oob="true">1</span>' in rest
    assert rest.count("<time") == len(image_ids) - 1
