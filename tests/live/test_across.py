"""A user of several projects, and a share's link, on the real Keystone and Image API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from sharing import other_projects, session
from sharing.cloud.errors import SessionEnded
from sharing.cloud.resources import Project
from tests.conftest import Party
from tests.live.conftest import Actor, NewActor
from tests.live.slow import slowly
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios.across import what_waits_in_another_project
from tests.scenarios.links import a_link_through_its_life
from tests.scenarios.shares import share
from tests.waiting import counts, look, said

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


def test_with_keystone_5_s_slow_the_page_is_there_and_the_counts_come(
    enter: Enter, producer: Actor, new_actor: NewActor, settings: Any
) -> None:
    first, second, *_more = homes_of(new_actor("many"), enter, 8)
    share(enter(producer), second, new_image(producer))
    with slowly(settings.OS_AUTH_URL, seconds=5) as address:
        settings.OS_AUTH_URL = address
        session.connection.cache_clear()
        cache.clear()
        assert took(lambda: first.client.get(reverse("inbox"))) < 2
        late = took(lambda: look(first.client))
        assert 5 < late < 15, "it waits for all, four at a time, but no longer than it says"
    found = said(look(first.client))
    assert f"1 waits in project {second.project.name}" in found
    print(f"\nwhat waits in eight projects, Keystone 5 s late: {late:.1f} s")


def took(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def test_a_link_through_its_life(
    enter: Enter, producer: Actor, consumer: Actor, stranger: Actor
) -> None:
    image_id = new_image(producer)
    a_link_through_its_life(enter(producer), enter(consumer), enter(stranger), image_id)
