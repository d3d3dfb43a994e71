"""Sharing with many and a new version, by the site's own pages: the same on the fake and on the
real cloud."""

from __future__ import annotations

import uuid

from django.urls import reverse

from sharing.models import BulkJob, OutgoingMail
from tests.conftest import Party


def work_off(producer: Party, job: BulkJob) -> dict[str, str]:
    """What a browser with a script does with a list; the rows' states by project."""
    producer.client.post(reverse("job-start", args=[job.pk]))
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    for _again in range(30):
        page = producer.client.post(reverse("job-run", args=[job.pk]), headers=headers)
        assert page.status_code == 200
        if b"hx-trigger" not in page.content:
            break
    return dict(job.rows.values_list("project_id", "state"))


def many_and_a_new_version(producer: Party, consumer: Party, old: str, new: str) -> None:
    """``old`` and ``new`` are shared images of the producer's, without members."""
    # 1. A list with the consumer, twenty others, and lines that cannot be carried out.
    others = [uuid.uuid4().hex for _ in range(20)]
    mine, me = consumer.project.id, producer.project.id
    lines = [f"{mine};chen@orchard.test;For you", *others, others[0], me, "orchard"]
    producer.client.post(reverse("members-bulk", args=[old]), {"rows": "\n".join(lines)})
    states = work_off(producer, BulkJob.objects.latest("pk"))
    assert {states[one] for one in (mine, *others[1:])} == {"done"}
    assert states[me] == states["orchard"] == "left_out"
    assert OutgoingMail.objects.get().to == "chen@orchard.test"

    # 2. Again: all are members already.
    producer.client.post(reverse("members-bulk", args=[old]), {"rows": mine})
    job = BulkJob.objects.latest("pk")
    assert b"already a member" in producer.client.get(job.get_absolute_url()).content
    assert producer.client.post(reverse("job-start", args=[job.pk])).status_code == 422

    # 3. The consumer accepts, and a new version comes, the old one hidden: he is carried over.
    answer = reverse("share-status", args=[old])
    assert consumer.client.post(answer, {"status": "accepted"}).status_code == 302
    form = {"old": old, "note": "A newer kernel.", "hides_old": "on"}
    said = producer.client.post(reverse("replaces", args=[new]), form)
    assert said.status_code == 302, said.content.decode()
    states = work_off(producer, BulkJob.objects.latest("pk"))
    assert set(states.values()) == {"done"}
    assert len(states) == 21
    inbox = consumer.client.get(reverse("inbox")).content.decode()
    assert f'data-image="{new}"' in inbox
    assert OutgoingMail.objects.get(kind="new_version").to == "chen@orchard.test"
