"""A share's link through all that can become of it, by the site's own pages: the same on the fake
and on the real cloud."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import Share
from tests.conftest import Party
from tests.scenarios.shares import answer, share
from tests.waiting import said


def link_for(consumer: Party, image_id: str, **more: str) -> str:
    query = {"project": consumer.project.id, **more}
    return f"{reverse('share', args=[image_id])}?" + "&".join(f"{k}={v}" for k, v in query.items())


def opened(party: Party, link: str, status: int = 200) -> str:
    """The words of the page's main part, with its buttons and links."""
    page = party.client.get(link)
    assert page.status_code == status, page.status_code
    return said(page.content.decode().partition("<main")[2].partition("</main>")[0])


def a_link_through_its_life(
    producer: Party, consumer: Party, stranger: Party, image_id: str
) -> None:
    link = link_for(consumer, image_id)

    def change(name: str, *more: str, **form: str) -> None:
        done = producer.client.post(reverse(name, args=[image_id, *more]), form)
        assert done.status_code == 302, done.content.decode()

    # 1. Shared: whoever is signed out signs in first, and whoever it is not for learns nothing.
    share(producer, consumer, image_id)
    sign_in = Client().get(link)["Location"]
    assert "come straight to it" in Client().get(sign_in).content.decode()
    assert "Do you want it in your image list?" in opened(consumer, link)
    forwarded = opened(stranger, link, 404)
    assert "This link is for another project" in forwarded
    assert "Sign in as someone else" in forwarded

    # 2. Answered already, and past its last day.
    for status, words in (("accepted", "It is in your"), ("rejected", "It is hidden from your")):
        answer(consumer, image_id, status)
        assert f"{words} image list answered just now" in opened(consumer, link)
    Share.objects.filter(image_id=image_id).update(ends_on=timezone.localdate())
    assert "Its last day has come" in opened(consumer, link)

    # 3. Private, and shared again: the answer is as it was.
    change("visibility", visibility="private")
    assert "The image was made private" in opened(consumer, link)
    change("visibility", visibility="shared")
    assert "It is hidden from your image list" in opened(consumer, link)

    # 4. Taken back, and deleted.
    change("member-remove", consumer.project.id)
    taken = opened(consumer, link)
    assert "The producer took this share back" in taken
    assert "To my inbox" in taken
    share(producer, consumer, image_id)
    change("image-delete", confirm="debian-12", notify="on")
    assert "The image was deleted" in opened(consumer, link)
