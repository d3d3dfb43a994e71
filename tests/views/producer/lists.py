"""Lists of projects, given and worked off as the pages do it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from sharing.models import BulkJob
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import said


def projects(count: int) -> list[str]:
    return [f"{number:032x}" for number in range(1, count + 1)]


def a_list(count: int) -> str:
    return "\n".join(
        f"{project_id},c{number}@orchard.test,Note {number}"
        for number, project_id in enumerate(projects(count), 1)
    )


def taken(producer: Party, url: str, rows: str, **more: Any) -> BulkJob:
    """The job that the list became."""
    answer = producer.client.post(url, {"rows": rows} | more)
    assert answer.status_code == 302, said(answer)
    job = BulkJob.objects.latest("pk")
    assert answer["Location"] == job.get_absolute_url()
    return job


def started(producer: Party, url: str, rows: str, **more: Any) -> BulkJob:
    job = taken(producer, url, rows, **more)
    answer = producer.client.post(reverse("job-start", args=[job.pk]))
    assert answer.status_code == 302, said(answer)
    return job


def run(client: Client, job: BulkJob, times: int = 20) -> None:
    """What the page does by itself, until nothing more is to be done."""
    for _ in range(times):
        page = client.post(
            reverse("job-run", args=[job.pk]),
            headers={"HX-Request": "true", "HX-Target": "rows"},
        )
        assert page.status_code == 200, said(page)
        if b"hx-trigger" not in page.content:
            return


def states(job: BulkJob) -> dict[str, str]:
    return dict(job.rows.values_list("project_id", "state"))


def posts(fake: FakeCloud) -> int:
    return sum(call.startswith("POST /v2") for call in fake.calls)
