from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from sharing.cloud.resources import Project
from sharing.cloud.websso import Choice
from tests.fake import FakeCloud
from tests.scenarios.world import PASSCODE_SECRET, Person, World


class FakeWorld(World):
    def __init__(self) -> None:
        self._offset = timedelta()
        self.fake = FakeCloud(lambda: datetime.now(UTC) + self._offset)
        self.auth_url = self.fake.auth_url
        self.transport = self.fake.transport()

    def new_project(self, name: str) -> str:
        return self.fake.project(name).id

    def new_user(self, name: str, password: str, roles: Mapping[str, str]) -> None:
        user = self.fake.user(name, password)
        for project_id, role in roles.items():
            implied = {"admin": ("admin", "member", "reader"), "member": ("member", "reader")}
            self.fake.grant(user, Project(project_id, ""), *implied.get(role, (role,)))

    def new_application_credential(self, person: Person) -> tuple[str, str]:
        user, project = person.token.user, person.token.project
        assert project is not None
        return self.fake.application_credential(user, project)

    def ask_for_passcodes(self, person: Person, rules: list[list[str]]) -> str:
        user = next(one for one in self.fake.keystone.users if one.name == person.name)
        user.rules = tuple(tuple(rule) for rule in rules)
        user.passcode_secret = PASSCODE_SECRET
        return user.passcode_secret

    def websso_token(self, choice: Choice, name: str, project_id: str) -> str:
        user = self.fake.user(name, projects=[project_id] if project_id else [])
        return self.fake.keystone.websso_token(user.id, protocol=choice.protocol)

    def disable_project(self, project_id: str) -> None:
        self.fake.disable(Project(project_id, ""))

    def stop_keystone(self) -> None:
        self.fake.stop_keystone()

    def start_keystone(self) -> None:
        self.fake.start_keystone()

    def stop_glance(self) -> None:
        self.fake.stop_glance()

    def start_glance(self) -> None:
        self.fake.start_glance()

    def pass_time(self) -> None:
        self._offset += timedelta(seconds=1)

    def add_twice(self, owner: Person, image_id: str) -> str:
        project_id = uuid.uuid4().hex
        owner.client.add_member(image_id, project_id)
        self.fake.member(image_id, project_id)
        return project_id


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()
