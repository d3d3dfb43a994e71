"""The demo's cloud stands what a real one stands: many writes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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
