"""A list of projects: taken, looked over, corrected, started."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sharing.models import (
    BulkJob,
    BulkRow,
    Contact,
    OutgoingMail,
    Share,
)
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.lists import a_list, posts, projects, run, started, taken
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("members-bulk", args=[image])


def test_a_list_is_looked_over_before_anything_is_done(
    fake: FakeCloud, producer: Party, url: str
) -> None:
    job = taken(producer, url, a_list(3))
    page = producer.client.get(job.get_absolute_url())
    assert "Shares to be made: 3" in said(page)
    assert not posts(fake)
    assert not Share.objects.exists()


def test_a_file_is_taken_too(producer: Party, url: str) -> None:
    text = f"\ufeffProject ID;E-Mail\r\n{projects(1)[0]};c@orchard.test\r\n"
    file = SimpleUploadedFile("list.csv", text.encode(), "text/csv")
    job = taken(producer, url, "", file=file)
    assert job.lines.get().email == "c@orchard.test"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x01\x02" * 50, "not a text"),
        (b"x," * 6_000_000, "The file has 12 MiB, and may have 2"),
        (b"\n\n", "no line in this list"),
        (b'"' + b"x" * 200_000, "cannot be read as a list"),
        (("a" * 32 + "\n").encode() * 5001, "at most 5000 lines"),
    ],
)
def test_a_file_that_is_no_list_says_so(producer: Party, url: str, data: bytes, words: str) -> None:
    answer = producer.client.post(url, {"rows": "", "file": SimpleUploadedFile("x.csv", data)})
    assert answer.status_code == 422
    assert words in said(answer)
    assert not BulkJob.objects.exists()


def test_nothing_is_no_list(producer: Party, url: str) -> None:
    answer = producer.client.post(url, {"rows": " "})
    assert answer.status_code == 422
    assert "no line" in said(answer)


def test_a_paste_beyond_all_bounds_gets_an_answer_in_words(producer: Party, url: str) -> None:
    producer.client.raise_request_exception = False
    answer = producer.client.post(
        url, f"rows={'x' * 3_000_000}", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    assert "larger than a form may be" in said(answer)


def test_a_nul_in_the_paste_is_refused_in_words(producer: Party, url: str) -> None:
    assert producer.client.post(url, {"rows": "a\x00b"}).status_code == 422


def test_5000_lines_are_taken_and_shown_a_page_at_a_time(producer: Party, url: str) -> None:
    job = taken(producer, url, a_list(5000))
    page = producer.client.get(job.get_absolute_url())
    assert source(page).count("data-line=") == 50
    assert "Shares to be made: 5000" in said(page)
    assert "no room for 4872 lines" in said(page)


@pytest.mark.parametrize(("quota", "words"), [(2, "no room for 1 line"), (3, ""), (0, "")])
def test_the_clouds_own_quota_can_be_said(
    producer: Party, url: str, settings: Any, quota: int, words: str
) -> None:
    settings.IMAGE_MEMBER_QUOTA = quota
    page = said(producer.client.get(taken(producer, url, a_list(3)).get_absolute_url()))
    assert words in page
    assert ("no room" in page) == bool(words)


def test_the_review_says_what_is_wrong_with_each_line(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    one = projects(1)[0]
    rows = [
        f"{one},c@orchard.test",
        f"{one},other@orchard.test",
        f"{consumer.project.id},c@orchard.test",
        f"{producer.project.id},c@orchard.test",
        "orchard,c@orchard.test",
        f"{'b' * 32},nonsense",
        "c" * 32,
    ]
    page = producer.client.get(taken(producer, url, "\n".join(rows)).get_absolute_url())
    words = said(page)
    for expected in (
        "the same as line 1",
        "already a member: Accepted",
        "your own project",
        "Not a project ID",
        "Not an e-mail address",
        "No contact: nobody will be written to.",
        "Shares to be made: 2",
    ):
        assert expected in words
    # What must be corrected comes first.
    assert source(page).index('data-line="4"') < source(page).index('data-line="1"')


def test_the_contact_that_is_held_is_taken(producer: Party, url: str) -> None:
    one = projects(1)[0]
    Contact.objects.create(
        producer_project_id=producer.project.id, project_id=one, email="held@orchard.test"
    )
    job = started(producer, url, one)
    run(producer.client, job)
    assert OutgoingMail.objects.get().to == "held@orchard.test"


def test_errors_can_be_corrected_in_the_table(producer: Party, url: str) -> None:
    job = taken(producer, url, f"orchard,c@orchard.test\n{'b' * 32},nonsense\nrubbish")
    lines = reverse("job-lines", args=[job.pk])
    wrong = {"project_id-1": "still wrong", "email-2": "b@orchard.test", "drop": "3"}
    answer = producer.client.post(lines, wrong)
    assert answer.status_code == 422
    assert 'value="still wrong"' in source(answer)
    assert producer.client.post(lines, {"project_id-1": "A" * 32}).status_code == 302
    page = producer.client.get(job.get_absolute_url())
    assert "Shares to be made: 2" in said(page)
    assert job.lines.get(number=1).project_id == "a" * 32


@pytest.mark.parametrize(
    "form",
    [{"project_id-1": "\x00"}, {"email-1": "x" * 9999}, {"drop": "x"}, {"project_id-99": "x"},
     {"id-1": "9", "job-1": "2"}, {"project_id--1": "x"}, {"project_id-²": "x"}],
)  # fmt: skip
def test_nonsense_in_a_correction_breaks_nothing(
    producer: Party, url: str, form: dict[str, str]
) -> None:
    job = taken(producer, url, a_list(1))
    answer = producer.client.post(reverse("job-lines", args=[job.pk]), form)
    assert answer.status_code in {302, 422}
    assert producer.client.get(job.get_absolute_url()).status_code == 200


def test_what_is_wrong_is_left_out_and_said(producer: Party, url: str) -> None:
    job = started(producer, url, f"orchard\n{a_list(1)}")
    row = job.rows.get(project_id="orchard")
    assert (row.state, "Not a project ID" in row.words) == ("left_out", True)


def test_a_list_with_nothing_to_do_is_not_started(producer: Party, url: str) -> None:
    job = taken(producer, url, "orchard")
    answer = producer.client.post(reverse("job-start", args=[job.pk]))
    assert answer.status_code == 422
    assert "No line is left" in said(answer)


def test_a_list_is_started_once(producer: Party, url: str) -> None:
    job = started(producer, url, a_list(2))
    for name in ("job-start", "job-discard", "job-lines"):
        assert producer.client.post(reverse(name, args=[job.pk])).status_code == 409
    assert job.rows.count() == 2


def test_a_list_can_be_thrown_away(producer: Party, url: str) -> None:
    job = taken(producer, url, a_list(2))
    assert producer.client.post(reverse("job-discard", args=[job.pk])).status_code == 302
    assert producer.client.get(job.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "name", ["job", "job-lines", "job-start", "job-run", "job-retry", "job-discard"]
)
def test_a_job_is_its_projects_own(producer: Party, stranger: Party, url: str, name: str) -> None:
    address = reverse(name, args=[taken(producer, url, a_list(2)).pk])
    method = "get" if name == "job" else "post"
    answers = [getattr(who, method)(address) for who in (stranger.client, Client())]
    assert [answer.status_code for answer in answers] == [404, 302]
    assert not BulkRow.objects.exists()


def test_only_the_owner_gives_a_list(stranger: Party, url: str) -> None:
    assert stranger.client.get(url).status_code == 404
    assert stranger.client.post(url, {"rows": a_list(1)}).status_code == 404


def test_the_template_can_be_filled_in_and_sent_back(producer: Party, url: str) -> None:
    text = producer.client.get(reverse("bulk-template")).content.decode()
    assert taken(producer, url, text).lines.count() == 1


def test_a_job_of_another_region_is_not_run_here(
    fake: FakeCloud, producer: Party, url: str
) -> None:
    job = started(producer, url, a_list(1))
    BulkJob.objects.update(region="Elsewhere")
    for answer in (
        producer.client.get(job.get_absolute_url()),
        producer.client.post(reverse("job-run", args=[job.pk])),
    ):
        assert answer.status_code == 409
        assert "Elsewhere" in said(answer)
    assert not posts(fake)
