"""A user of two projects, by the site's own pages: the same on the fake and on the real cloud."""

from __future__ import annotations

from django.urls import reverse

from sharing.models import ProjectToken
from tests.conftest import Party
from tests.scenarios.links import link_for, opened
from tests.scenarios.shares import answer, share
from tests.waiting import counts, look, said


def what_waits_in_another_project(
    producer: Party, first: Party, second: Party, image_id: str
) -> None:
    """``first`` and ``second`` are one user, signed in for the first."""
    client, name = first.client, second.project.name
    share(producer, second, image_id)

    # 1. It is found without leaving the first project, and the link to it says where it is.
    found = look(client)
    assert f"1 waits in project {name}" in said(found)
    assert 'data-count=""' in found
    assert counts(client) == {first.project.name: 0, name: 1}
    link = link_for(second, image_id)
    assert f"This was shared with {name}" in opened(first, link)

    # 2. One click switches and opens that inbox; an answer is counted at once.
    form = {"project_id": second.project.id, "next": reverse("inbox")}
    inbox = client.post(reverse("scope"), form, follow=True).content.decode()
    assert f'data-image="{image_id}"' in inbox
    assert "<title>(1) Inbox" in inbox
    answer(second, image_id, "accepted")
    assert 'data-count=""' in look(client)
    assert counts(client) == {first.project.name: 0, name: 0}

    # 3. The tokens go with the session.
    assert ProjectToken.objects.exists()
    client.post(reverse("sign-out"))
    assert not ProjectToken.objects.exists()
