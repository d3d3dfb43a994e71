"""Sharing with a hundred takes at most one and a half times its calls. Run alone, like the other
speed tests.

In turns with the same calls made raw, eight at a time, each turn with an image of its own; what
counts is the ratio of the two medians.
"""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import requests
from django.urls import reverse

from sharing.models import BulkJob, OutgoingMail
from tests.conftest import Party
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.live.test_speed import in_a_thread, patiently

__all__ = ["enter"]

PROJECTS = 100
TURNS = 3
ALLOWED = 1.5


def raw(producer: Actor, token: str, image_id: str) -> float:
    """Seconds that the calls alone take, each thread with its own connection."""
    url = f"{producer.cloud.image_url}/v2/images/{image_id}/members"

    def share(part: list[str]) -> None:
        with requests.Session() as http:
            http.headers["X-Auth-Token"] = token
            for project_id in part:
                answer = http.post(url, json={"member": project_id}, timeout=30)
                assert answer.status_code == 200

    projects = [uuid.uuid4().hex for _ in range(PROJECTS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(share, [projects[part::8] for part in range(8)]))
    return time.perf_counter() - started


def by_the_portal(producer: Party, image_id: str) -> float:
    """Seconds from the start of a list to its last row, as a browser asks for it."""
    rows = "\n".join(f"{uuid.uuid4().hex},c{n}@orchard.test,Hello {n}" for n in range(PROJECTS))
    form = {"rows": rows}
    producer.client.post(reverse("members-bulk", args=[image_id]), form)
    job = BulkJob.objects.latest("pk")
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    started = time.perf_counter()
    producer.client.post(reverse("job-start", args=[job.pk]))
    page = producer.client.get(job.get_absolute_url())
    while b"hx-trigger" in page.content:
        page = producer.client.post(reverse("job-run", args=[job.pk]), headers=headers)
    took = time.perf_counter() - started
    assert job.rows.filter(state="done").count() == PROJECTS
    return took


def test_a_hundred_take_at_most_one_and_a_half_times_their_calls(
    enter: Enter, producer: Actor
) -> None:
    party, token = enter(producer), producer.token()
    raw(producer, token, new_image(producer))
    in_a_thread(lambda: by_the_portal(party, new_image(producer)))
    shared = 1

    def measured() -> float:
        nonlocal shared
        alone, whole = [], []
        for _ in range(TURNS):
            alone.append(raw(producer, token, new_image(producer)))
            whole.append(by_the_portal(party, new_image(producer)))
            shared += 1
        found = median(whole) / median(alone)
        words = f"raw {median(alone):.2f} s, portal {median(whole):.2f} s, {found:.2f}×"
        print(f"\n{PROJECTS} members: {words}")
        return found

    assert patiently(lambda: in_a_thread(measured), ALLOWED) <= ALLOWED
    assert OutgoingMail.objects.count() == PROJECTS * shared
