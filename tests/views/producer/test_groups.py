"""Groups of consumers: kept, imported, exported, shared with in one step."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sharing.models import Group, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.lists import a_list, projects, run, started
from tests.views.producer.reading import said


@pytest.fixture
def group(producer: Party) -> Group:
    """Three consumers."""
    answer = producer.client.post(reverse("groups"), {"name": "Spring", "rows": a_list(3)})
    assert answer.status_code == 302, said(answer)
    return Group.objects.get()


def test_a_group_is_kept(producer: Party, group: Group) -> None:
    assert group.members.count() == 3
    assert "c2@orchard.test" in said(producer.client.get(group.get_absolute_url()))
    assert "Spring" in said(producer.client.get(reverse("groups")))


def test_an_empty_group_is_one_too(producer: Party) -> None:
    assert producer.client.post(reverse("groups"), {"name": "Later"}).status_code == 302


def test_a_name_is_taken_once(producer: Party, group: Group) -> None:
    answer = producer.client.post(reverse("groups"), {"name": "Spring", "rows": "x"})
    assert answer.status_code == 422
    assert "of this name already" in said(answer)
    other = Group.objects.create(producer_project_id=producer.project.id, name="Autumn")
    assert producer.client.post(other.get_absolute_url(), {"name": "Spring"}).status_code == 422
    assert producer.client.post(other.get_absolute_url(), {"name": "Fall"}).status_code == 302


def test_it_is_shared_with_in_one_step(
    fake: FakeCloud, producer: Party, image: str, group: Group
) -> None:
    url = reverse("members-bulk", args=[image])
    assert "Spring" in said(producer.client.get(url))
    run(producer.client, started(producer, url, "", group=group.pk))
    assert Share.objects.count() == 3
    assert fake.member_status(image, projects(3)[2]) == "pending"


def test_a_group_and_a_list_at_once_are_refused(producer: Party, image: str, group: Group) -> None:
    form = {"rows": a_list(1), "group": group.pk}
    answer = producer.client.post(reverse("members-bulk", args=[image]), form)
    assert answer.status_code == 422
    assert "not both" in said(answer)


def test_importing_replaces_what_was_known(producer: Party, group: Group) -> None:
    url = reverse("group-members", args=[group.pk])
    text = f"project_id;email\n{projects(1)[0]};new@orchard.test\n{'f' * 32};f@orchard.test"
    file = SimpleUploadedFile("x.csv", text.encode("utf-16"))
    assert producer.client.post(url, {"file": file}).status_code == 302
    assert group.members.count() == 4
    assert group.members.get(project_id=projects(1)[0]).email == "new@orchard.test"


@pytest.mark.parametrize("rows", ["orchard", f"{'a' * 32},nonsense", "", "a\x00"])
def test_a_wrong_line_is_named_and_nothing_is_kept(
    producer: Party, group: Group, rows: str
) -> None:
    url = reverse("group-members", args=[group.pk])
    answer = producer.client.post(url, {"rows": f"{rows}"})
    assert answer.status_code == 422
    assert group.members.count() == 3


def test_what_was_exported_can_be_imported(producer: Party, group: Group) -> None:
    group.members.filter(project_id=projects(1)[0]).update(note="=1+1")
    text = producer.client.get(reverse("group-export", args=[group.pk])).content
    assert b"'=1+1" in text
    form = {"name": "Copy", "file": SimpleUploadedFile("x.csv", text)}
    assert producer.client.post(reverse("groups"), form).status_code == 302
    copy = Group.objects.get(name="Copy")
    facts = ("project_id", "email", "note")
    assert list(copy.members.values_list(*facts)) == list(group.members.values_list(*facts))


def test_taking_out_and_deleting(producer: Party, group: Group) -> None:
    form = {"project": [projects(1)[0], "nonsense"]}
    producer.client.post(reverse("group-take-out", args=[group.pk]), form)
    assert group.members.count() == 2
    producer.client.post(reverse("group-delete", args=[group.pk]))
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "name", ["group", "group-export", "group-members", "group-take-out", "group-delete"]
)
def test_a_group_is_its_projects_own(
    producer: Party, stranger: Party, group: Group, name: str
) -> None:
    url = reverse(name, args=[group.pk])
    method = "get" if name in {"group", "group-export"} else "post"
    answers = [getattr(who, method)(url) for who in (stranger.client, Client())]
    assert [answer.status_code for answer in answers] == [404, 302]
    assert group.members.count() == 3


def test_anothers_group_cannot_be_shared_with(
    fake: FakeCloud, stranger: Party, group: Group
) -> None:
    theirs = fake.image(stranger.project)
    url = reverse("members-bulk", args=[theirs])
    assert stranger.client.post(url, {"rows": "", "group": group.pk}).status_code == 422
