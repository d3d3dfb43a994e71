"""The secret key is changed while the site runs: host by host, and nobody is signed out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.live.conftest import Actor
from tests.many.person import Person
from tests.many.site import Host, Site


@pytest.fixture
def half_way(site: Site, a: Host, b: Host) -> Iterator[str]:
    """The one host has the new key already, the other still the old one; each reads both."""
    old, new = site.secret_key, secrets.token_urlsafe(50)
    yield new
    for host in (a, b):
        site.restart(host, SECRET_KEY=old)


def test_sessions_go_on_in_both_directions(
    half_way: str, ada: Actor, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    old, new = site.secret_key, half_way
    before = Person().sign_in(a, ada)
    before.post(b, "/producer/groups/", name="Partners", rows="ab" * 16)
    site.restart(a, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    site.restart(b, SECRET_KEY=old, SECRET_KEY_FALLBACKS=new)
    meanwhile = Person().sign_in(a, chen)
    for person in (before, meanwhile):
        for host in (b, a, b):
            assert person.is_signed_in(host)
            wrote = person.post(host, "/producer/groups/", name=f"at {host.name}", rows="cd" * 16)
            assert wrote.status_code in {302, 422}
    site.restart(b, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    for person in (before, meanwhile):
        assert person.is_signed_in(a)
        assert person.is_signed_in(b)
        for name in ("at a", "at b"):
            assert name in person.get(b, "/producer/groups/").text
    assert "Partners" in before.get(b, "/producer/groups/").text


def test_an_unknown_key_asks_for_a_new_sign_in_and_breaks_nothing(
    half_way: str, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    """A host that was forgotten does not know the new key: its page leads to the sign-in."""
    site.restart(a, SECRET_KEY=half_way)
    person = Person().sign_in(a, chen)
    assert person.get(b, "/inbox/").headers["Location"].startswith("/sign-in/")
    assert person.is_signed_in(a)
