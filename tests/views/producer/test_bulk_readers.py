"""Someone with the role reader sees lists, groups and versions, and changes nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import BulkJob, Group, Succession
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.lists import a_list, posts, started, states, taken
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("members-bulk", args=[image])


@pytest.fixture
def reader(fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    return sign_in("rita")


class Buttons(HTMLParser):
    """Those of a page's forms that one can press; not of its header, nor of a search."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self._fieldsets: list[bool] = []
        self._is_post = False
        self.feed(page.partition("<main")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_post = given.get("method") == "post"
        if tag == "fieldset":
            self._fieldsets.append("disabled" in given)
        if tag == "button" and self._is_post and given.get("type") == "submit":
            is_grey = "disabled" in given or any(self._fieldsets)
            self.live += [] if is_grey else [str(self.get_starttag_text())]

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset":
            self._fieldsets.pop()


def is_grey(reader: Client, url: str) -> bool:
    """Whether the page says why, and no form on it can be sent."""
    answer = reader.get(url)
    assert "It takes the role “member”" in said(answer)
    return not Buttons(source(answer)).live


def test_every_button_is_grey(
    fake: FakeCloud, producer: Party, reader: Client, image: str, url: str
) -> None:
    review = taken(producer, url, f"{a_list(1)}\nrubbish")
    going = started(producer, url, a_list(2))
    group = Group.objects.create(producer_project_id=producer.project.id, name="Spring")
    group.members.create(project_id="a" * 32)
    new = fake.image(producer.project)
    pages = [
        url, reverse("bulk"), reverse("groups"), group.get_absolute_url(), reverse("jobs"),
        review.get_absolute_url(), going.get_absolute_url(), reverse("replaces", args=[new]),
    ]  # fmt: skip
    assert [page for page in pages if not is_grey(reader, page)] == []


def test_looking_at_a_list_does_not_run_it(
    fake: FakeCloud, producer: Party, reader: Client, url: str
) -> None:
    job = started(producer, url, a_list(3))
    assert 'hx-trigger="submit"' in source(reader.get(job.get_absolute_url()))
    assert reader.post(reverse("job-run", args=[job.pk])).status_code == 403
    assert not posts(fake)
    assert set(states(job).values()) == {"waiting"}
    assert not job.images.exclude(stopped="").exists()


@pytest.mark.parametrize("name", ["job-lines", "job-start", "job-discard"])
def test_a_list_stays_as_it_is(producer: Party, reader: Client, url: str, name: str) -> None:
    job = taken(producer, url, a_list(1))
    answer = reader.post(reverse(name, args=[job.pk]), {"project_id-1": "b" * 32})
    assert answer.status_code in {403, 422}
    job.refresh_from_db()
    assert not job.is_started
    assert job.lines.get().project_id != "b" * 32


def test_no_list_and_no_group_is_made(producer: Party, reader: Client, url: str) -> None:
    assert reader.post(url, {"rows": a_list(1)}).status_code in {403, 422}
    assert reader.post(reverse("groups"), {"name": "Mine"}).status_code in {403, 422}
    assert not BulkJob.objects.exists()
    assert not Group.objects.exists()


@pytest.mark.parametrize("name", ["group", "group-members", "group-take-out", "group-delete"])
def test_a_group_stays_as_it_is(producer: Party, reader: Client, name: str) -> None:
    group = Group.objects.create(producer_project_id=producer.project.id, name="Spring")
    group.members.create(project_id="a" * 32)
    form = {"name": "Mine", "rows": a_list(1), "project": "a" * 32}
    assert reader.post(reverse(name, args=[group.pk]), form).status_code in {403, 422}
    group.refresh_from_db()
    assert (group.name, group.members.get().project_id) == ("Spring", "a" * 32)


def test_nothing_is_replaced(fake: FakeCloud, producer: Party, reader: Client, image: str) -> None:
    new = fake.image(producer.project)
    form = {"old": image, "note": "x"}
    assert reader.post(reverse("replaces", args=[new]), form).status_code in {403, 422}
    assert not Succession.objects.exists()
