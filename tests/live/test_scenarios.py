"""The scenarios on the real Keystone and Glance: what the fake claims, these do.

Not here, since the real ones cannot be made to do it in a test: a token that outlives its
revocation at Glance (14: the cloud of the tests asks Keystone each time), and a catalogue whose
address has a path (7). Trap 17 is about what the portal sends: test_transport.py
has it on real sockets. Trap 8's typing error is only here: the fake fails the test that makes one.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Mapping

import pytest

from portal.demo import company
from portal.demo.cloud import DemoCloud
from sharing.cloud import websso
from sharing.cloud.transport import Transport
from sharing.cloud.websso import Choice
from tests.scenarios.calls import CallTraps
from tests.scenarios.image_data import ImageDataRules
from tests.scenarios.lists import ImageRules, ListTraps
from tests.scenarios.members import MemberRules, MemberTraps
from tests.scenarios.sign_in import SignInRules
from tests.scenarios.world import PASSCODE_SECRET, PASSWORD, Person, World

COPY_OF_A_MEMBER = """
    INSERT INTO image_members (image_id, member, can_share, status, created_at, updated_at, deleted)
    SELECT image_id, member, can_share, status, created_at, updated_at, deleted
    FROM image_members WHERE image_id = ? AND member = ? AND NOT deleted
"""


class RealWorld(World):
    def __init__(self, cloud: DemoCloud) -> None:
        self._cloud = cloud
        self.auth_url = cloud.auth_url
        self.transport = Transport()
        self._names: dict[str, str] = {}

    def new_project(self, name: str) -> str:
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        project_id = self._cloud.create_project(name)
        self._names[project_id] = name
        return project_id

    def new_user(self, name: str, password: str, roles: Mapping[str, str]) -> None:
        user_id = self._cloud.create_user(name, password)
        for project_id, role in roles.items():
            self._cloud.grant(user_id, project_id, role)

    def new_application_credential(self, person: Person) -> tuple[str, str]:
        return self._cloud.create_application_credential(person.name, PASSWORD, person.project_id)

    def ask_for_passcodes(self, person: Person, rules: list[list[str]]) -> str:
        user_id = person.token.user.id
        self._cloud.ask_for_passcodes(user_id, secret=PASSCODE_SECRET, rules=rules)
        return PASSCODE_SECRET

    def websso_token(self, choice: Choice, name: str, project_id: str) -> str:
        if project_id:
            self._cloud.employ(name, self._names[project_id])
        there = websso.address(self.auth_url, choice, origin=company.USUAL_DASHBOARD)
        return company.sign_in(there, name)

    def disable_project(self, project_id: str) -> None:
        self._cloud.disable_project(project_id)

    def stop_keystone(self) -> None:
        self._cloud.stop_keystone()

    def start_keystone(self) -> None:
        self._cloud.start_keystone()

    def stop_glance(self) -> None:
        self._cloud.stop_glance()

    def start_glance(self) -> None:
        self._cloud.start_glance()

    def pass_time(self) -> None:
        time.sleep(1.1)

    def add_twice(self, owner: Person, image_id: str) -> str:
        """The second row is written beside Glance, which lets it in only when a race is lost: its
        database has no rule against it, and the demo's Glance takes one write at a time.
        """
        project_id = uuid.uuid4().hex
        owner.client.add_member(image_id, project_id)
        database = self._cloud.state_dir / "glance" / "glance.db"
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection, connection:
            written = connection.execute(COPY_OF_A_MEMBER, (image_id, project_id)).rowcount
        assert written == 1
        return project_id


@pytest.fixture
def world(demo_cloud: DemoCloud) -> RealWorld:
    return RealWorld(demo_cloud)


class TestCallTraps(CallTraps): ...


class TestListTraps(ListTraps):
    def test_trap_08_a_typing_error_finds_nothing(self, world: World) -> None:
        ada = world.person()
        world.image(ada)
        answer = world.raw("GET", "/v2/images?vizibility=shared", ada)
        assert (answer.status_code, answer.json()["images"]) == (200, [])


class TestImageRules(ImageRules): ...


class TestImageDataRules(ImageDataRules): ...


class TestMemberTraps(MemberTraps): ...


class TestMemberRules(MemberRules): ...


class TestSignInRules(SignInRules): ...
