"""The sign-in ran out while a list was typed or chosen: nothing of it is lost, or the page says
what is."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sharing.models import BulkJob, Group
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.lists import a_list, projects, taken
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("members-bulk", args=[image])


def sent_signed_out(fake: FakeCloud, producer: Party, url: str, **form: object) -> None:
    """The form is sent when the token has run out; then the same user signs in again."""
    fake.expire_all()
    assert producer.client.post(url, {"rows": ""} | form).status_code == 302
    sign_in = {"method": "password", "username": "ada", "password": PASSWORD}
    assert producer.client.post(reverse("sign-in"), sign_in).status_code == 302


def test_a_pasted_list_is_there_again(fake: FakeCloud, producer: Party, url: str) -> None:
    sent_signed_out(fake, producer, url, rows=a_list(3000))
    assert "c3000@orchard.test" in source(producer.client.get(url))


@pytest.mark.parametrize("coding", ["utf-8-sig", "latin-1", "utf-16"])
def test_a_file_comes_back_as_a_pasted_list(
    fake: FakeCloud, producer: Party, url: str, coding: str
) -> None:
    text = f"project_id;email;note\n{projects(1)[0]};c1@orchard.test;Grüße\n"
    file = SimpleUploadedFile("list.csv", text.encode(coding))
    sent_signed_out(fake, producer, url, file=file, note="To all")
    page = said(producer.client.get(url))
    assert "Grüße" in page
    assert "To all" in page
    assert "choose it again" not in page
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    "data", [b"\x00\x01" * 50, b"x" * 700_000, b"x," * 1_500_000], ids=["rubbish", "big", "bigger"]
)
def test_a_file_that_cannot_be_kept_is_asked_for_again(
    fake: FakeCloud, producer: Party, url: str, data: bytes
) -> None:
    file = SimpleUploadedFile("spring <b>.csv", data)
    sent_signed_out(fake, producer, url, file=file, note="To all")
    page = producer.client.get(url)
    assert "signed out when you sent spring &lt;b&gt;.csv" in source(page)
    assert "To all" in said(page)
    assert "choose it again" not in said(producer.client.get(url))


def test_a_groups_file_comes_back_too(fake: FakeCloud, producer: Party) -> None:
    group = Group.objects.create(producer_project_id=producer.project.id, name="Spring")
    url = reverse("group-members", args=[group.pk])
    sent_signed_out(fake, producer, url, file=SimpleUploadedFile("x.csv", a_list(2).encode()))
    assert "c2@orchard.test" in said(producer.client.get(group.get_absolute_url()))
    big = "\n".join(f"{one},,{'long ' * 40}" for one in projects(3500)).encode()
    sent_signed_out(fake, producer, url, file=SimpleUploadedFile("x.csv", big))
    assert "choose it again" in said(producer.client.get(group.get_absolute_url()))
    url, file = reverse("groups"), SimpleUploadedFile("x.csv", big)
    sent_signed_out(fake, producer, url, name="Autumn", file=file)
    assert "choose it again" in said(producer.client.get(url))
    assert not group.members.exists()


def test_corrections_are_in_their_fields_again(fake: FakeCloud, producer: Party, url: str) -> None:
    job = taken(producer, url, f"orchard\n{projects(1)[0]},nonsense")
    typed = {"project_id-1": "a" * 32, "email-2": "c@orchard.test", "email-99": "x"}
    sent_signed_out(fake, producer, reverse("job-lines", args=[job.pk]), **typed)
    page = source(producer.client.get(job.get_absolute_url()))
    assert f'name="project_id-1" value="{"a" * 32}"' in page
    assert 'name="email-2" value="c@orchard.test"' in page
    assert job.lines.get(number=1).project_id == "orchard"


def test_a_groups_new_name_is_there_again(fake: FakeCloud, producer: Party) -> None:
    group = Group.objects.create(producer_project_id=producer.project.id, name="Spring")
    sent_signed_out(fake, producer, group.get_absolute_url(), name="Fall")
    assert 'value="Fall"' in source(producer.client.get(group.get_absolute_url()))
    group.refresh_from_db()
    assert group.name == "Spring"
