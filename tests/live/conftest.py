"""The real Keystone and Glance, started once for all the tests of this folder. Without them these
tests fail.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from portal.demo.cloud import DemoCloud
from portal.demo.stack import Demo
from tests.live.browser import Browser
from tests.together import scheduler

PASSWORD = "correct horse"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Actor:
    """One user who is member of one project. `token` is scoped to it."""

    cloud: DemoCloud
    user: str
    user_id: str
    password: str
    project: str
    project_id: str

    def token(self) -> str:
        return self.cloud.token(self.user, self.password, self.project_id)


NewActor = Callable[..., Actor]
AT_THE_PORTAL = ("test_fetch.py", "test_secrets.py", "test_tabs.py", "test_upload_weather.py")


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("enable_socket")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """A file's tests stay together, and so do the files that are about the one portal."""

    def together(nodeid: str) -> str:
        file = nodeid.split("::", maxsplit=1)[0]
        return "portal" if file.endswith(AT_THE_PORTAL) else file

    return scheduler(config, log, together)


@pytest.fixture(scope="session")
def demo_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCloud]:
    with DemoCloud(
        tmp_path_factory.mktemp("live") / "cloud", keystone_port=0, glance_port=0
    ) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def new_actor(demo_cloud: DemoCloud) -> NewActor:
    """Makes a new user in a new project: `new_actor("producer")`, or with another `role=` than
    member.
    """

    def make(name: str = "actor", role: str = "member") -> Actor:
        number = next(_numbers)
        user, project = f"{name}-{number}", f"{name}-project-{number}"
        user_id = demo_cloud.create_user(user, PASSWORD)
        project_id = demo_cloud.create_project(project)
        demo_cloud.grant(user_id, project_id, role)
        return Actor(demo_cloud, user, user_id, PASSWORD, project, project_id)

    return make


@pytest.fixture
def producer(new_actor: NewActor) -> Actor:
    return new_actor("producer")


@pytest.fixture
def consumer(new_actor: NewActor) -> Actor:
    return new_actor("consumer")


@pytest.fixture
def stranger(new_actor: NewActor) -> Actor:
    return new_actor("stranger")


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A portal, a worker, a Keystone and a Glance as ``make demo`` runs them, with nothing in
    them. Who treats one of them badly leaves it well.
    """
    state, database = tmp_path_factory.mktemp("portal") / "demo", os.environ.get("DATABASE_URL", "")
    with Demo(state, usual_ports=False, database_url=database) as demo:
        yield demo


@pytest.fixture(scope="module")
def una(portal: Demo) -> Browser:
    return Browser(portal)
