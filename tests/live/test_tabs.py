"""Lists worked off by the whole portal as it is served: two browsers at once, a worker killed in
the middle, a sign-in that ends half-way. No row is done twice, none is lost, no mail comes twice.
"""

from __future__ import annotations

import os
import re
import signal
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from portal.demo.keystone_admin import call
from portal.demo.stack import Demo
from portal.demo.visitor import Page, PortalRefused, Visitor
from tests.live.conftest import PASSWORD
from tests.live.processes import comes_true

# More than a batch.
ROWS = 60
MAIL_SECONDS = 120.0
FORGET_THE_LEASES = """
from django.utils import timezone
from sharing.models import BulkRow
BulkRow.objects.filter(state="running").update(lease_until=timezone.now())
"""


@dataclass(frozen=True)
class Producer:
    """A user whom nobody knew, with an image that is shared with nobody."""

    demo: Demo
    name: str
    user_id: str
    project_id: str
    image_id: str

    def browser(self) -> Visitor:
        visitor = Visitor(self.demo.base_url)
        visitor.sign_in(self.name, PASSWORD)
        return visitor

    def members(self) -> list[str]:
        url = f"{self.demo.cloud.image_url}/v2/images/{self.image_id}/members"
        token = self.demo.cloud.token(self.name, PASSWORD, self.project_id)
        return [one["member_id"] for one in call("GET", url, token=token).json()["members"]]

    def calls(self) -> Counter[str]:
        """The statuses of the calls that made members, as the Image API answered them."""
        log = (self.demo.state_dir / "cloud" / "logs" / "glance.log").read_text()
        pattern = rf'"POST /v2/images/{self.image_id}/members HTTP/1.1" (\d+)'
        return Counter(re.findall(pattern, log))

    def start(self, visitor: Visitor, rows: int = ROWS) -> str:
        """A list of so many projects, each with an address of its own; the path of its job."""
        lines = [f"{uuid.uuid4().hex},c{n}@{self.name}.test" for n in range(rows)]
        page = visitor.post(
            f"/producer/images/{self.image_id}/members/bulk/", rows="\n".join(lines)
        )
        job = page.url.removeprefix(self.demo.base_url)
        visitor.post(f"{job}start/")
        return job

    def letters(self) -> Counter[str]:
        """How many came to each address of the list."""
        found = Counter(to for one in self.demo.mailbox.letters() for to in one.recipients)
        return Counter({to: n for to, n in found.items() if to.endswith(f"@{self.name}.test")})


@pytest.fixture
def producer(portal: Demo) -> Producer:
    name, cloud = f"tabs-{uuid.uuid4().hex[:8]}", portal.cloud
    user_id, project_id = cloud.create_user(name, PASSWORD), cloud.create_project(f"{name}-project")
    cloud.grant(user_id, project_id, "member")
    facts = {"name": "tabs", "disk_format": "raw", "container_format": "bare"}
    token = cloud.token(name, PASSWORD, project_id)
    image = call("POST", f"{cloud.image_url}/v2/images", token=token, json=facts).json()
    return Producer(portal, name, user_id, project_id, image["id"])


def work_off(visitor: Visitor, job: str, rows: int = ROWS) -> Page:
    """Press “Go on” until all is done."""
    for _again in range(60):
        page = visitor.post(f"{job}run/")
        if f"{rows} done" in page.words:
            return page
    raise AssertionError(page.words)


def everyone_heard_once(producer: Producer, rows: int = ROWS) -> None:
    assert len(producer.members()) == rows
    assert comes_true(lambda: producer.letters().total() >= rows, seconds=MAIL_SECONDS)
    assert set(producer.letters().values()) == {1}


def workers_of(demo: Demo) -> list[int]:
    """The web server's processes that answer; not the one that keeps them."""
    children = Path(f"/proc/{demo.portal.group}/task/{demo.portal.group}/children").read_text()
    return [int(one) for one in children.split()]


def test_three_browsers_at_once_do_each_row_once(producer: Producer) -> None:
    browsers, rows = [producer.browser() for _ in range(3)], 100
    job = producer.start(browsers[0], rows)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda browser: work_off(browser, job, rows), browsers))
    assert producer.calls() == {"200": rows}
    everyone_heard_once(producer, rows)


def test_what_a_killed_worker_had_is_taken_up_again(portal: Demo, producer: Producer) -> None:
    browser = producer.browser()
    job = producer.start(browser)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(browser.post, f"{job}run/")
        assert comes_true(lambda: producer.calls().total() > 4)
        for worker in workers_of(portal):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            first.result()
    assert 0 < len(producer.members()) < ROWS
    assert not producer.letters()
    portal.manage("shell", "-c", FORGET_THE_LEASES)
    work_off(producer.browser(), job)
    everyone_heard_once(producer)


def test_a_sign_in_that_ends_half_way_is_a_pause(portal: Demo, producer: Producer) -> None:
    browser = producer.browser()
    job = producer.start(browser)
    browser.post(f"{job}run/")
    done = len(producer.members())
    assert 0 < done < ROWS
    user = f"{portal.cloud.auth_url}/users/{producer.user_id}"
    for enabled in (False, True):  # Keystone revokes all tokens of a user who is disabled
        change = {"user": {"enabled": enabled}}
        call("PATCH", user, token=portal.cloud.admin_token(), json=change)
    time.sleep(1)  # revocations have whole seconds: a token of the same one would be revoked too
    assert "/sign-in/?next=" in browser.post(f"{job}run/").url
    assert len(producer.members()) == done

    def is_back() -> bool:
        try:
            browser.post("/sign-in/", method="password", username=producer.name, password=PASSWORD)
            return f"{done} done" in browser.get(job).words
        except PortalRefused:
            return False

    assert comes_true(is_back)
    work_off(browser, job)
    assert producer.calls()["200"] == ROWS
    everyone_heard_once(producer)
