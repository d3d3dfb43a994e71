"""One site on two hosts for all the tests of this folder."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.conftest import Actor
from tests.many.person import Person
from tests.many.site import Host, Site

HERE = Path(__file__).parent
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("enable_socket")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("many")) as site:
        yield site
        site.check()


@pytest.fixture(scope="session")
def a(site: Site) -> Host:
    return site.hosts[0]


@pytest.fixture(scope="session")
def b(site: Site) -> Host:
    return site.hosts[1]


@pytest.fixture(scope="session")
def new_actor(site: Site) -> Callable[[], Actor]:
    """A new user in a project of his own."""

    def make() -> Actor:
        user, password = f"user-{next(_numbers)}", "correct horse"
        user_id = site.cloud.create_user(user, password)
        project_id = site.cloud.create_project(f"project-of-{user}")
        site.cloud.grant(user_id, project_id)
        return Actor(site.cloud, user, user_id, password, f"project-of-{user}", project_id)

    return make


@pytest.fixture
def chen(new_actor: Callable[[], Actor]) -> Actor:
    """A consumer."""
    return new_actor()


@pytest.fixture
def ada(new_actor: Callable[[], Actor]) -> Actor:
    """A producer."""
    return new_actor()


@pytest.fixture
def someone() -> Person:
    """Not signed in."""
    return Person()
