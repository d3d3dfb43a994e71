"""The real Keystone and Glance, started once for all the tests of this folder. Without them these
tests fail.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.demo.cloud import DemoCloud
from portal.demo.stack import Demo
from tests.live.browser import Browser

HERE = Path(__file__).parent
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("enable_socket")


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


@pytest.fixture(scope="module")
def una(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """At a portal, a worker, a Keystone and a Glance as ``make demo`` runs them."""
    with Demo(tmp_path_factory.mktemp("browser") / "demo", usual_ports=False) as demo:
        yield Browser(demo)
