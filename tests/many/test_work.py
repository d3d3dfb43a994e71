"""What is done on one host counts on the other, and is done once, whoever else does it too."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest
import requests

from tests.live.conftest import Actor
from tests.live.processes import comes_true
from tests.live.test_loop import new_image
from tests.many.person import Person, at_once
from tests.many.site import MAILS_PER_ADDRESS, Host, Site

ROWS = 100


@pytest.fixture
def producer(ada: Actor, a: Host) -> Person:
    return Person().sign_in(a, ada)


@pytest.fixture
def consumer(chen: Actor, a: Host) -> Person:
    return Person().sign_in(a, chen)


def share_by_another_tool(image: str, ada: Actor, chen: Actor) -> None:
    url = f"{ada.cloud.image_url}/v2/images/{image}/members"
    headers = {"X-Auth-Token": ada.token()}
    member = {"member": chen.project_id}
    requests.post(url, json=member, headers=headers, timeout=20).raise_for_status()


def members(image: str, ada: Actor) -> dict[str, str]:
    """Their statuses, as the Image API has them."""
    url, headers = f"{ada.cloud.image_url}/v2/images/{image}/members", {"X-Auth-Token": ada.token()}
    found = requests.get(url, headers=headers, timeout=20).json()["members"]
    return {one["member_id"]: one["status"] for one in found}


def test_what_waits_is_known_on_both(
    consumer: Person, ada: Actor, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    images = [new_image(ada), new_image(ada)]
    for image in images:
        share_by_another_tool(image, ada, chen)
    assert 'data-count="2"' not in consumer.get(b, "/").text
    assert consumer.get(a, "/inbox/waiting/").ok
    assert 'data-count="2"' in consumer.get(b, "/").text
    answer = consumer.post(b, f"/shares/{images[0]}/status/", status="accepted")
    assert answer.status_code == 302, answer.text
    assert 'data-count="2"' not in consumer.get(a, "/").text
    assert consumer.get(a, "/inbox/waiting/").ok
    assert 'data-count="1"' in consumer.get(b, "/").text
    assert any("waiting:" in key for key in site.redis.known())


def test_an_answer_can_be_undone_on_the_other(
    consumer: Person, ada: Actor, chen: Actor, a: Host, b: Host
) -> None:
    image = new_image(ada)
    share_by_another_tool(image, ada, chen)
    consumer.post(a, f"/shares/{image}/status/", status="rejected")
    page = consumer.get(b, f"/shares/{image}/").text
    offer = page.partition('name="undo" value="')[2].partition('"')[0]
    consumer.post(b, "/inbox/undo/", undo=offer)
    assert members(image, ada) == {chen.project_id: "pending"}


def test_a_list_begun_on_one_is_finished_by_both_and_no_row_is_done_twice(
    producer: Person, ada: Actor, site: Site, a: Host, b: Host
) -> None:
    image, projects = new_image(ada), [uuid.uuid4().hex for _ in range(ROWS)]
    job = started_list(producer, a, image, [f"{one},{one}@orchard.test" for one in projects])
    assert producer.post(a, f"{job}run/").status_code == 302
    states = "SELECT state, count(*) FROM sharing_bulkrow WHERE job_id = %s GROUP BY state"
    number = job.strip("/").rpartition("/")[2]
    assert dict(site.select(states, number))["waiting"] >= ROWS - 48

    def run(host: Host) -> int:
        return producer.post(host, f"{job}run/").status_code

    for _ in range(4):
        assert set(at_once(run, [a, b, b, a])) == {302}
    assert dict(site.select(states, number)) == {"done": ROWS}
    assert set(members(image, ada)) == set(projects)
    told = "SELECT project_id FROM sharing_historyentry WHERE image_id = %s AND verb = %s"
    assert sorted(site.select(told, image, "member_added")) == sorted((one,) for one in projects)
    _each_gets_one_mail(site, image, {f"{one}@orchard.test" for one in projects})


def test_the_mails_that_both_write_to_an_address_count_together(
    producer: Person, ada: Actor, site: Site
) -> None:
    """One list on each host; what is over the limit of a day waits."""
    email, rows = f"{uuid.uuid4().hex}@orchard.test", MAILS_PER_ADDRESS - 10
    for host in site.hosts:
        lines = [f"{uuid.uuid4().hex},{email}" for _ in range(rows)]
        job = started_list(producer, host, new_image(ada), lines)
        assert producer.post(host, f"{job}run/").status_code == 302
    held = 'SELECT held_by, count(*) FROM sharing_outgoingmail WHERE "to" = %s GROUP BY held_by'
    assert dict(site.select(held, email)) == {"": MAILS_PER_ADDRESS, "address": rows - 10}


def started_list(producer: Person, host: Host, image: str, lines: list[str]) -> str:
    """Its page."""
    path = f"/producer/images/{image}/members/bulk/"
    job = producer.post(host, path, rows="\n".join(lines)).headers["Location"]
    assert producer.post(host, f"{job}start/").status_code == 302
    return job


def _each_gets_one_mail(site: Site, image: str, addresses: set[str]) -> None:
    def received() -> Counter[str]:
        found = (letter.recipients[0] for letter in site.mailbox.letters())
        return Counter(one for one in found if one in addresses)

    def is_all_sent() -> bool:
        left = "SELECT 1 FROM sharing_outgoingmail WHERE state <> 'sent' AND image_id = %s"
        jobs = "SELECT 1 FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
        return (
            set(received()) == addresses and not site.select(left, image) and not site.select(jobs)
        )

    assert comes_true(is_all_sent, seconds=30)
    assert set(received().values()) == {1}
    ran = "SELECT DISTINCT worker_ids::text FROM django_tasks_database_dbtaskresult"
    assert len(site.select(f"{ran} WHERE task_path LIKE %s", "%send_mail")) == 2


@pytest.mark.parametrize("is_recorded", [True, False], ids=["shared here", "by another tool"])
def test_the_same_answer_on_both_at_once_is_told_once(
    producer: Person, ada: Actor, chen: Actor, site: Site, is_recorded: bool
) -> None:
    browsers = [Person().sign_in(host, chen) for host in site.hosts]
    for _ in range(4):
        image = new_image(ada)
        if is_recorded:
            form = {"project_id": chen.project_id, "email": "chen@orchard.test"}
            producer.post(site.hosts[0], f"/producer/images/{image}/members/", **form)
        else:
            share_by_another_tool(image, ada, chen)
        assert _answered_at_once(site, browsers, image, ["accepted"] * 8) == {302}
        assert members(image, ada) == {chen.project_id: "accepted"}
        assert _answers(site, image) == ["accepted"]


def test_two_answers_at_once_end_as_the_image_api_has_it(
    ada: Actor, chen: Actor, site: Site
) -> None:
    """One of them is last, and both hosts show it; whoever was too late is told how it stands."""
    browsers = [Person().sign_in(host, chen) for host in site.hosts]
    for _ in range(4):
        image = new_image(ada)
        share_by_another_tool(image, ada, chen)
        seen = _answered_at_once(site, browsers, image, ["accepted", "rejected"] * 4)
        assert seen <= {302, 409}
        status = members(image, ada)[chen.project_id]
        for host, browser in zip(site.hosts, browsers, strict=True):
            assert f'data-status="{status}"' in browser.get(host, f"/shares/{image}/").text
        assert set(_answers(site, image)) <= {"accepted", "rejected"}


def _answered_at_once(
    site: Site, browsers: list[Person], image: str, answers: list[str]
) -> set[int]:
    """The one on the first host, the other on the second, and again."""

    def answer(number: int) -> int:
        host, browser = site.hosts[number % 2], browsers[number % 2]
        form = {"status": answers[number], "was": "pending"}
        return browser.post(host, f"/shares/{image}/status/", **form).status_code

    return set(at_once(answer, range(len(answers))))


def _answers(site: Site, image: str) -> list[str]:
    """As the history has them."""
    query = "SELECT detail FROM sharing_historyentry WHERE image_id = %s AND verb = %s"
    return [detail for (detail,) in site.select(query, image, "status_set")]
