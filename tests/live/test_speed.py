"""The speed that is promised. Run alone: what else the machine does would be measured too.

Pages are asked for in a thread, as a server does it. Under the many calls of the test runner they
take up to twice as long: where one page of Python's stack ends and the next begins, each call
there gets the page from the system and gives it back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any, TypeVar

import pytest
import requests
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client
from django.urls import reverse

from portal.bench.listings import add_listings
from sharing.cloud.resources import STATUSES
from sharing.cloud.transport import Transport
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter

__all__ = ["enter"]

T = TypeVar("T")
ROUNDS = 15
LISTINGS = 10_000
ALLOWED_FOR_THE_CATALOGUE = {"sqlite": 0.050, "postgresql": 0.100}  # seconds
TRIES = 4
PAUSE = 10  # seconds
ALLOWED_ABOVE_CALLS = 0.040


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


def in_a_thread(act: Callable[[], T]) -> T:
    """What ``act`` returns; it has the test's own database."""

    def run() -> T:
        connections[DEFAULT_DB_ALIAS] = here
        return act()

    here = connections[DEFAULT_DB_ALIAS]
    here.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(run).result()
    finally:
        here.dec_thread_sharing()


def test_the_inbox_adds_at_most_40_ms_to_its_calls(
    enter: Enter, producer: Actor, consumer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_many(producer, consumer, 25)
    client = enter(consumer).client
    calls: list[tuple[float, float]] = []  # of each: when it began and when it was over
    call = Transport.call

    def timed(*args: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*args, **more)
        finally:
            calls.append((began, time.perf_counter()))

    monkeypatch.setattr(Transport, "call", timed)

    def page() -> float:
        calls.clear()
        took = seconds(lambda: client.get(reverse("inbox")))
        assert len(calls) == 2 * len(STATUSES) + 25  # hidden images have lists of their own
        assert peak(calls) >= 7
        return took - covered(calls)

    assert client.get(reverse("inbox")).content.count(b"data-image=") >= 25
    above = patiently(
        lambda: in_a_thread(lambda: median(page() for _ in range(ROUNDS))), ALLOWED_ABOVE_CALLS
    )
    print(f"\ninbox with 25 shares: {above * 1000:.1f} ms above its Image API calls")
    assert above <= ALLOWED_ABOVE_CALLS


def patiently(measure: Callable[[], float], allowed: float) -> float:
    """Measured again, later, where it is too much: the machine may have been busy for a while."""
    least = measure()
    for _ in range(TRIES - 1):
        if least < allowed:
            break
        time.sleep(PAUSE)
        least = min(least, measure())
    return least


def covered(spans: list[tuple[float, float]]) -> float:
    """The time in which at least one was under way."""
    total, until = 0.0, 0.0
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def peak(spans: list[tuple[float, float]]) -> int:
    """How many were under way at once, at most."""
    return max(sum(began <= start < ended for began, ended in spans) for start, _ in spans)


def test_the_catalogue_of_10000_listings_takes_less_than_50_ms(db: None) -> None:
    """The quickest of several: what the code itself takes, without the machine's other work. And
    no more as a file or as a feed."""
    add_listings(LISTINGS)
    client = Client()
    allowed = ALLOWED_FOR_THE_CATALOGUE[connection.vendor]
    queries = ("", "?page=200", "?q=image", "?os=ubuntu", "?tag=tag 7", "?producer=producer 7")

    def quickest(address: str) -> float:
        assert client.get(address).status_code == 200
        return patiently(
            lambda: min(seconds(partial(client.get, address)) for _ in range(ROUNDS)), allowed
        )

    took = in_a_thread(
        lambda: {
            f"{of}{query}": quickest(f"{of}{query}")
            for of in ("/", "/catalogue.json", "/feed.atom")
            for query in queries
        }
    )
    for address, least in took.items():
        print(f"\ncatalogue {address}: {least * 1000:.1f} ms")
    assert max(took.values()) < allowed, took
    for_machines = [took[f"/catalogue.json{query}"] for query in queries]
    assert sum(for_machines) < sum(took[f"/{query}"] for query in queries)
