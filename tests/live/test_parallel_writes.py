"""The demo's cloud stands what a real one stands: many writes at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import requests

from tests.live.conftest import Actor
from tests.live.test_loop import new_image


def test_many_answers_at_once_all_arrive(producer: Actor, consumer: Actor) -> None:
    images = [new_image(producer) for _ in range(8)]
    owner, member = ({"X-Auth-Token": actor.token()} for actor in (producer, consumer))
    address = f"{producer.cloud.image_url}/v2/images"
    body = {"member": consumer.project_id}
    for image in images:
        requests.post(f"{address}/{image}/members", json=body, headers=owner, timeout=30)

    def answer(number: int) -> int:
        url = f"{address}/{images[number % 8]}/members/{consumer.project_id}"
        status = {"status": ("accepted", "rejected", "pending")[number % 3]}
        return requests.put(url, json=status, headers=member, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(answer, range(64))) == {200}


def test_uploads_that_break_off_side_by_side_leave_images_that_can_be_filled(
    producer: Actor,
) -> None:
    """None fails, and none stays saving for ever."""
    address = f"{producer.cloud.image_url}/v2/images"
    sent = {
        "X-Auth-Token": producer.token(),
        "Accept": "application/json",
        "Content-Type": "application/octet-stream",
    }

    def broken_off() -> Iterator[bytes]:
        yield bytes(300_000)
        raise InterruptedError

    def answers(_number: int) -> set[int]:
        """To a new image's data, one try after another until it has taken them."""
        facts = {"disk_format": "raw", "container_format": "bare"}
        token = {"X-Auth-Token": sent["X-Auth-Token"]}
        image = requests.post(address, json=facts, headers=token, timeout=30).json()["id"]
        url, seen = f"{address}/{image}/file", set()
        with suppress(requests.ConnectionError):
            requests.put(url, data=broken_off(), headers=sent, timeout=30)
        deadline = time.monotonic() + 20
        while 204 not in seen and time.monotonic() < deadline:
            seen.add(requests.put(url, data=bytes(300_000), headers=sent, timeout=30).status_code)
            time.sleep(0.1)
        return seen

    with ThreadPoolExecutor(4) as pool:
        for seen in pool.map(answers, range(40)):
            assert 204 in seen
            assert seen <= {204, 409, 410}
