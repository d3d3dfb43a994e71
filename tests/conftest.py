"""The fast tests' world: a fake cloud under the transport, and people signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from django.test import Client

from sharing import session
from sharing.cloud.resources import Project
from tests.fake.cloud import FakeCloud
from tests.sessions import signed_in

PASSWORD = "correct horse"


@dataclass
class Party:
    """Someone signed in for a project, with a browser of their own."""

    client: Client
    project: Project
    name: str


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloud]:
    cloud = FakeCloud()
    monkeypatch.setattr(session, "new_transport", cloud.transport)
    session.connection.cache_clear()
    yield cloud
    session.connection.cache_clear()


@pytest.fixture
def sign_in(fake: FakeCloud, db: None) -> Callable[[str], Client]:
    """A browser in which a user of the fake cloud has signed in."""
    return partial(signed_in, fake)


def _party(fake: FakeCloud, sign_in: Callable[[str], Client], name: str, project: str) -> Party:
    home = fake.project(project)
    fake.user(name, PASSWORD, projects=[home])
    return Party(sign_in(name), home, name)


@pytest.fixture
def producer(fake: FakeCloud, sign_in: Callable[[str], Client]) -> Party:
    return _party(fake, sign_in, "ada", "acme-images")


@pytest.fixture
def consumer(fake: FakeCloud, sign_in: Callable[[str], Client]) -> Party:
    return _party(fake, sign_in, "chen", "orchard")


@pytest.fixture
def stranger(fake: FakeCloud, sign_in: Callable[[str], Client]) -> Party:
    return _party(fake, sign_in, "mallory", "elsewhere")
