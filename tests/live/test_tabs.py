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
from collections.abc import Iterator
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

ROWS = 100
MAIL_SECONDS = 120.0
FORGET_THE_LEASES = """
from django.utils import timezone
from sharing.models import BulkRow
BulkRow.objects.filter(state="running").update(lease_until=timezone.now())
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    state = tmp_path_factory.mktemp("tabs") / "state"
    database = os.environ.get("DATABASE_URL", "")
    with Demo(state, usual_ports=False, database_url=database) as demo:
        yield demo


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

    def start(self, visitor: Visitor) -> str:
        """A list of ``ROWS`` projects, each with an address of its own; the path of its job."""
        lines = [f"{uuid.uuid4().hex},c{n}@{self.name}.test" for n in range(ROWS)]
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
def producer(demo: Demo) -> Producer:
    name, cloud = f"tabs-{uuid.uuid4().hex[:8]}", demo.cloud
    user_id, project_id = cloud.create_user(name, PASSWORD), cloud.create_project(f"{name}-project")
    cloud.grant(user_id, project_id, "member")
    facts = {"name": "tabs", "disk_format": "raw", "container_format": "bare"}
    token = cloud.token(name, PASSWORD, project_id)
    image = call("POST", f"{cloud.image_url}/v2/images", token=token, json=facts).json()
    return Producer(demo, name, user_id, project_id, image["id"])


def work_off(visitor: Visitor, job: str) -> Page:
    """Press “Go on” until all is done."""
    for _again in range(60):
        page = visitor.post(f"{job}run/")
        if f"{ROWS} done" in page.words:
            return page
    raise AssertionError(page.words)


def everyone_heard_once(producer: Producer) -> None:
    assert len(producer.members()) == ROWS
    assert comes_true(lambda: producer.letters().total() >= ROWS, seconds=MAIL_SECONDS)
    assert set(producer.letters().values()) == {1}


def portal_workers(demo: Demo) -> list[int]:
    """The web server's processes that answer; not the one that keeps them."""
    children = Path(f"/proc/{demo.portal.group}/task/{demo.portal.group}/children").read_text()
    return [int(one) for one in children.split()]


def test_three_browsers_at_once_do_each_row_once(producer: Producer) -> None:
    browsers = [producer.browser() for _ in range(3)]
    job = producer.start(browsers[0])
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda browser: work_off(browser, job), browsers))
    assert producer.calls() == {"200": ROWS}
    everyone_heard_once(producer)


def test_what_a_killed_worker_had_is_taken_up_again(demo: Demo, producer: Producer) -> None:
    browser = producer.browser()
    job = producer.start(browser)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(browser.post, f"{job}run/")
        assert comes_true(lambda: producer.calls().total() > 4)
        for worker in portal_workers(demo):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            first.result()
    assert 0 < len(producer.members()) < ROWS
    assert not producer.letters()
    demo.manage("shell", "-c", FORGET_THE_LEASES)
    work_off(producer.browser(), job)
    everyone_heard_once(producer)


def test_a_sign_in_that_ends_half_way_is_a_pause(demo: Demo, producer: Producer) -> None:
    browser = producer.browser()
    job = producer.start(browser)
    browser.post(f"{job}run/")
    done = len(producer.members())
    assert 0 < done < ROWS
    user = f"{demo.cloud.auth_url}/users/{producer.user_id}"
    for enabled in (False, True):  # Keystone revokes all tokens of a user who is disabled
        change = {"user": {"enabled": enabled}}
        call("PATCH", user, token=demo.cloud.admin_token(), json=change)
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
