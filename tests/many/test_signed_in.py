"""Signed in on one host is signed in on the other, and so is signed out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.live.conftest import Actor
from tests.many.person import Person
from tests.many.site import Host, Site

SIGN_OUTS = 12


def test_signed_in_here_is_signed_in_there(someone: Person, chen: Actor, a: Host, b: Host) -> None:
    someone.sign_in(a, chen)
    for path in ("/inbox/", "/producer/", "/inbox/rules/", "/producer/images/"):
        assert chen.user in someone.get(b, path).text


def test_a_form_of_one_host_can_be_sent_to_the_other(
    someone: Person, chen: Actor, a: Host, b: Host
) -> None:
    someone.sign_in(a, chen)
    made = someone.post(b, "/producer/groups/", name="Edge partners", rows="ab" * 16)
    assert made.status_code == 302, made.text
    assert "Edge partners" in someone.get(a, "/producer/groups/").text


def test_a_project_that_is_chosen_there_is_chosen_here(
    someone: Person, chen: Actor, site: Site, a: Host, b: Host
) -> None:
    other = site.cloud.create_project(f"another-of-{chen.user}")
    site.cloud.grant(chen.user_id, other)
    someone.sign_in(a, chen)
    here = someone.project_id(a)
    for host, elsewhere in ((b, a), (a, b)):
        here = other if here == chen.project_id else chen.project_id
        someone.post(host, "/scope/", project_id=here, next="/")
        assert someone.project_id(elsewhere) == here


def test_signed_out_there_is_signed_out_here_at_once(chen: Actor, a: Host, b: Host) -> None:
    """Also while pages are being loaded here: none of them keeps the session alive."""
    for _ in range(SIGN_OUTS):
        someone = Person().sign_in(a, chen)
        ended: list[float] = []

        def load(someone: Person, ended: list[float]) -> list[float]:
            """When those began that were still for somebody signed in."""
            seen, until = [], time.monotonic() + 5
            while not (ended and time.monotonic() > ended[0] + 0.1) and time.monotonic() < until:
                began = time.monotonic()
                if someone.is_signed_in(a):
                    seen.append(began)
            return seen

        with ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load, someone, ended) for _ in range(4)]
            time.sleep(0.1)
            cookie = dict(someone.http.cookies)
            assert someone.post(b, "/sign-out/").status_code == 302
            ended.append(time.monotonic())
        assert [began for one in loads for began in one.result() if began > ended[0]] == []
        someone.http.cookies.update(cookie)  # whoever has kept it is nobody
        assert not someone.is_signed_in(a)
        assert not someone.is_signed_in(b)
