"""The secret key is changed while the site runs: host by host, and nobody is signed out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.live.conftest import Actor
from tests.many.person import Person
from tests.many.site import Host, Site


@pytest.fixture
def new_key(site: Site, a: Host, b: Host) -> Iterator[str]:
    yield secrets.token_urlsafe(50)
    site.restart(a, b)


def test_sessions_go_on_in_both_directions(
    new_key: str, ada: Actor, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    """Half-way, one host has the new key first and the other still the old; each reads both."""
    old, new = site.secret_key, new_key
    before = Person().sign_in(a, ada)
    before.post(b, "/producer/groups/", name="Partners", rows="ab" * 16)
    site.restart(a, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    site.restart(b, SECRET_KEY=old, SECRET_KEY_FALLBACKS=new)
    meanwhile = Person().sign_in(a, chen)
    for person in (before, meanwhile):
        for host in (b, a):
            assert person.is_signed_in(host)
            wrote = person.post(host, "/producer/groups/", name=f"at {host.name}", rows="cd" * 16)
            assert wrote.status_code == 302
    site.restart(b, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    for person in (before, meanwhile):
        assert person.is_signed_in(a)
        assert person.is_signed_in(b)
        for name in ("at a", "at b"):
            assert name in person.get(b, "/producer/groups/").text
    assert "Partners" in before.get(b, "/producer/groups/").text
