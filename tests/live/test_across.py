"""A user of several projects, and a share's link, on the real Keystone and Image API."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sharing import other_projects, session
from sharing.cloud.errors import SessionEnded
from sharing.cloud.resources import Project
from tests.conftest import Party
from tests.live.conftest import Actor, NewActor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios.across import what_waits_in_another_project
from tests.scenarios.links import a_link_through_its_life
from tests.waiting import counts

__all__ = ["enter"]


def homes_of(actor: Actor, enter: Enter, count: int) -> list[Party]:
    """The actor's project and others, signed in for the first by name."""
    names = [f"zz-{actor.project}-{n}" for n in range(1, count)]
    others = [Project(actor.cloud.create_project(name), name) for name in names]
    for project in others:
        actor.cloud.grant(actor.user_id, project.id, "member")
    first = enter(actor)
    return [first, *(Party(first.client, project, actor.user) for project in others)]


def test_what_waits_in_another_project(enter: Enter, producer: Actor, consumer: Actor) -> None:
    first, second = homes_of(consumer, enter, 2)
    what_waits_in_another_project(enter(producer), first, second, new_image(producer))


def test_signing_out_revokes_each_projects_token(enter: Enter, new_actor: NewActor) -> None:
    first, *_others = homes_of(new_actor("many"), enter, 6)
    assert list(counts(first.client).values()) == [0] * 6
    cloud = session.load(first.client.session, request_id="req-test")
    assert cloud
    kept = other_projects.load(first.client.session, user=cloud.user)
    assert len(kept) == 5
    first.client.post(reverse("sign-out"))
    for token in (cloud.token, *kept.values()):
        with pytest.raises(SessionEnded):
            session.connection().identity.check(token.id, request_id="req-test")


def test_a_link_through_its_life(
    enter: Enter, producer: Actor, consumer: Actor, stranger: Actor
) -> None:
    image_id = new_image(producer)
    a_link_through_its_life(enter(producer), enter(consumer), enter(stranger), image_id)
