"""Redis dies, or a host: the pages go on, nobody is signed out, and no limit is forgotten."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.demo.processes import ChildDied
from sharing.services.sign_in import WRONG_PASSWORDS
from tests.live.conftest import Actor
from tests.live.processes import comes_true
from tests.many.person import Person
from tests.many.site import Host, Site

PAGES = ("/", "/inbox/", "/inbox/waiting/", "/producer/", "/inbox/feeds/", "/readyz")
# What a page may take on a busy machine; without a bound it would wait for Redis for ever.
PATIENCE = 3.0


@pytest.fixture
def mended(site: Site) -> Iterator[Site]:
    yield site
    site.redis.kill()
    site.redis.start()


def look_around(person: Person, site: Site, *, rounds: int = 2) -> set[int]:
    """The statuses of all pages on both hosts, many at a time."""
    wanted = [(host, page) for host in site.hosts for page in PAGES] * rounds

    def look(one: tuple[Host, str]) -> int:
        began = time.monotonic()
        status = person.get(*one).status_code
        assert time.monotonic() - began < PATIENCE, one
        return status

    with ThreadPoolExecutor(4) as pool:
        return set(pool.map(look, wanted))


def test_redis_is_killed_in_the_middle(
    someone: Person, chen: Actor, mended: Site, a: Host, b: Host
) -> None:
    someone.sign_in(a, chen)
    assert look_around(someone, mended) == {200}
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look_around, someone, mended, rounds=8)
        time.sleep(0.5)
        mended.redis.kill()
        assert looking.result() == {200}
    assert a.readiness()[0] == 200
    assert a.readiness()[1]["cache"] == "away"
    with pytest.raises(ChildDied, match=r"BAD  cache: Redis keeps nothing\n.*CACHE_URL"):
        doctor(mended)
    assert Person().sign_in(b, chen).is_signed_in(a)
    mended.redis.start()
    assert look_around(someone, mended) == {200}
    assert comes_true(lambda: b.readiness()[1]["cache"] == "ok")
    assert someone.is_signed_in(a)


def test_redis_answers_nobody(someone: Person, chen: Actor, mended: Site, a: Host) -> None:
    someone.sign_in(a, chen)
    mended.redis.freeze()
    assert look_around(someone, mended, rounds=1) == {200}
    assert someone.is_signed_in(a)


def test_redis_is_emptied_and_no_limit_is(someone: Person, site: Site, a: Host, b: Host) -> None:
    for number in range(WRONG_PASSWORDS):
        assert someone.try_to_sign_in((a, b)[number % 2], f"nobody-{number}", "no").ok is False
        site.redis.forget_everything()
    assert someone.try_to_sign_in(a, "nobody", "no").status_code == 429


def test_a_host_is_lost_and_comes_back(
    someone: Person, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    """Whoever was signed in there goes on elsewhere; and its figures' folder is not left behind."""
    someone.sign_in(a, chen)
    a.web.kill()
    assert someone.is_signed_in(b)
    site.start(a)
    assert someone.is_signed_in(a)
    assert len(list(a.temporary.glob("portal-counts-*"))) == 1


def test_the_doctor_says_how_near_the_database_is_to_its_bound(site: Site) -> None:
    said = re.findall(r"ok   database: postgresql, (\d+) of 200 connections", doctor(site))
    assert 1 <= int(said[-1]) < 160


def doctor(site: Site) -> str:
    """What it has said so far; ChildDied when it is not content."""
    with site.manage("doctor") as command:
        command.wait()
    return command.log.read_text()
