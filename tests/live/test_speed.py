"""The speed that is promised, measured side by side with the Image API's own calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import requests
from django.test import Client
from django.urls import reverse

from sharing.cloud.pool import gather, gather_or_raise
from sharing.cloud.resources import STATUSES
from sharing.session import load
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter

__all__ = ["enter"]

ROUNDS = 15
ALLOWED_ABOVE_CALLS = 0.040  # seconds


def share_many(producer: Actor, consumer: Actor, count: int) -> None:
    headers = {"X-Auth-Token": producer.token()}
    images = f"{producer.cloud.image_url}/v2/images"
    for number in range(count):
        facts = {"name": f"image {number}", "disk_format": "raw", "container_format": "bare"}
        image_id = requests.post(images, json=facts, headers=headers, timeout=20).json()["id"]
        member = {"member": consumer.project_id}
        url = f"{images}/{image_id}/members"
        assert requests.post(url, json=member, headers=headers, timeout=20).status_code == 200


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def test_the_inbox_adds_at_most_40_ms_to_its_calls(
    enter: Enter, producer: Actor, consumer: Actor
) -> None:
    share_many(producer, consumer, 25)
    client = enter(consumer).client
    cloud = load(client.session, request_id="req-speed")
    assert cloud is not None

    def calls() -> None:
        pending, *_ = gather_or_raise(cloud.images.list_shared_with_me, STATUSES)
        ids = [shared.image.id for shared in pending]
        assert len(ids) == 25
        gather(lambda image_id: cloud.images.get_member(image_id, cloud.project.id), ids)

    def page() -> None:
        content = client.get(reverse("inbox")).content
        assert content.count(b"data-image=") >= 25

    above = measure(client, calls, page)
    print(f"\ninbox with 25 shares: {above * 1000:.1f} ms above its Image API calls")
    assert above <= ALLOWED_ABOVE_CALLS


def measure(client: Client, calls: Callable[[], None], page: Callable[[], None]) -> float:
    """The median page less the median of its calls, in turns so that both see the same weather."""
    page()
    calls()
    pairs = [(seconds(page), seconds(calls)) for _ in range(ROUNDS)]
    return median(p for p, _ in pairs) - median(c for _, c in pairs)
