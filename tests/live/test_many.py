"""Sharing with many, and a new version, on the real Keystone and Image API."""

from __future__ import annotations

import uuid

import requests
from django.urls import reverse

from portal.demo.rows import write_members
from sharing.models import BulkJob, OutgoingMail
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios.bulk import many_and_a_new_version, work_off

__all__ = ["enter"]


def test_many_and_a_new_version(enter: Enter, producer: Actor, consumer: Actor) -> None:
    old, new = new_image(producer), new_image(producer)
    many_and_a_new_version(enter(producer), enter(consumer), old, new)


def test_the_quota_is_reached_at_row_60(enter: Enter, producer: Actor) -> None:
    """The cloud allows 128 members for one image; 68 are there already. It counts before it adds,
    so of eight calls at a time seven may slip in behind the last one that there was room for.
    """
    image_id, headers = new_image(producer), {"X-Auth-Token": producer.token()}
    url = f"{producer.cloud.image_url}/v2/images/{image_id}/members"
    before = [uuid.uuid4().hex for _ in range(68)]
    write_members(producer.cloud, [(image_id, one, "pending") for one in before])
    party = enter(producer)
    rows = "\n".join(f"{uuid.uuid4().hex},c{n}@orchard.test" for n in range(80))
    party.client.post(reverse("members-bulk", args=[image_id]), {"rows": rows})
    job = BulkJob.objects.latest("pk")
    assert b"no room for 20 lines" in party.client.get(job.get_absolute_url()).content
    states = work_off(party, job)
    done = list(states.values()).count("done")
    assert 60 <= done <= 67
    assert list(states.values()).count("waiting") == 80 - done
    members = requests.get(url, headers=headers, timeout=20).json()["members"]
    assert len(members) == 68 + done
    page = party.client.get(job.get_absolute_url()).content.decode()
    assert "the rest is kept" in page
    assert "as many members as this cloud allows" in page

    for one in before[:20]:
        requests.delete(f"{url}/{one}", headers=headers, timeout=20).raise_for_status()
    party.client.post(reverse("job-retry", args=[job.pk]))
    assert set(work_off(party, job).values()) == {"done"}
    assert OutgoingMail.objects.count() == 80
