"""Every limit holds over both hosts: whoever takes turns between them, or asks both at once."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from sharing.models import Subscription
from sharing.services import inbox_feeds, keys, mail_addresses, records, reports, requests, sign_in
from tests.live.conftest import Actor
from tests.live.test_loop import new_image
from tests.many.person import Person
from tests.many.site import Host, Site

TOO_MANY = 429
Try = Callable[[Host], int]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    site: Site
    actor: Actor
    listing: str


@dataclass(frozen=True)
class Limit:
    """``begin`` makes what an attempt needs that counts towards a new key, and answers with its
    status; ``answers`` are those of an attempt that is within the limit."""

    most: int
    answers: set[int]
    begin: Callable[[World], Try]


def passwords_of_an_address(world: World) -> Try:
    address = Person().address

    def attempt(host: Host) -> int:
        return Person(address).try_to_sign_in(host, uuid.uuid4().hex, "wrong").status_code

    return attempt


def passwords_of_a_user(world: World) -> Try:
    user = uuid.uuid4().hex
    return lambda host: Person().try_to_sign_in(host, user, "wrong").status_code


def requests_from_an_address(world: World) -> Try:
    address = Person().address
    return lambda host: _ask(world, Person(address), host, f"{uuid.uuid4().hex}@orchard.test")


def requests_with_an_email(world: World) -> Try:
    email = f"{uuid.uuid4().hex}@orchard.test"
    return lambda host: _ask(world, Person(), host, email)


def reports_from_an_address(world: World) -> Try:
    address = Person().address
    form = {"reason": "other", "text": "It does not start."}

    def attempt(host: Host) -> int:
        return Person(address).post(host, f"{world.listing}report/", **form).status_code

    return attempt


def addresses_that_a_person_names(world: World) -> Try:
    person = Person().sign_in(world.site.hosts[0], world.actor)
    choices = dict.fromkeys(Subscription.KINDS, "at_once")

    def attempt(host: Host) -> int:
        email = f"{uuid.uuid4().hex}@orchard.test"
        return person.post(host, "/inbox/mail/", email=email, **choices).status_code

    return attempt


def fetches_of_a_feed(world: World) -> Try:
    person = Person().sign_in(world.site.hosts[0], world.actor)
    page = person.get(world.site.hosts[0], "/inbox/feeds/").text
    project, instead = re.findall(r'name="(?:project|instead_of)" value="(\w+)"', page)[:2], {}
    if len(project) > 1 and project[1].isdecimal():
        instead = {"instead_of": project[1]}
    page = person.post(world.site.hosts[1], "/inbox/feeds/", project=project[0], **instead).text
    found = re.search(r'data-feed-address="http://[^/]+([^"]+)"', page)
    assert found, page
    return lambda host: Person().get(host, found[1]).status_code


def guesses_of_a_key(world: World) -> Try:
    """Of whatever kind."""
    address, kinds = Person().address, itertools.cycle(("/access/{}/", "/feeds/{}.atom"))

    def attempt(host: Host) -> int:
        return Person(address).get(host, next(kinds).format(uuid.uuid4().hex)).status_code

    return attempt


def mails_that_are_sent_again(world: World) -> Try:
    person, image = Person().sign_in(world.site.hosts[0], world.actor), new_image(world.actor)
    form = {"project_id": uuid.uuid4().hex, "email": "chen@orchard.test"}
    person.post(world.site.hosts[0], f"/producer/images/{image}/members/", **form)
    [[mail]] = world.site.select("SELECT id FROM sharing_outgoingmail WHERE image_id = %s", image)
    return lambda host: person.post(host, f"/producer/mail/{mail}/retry/").status_code


LIMITS = [
    Limit(sign_in.WRONG_PASSWORDS, {422}, passwords_of_an_address),
    Limit(sign_in.WRONG_PASSWORDS, {422}, passwords_of_a_user),
    Limit(requests.REQUESTS_PER_HOUR, {302}, requests_from_an_address),
    Limit(requests.CONFIRMATIONS_PER_HOUR, {302}, requests_with_an_email),
    Limit(reports.REPORTS_PER_HOUR, {302}, reports_from_an_address),
    Limit(mail_addresses.ASKED_PER_HOUR, {302}, addresses_that_a_person_names),
    Limit(inbox_feeds.FETCHES, {200}, fetches_of_a_feed),
    Limit(keys.WRONG_ONES, {404}, guesses_of_a_key),
    Limit(records.RETRIES_PER_HOUR, {302, 409}, mails_that_are_sent_again),
]


@pytest.fixture(scope="module")
def listing(site: Site, new_actor: Callable[[], Actor]) -> str:
    """The page of a published one."""
    ada = new_actor()
    producer, a = Person().sign_in(site.hosts[0], ada), site.hosts[0]
    form = {"title": "Debian 12", "contact_email": "ada@acme.test", "state": "published"}
    image = new_image(ada)
    answer = producer.post(a, f"/producer/images/{image}/listing/", **form)
    assert answer.status_code == 302, answer.text
    [[slug]] = site.select("SELECT slug FROM sharing_listing WHERE image_id = %s", image)
    return f"/catalogue/{slug}/"


@pytest.fixture
def world(site: Site, chen: Actor, listing: str) -> World:
    return World(site, chen, listing)


@pytest.fixture(params=LIMITS, ids=lambda limit: str(limit.begin.__name__))
def limit(request: pytest.FixtureRequest) -> Limit:
    found: Limit = request.param
    return found


def test_taking_turns_gets_nobody_further(limit: Limit, world: World) -> None:
    attempt, hosts = limit.begin(world), itertools.cycle(world.site.hosts)
    within = [attempt(next(hosts)) for _ in range(limit.most)]
    assert set(within) <= limit.answers, within
    assert [attempt(host) for host in world.site.hosts] == [TOO_MANY, TOO_MANY]


def test_at_once_no_more_get_through(limit: Limit, world: World) -> None:
    """They stand in a row before the table, and start together."""
    attempt, size = limit.begin(world), limit.most + 16
    with ThreadPoolExecutor(size) as pool:
        with world.site.held("sharing_attempt", until_waiting=min(size, 24)):
            begun = [
                pool.submit(attempt, host)
                for host, _ in zip(_in_turn(world), range(size), strict=False)
            ]
        answers = [one.result() for one in begun]
    counted = Counter(answers)
    assert counted.pop(TOO_MANY) == 16, answers
    assert set(counted) <= limit.answers, answers


def _in_turn(world: World) -> Iterator[Host]:
    return itertools.cycle(world.site.hosts)


def _ask(world: World, person: Person, host: Host, email: str) -> int:
    """Each for another project: that has a limit of its own."""
    form = {"project_id": uuid.uuid4().hex, "email": email, "message": "Please."}
    return person.post(host, f"{world.listing}request/", **form).status_code
