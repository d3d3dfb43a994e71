"""A cloud to try things on: the fake one or the real one."""

from __future__ import annotations

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from sharing.cloud.identity import Identity
from sharing.cloud.images import ImagesClient
from sharing.cloud.resources import Image, Token
from sharing.cloud.transport import Timeout, Transport, new_request_id
from sharing.cloud.websso import Choice

PASSWORD = "correct horse battery"
PASSCODE_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PATIENT = Timeout(connect=5, read=30)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A user, signed in for one project."""

    name: str
    project_id: str
    unscoped: Token
    token: Token
    client: ImagesClient


class World(ABC):
    """``quota`` is how many members an image may have."""

    auth_url: str
    transport: Transport
    quota = 128

    @property
    def identity(self) -> Identity:
        return Identity(auth_url=self.auth_url, transport=self.transport, timeout=PATIENT)

    @abstractmethod
    def new_project(self, name: str) -> str: ...

    @abstractmethod
    def new_user(self, name: str, password: str, roles: Mapping[str, str]) -> None:
        """``roles``: project ID → the name of the user's role there."""

    @abstractmethod
    def new_application_credential(self, person: Person) -> tuple[str, str]: ...

    @abstractmethod
    def ask_for_passcodes(self, person: Person, rules: list[list[str]]) -> str:
        """From now on one of these combinations of methods lets the person in, no other; the
        secret of the one-time passcodes."""

    @abstractmethod
    def websso_token(self, choice: Choice, name: str, project_id: str) -> str:
        """What the page of WebSSO sends for someone with a role in the project; none if empty."""

    @abstractmethod
    def disable_project(self, project_id: str) -> None: ...

    @abstractmethod
    def stop_keystone(self) -> None: ...

    @abstractmethod
    def start_keystone(self) -> None: ...

    @abstractmethod
    def stop_glance(self) -> None: ...

    @abstractmethod
    def start_glance(self) -> None: ...

    @abstractmethod
    def pass_time(self) -> None:
        """Until the services' clocks, which have whole seconds, show another time."""

    @abstractmethod
    def add_twice(self, owner: Person, image_id: str) -> str:
        """A project that is a member of the image in two rows (trap 2)."""

    def person(
        self, name: str = "someone", *, role: str = "member", project_id: str = ""
    ) -> Person:
        """A new user, of a new project if none is given."""
        name = f"{name}-{next(_numbers)}"
        project_id = project_id or self.new_project(f"{name}-project")
        self.new_user(name, PASSWORD, {project_id: role})
        return self.signed_in(name, project_id)

    def signed_in(self, name: str, project_id: str) -> Person:
        request_id = new_request_id()
        unscoped = self.identity.sign_in_with_password(
            username=name, password=PASSWORD, domain="Default", request_id=request_id
        )
        token = self.identity.scope(unscoped, project_id, request_id=request_id)
        return Person(name, project_id, unscoped, token, self.client(token))

    def client(self, token: Token, *, page_size: int = 1000) -> ImagesClient:
        request_id = new_request_id()
        return ImagesClient(
            transport=self.transport,
            base_url=image_url(token),
            token=token,
            request_id=request_id,
            check_token=lambda: self.identity.check(token.id, request_id=request_id),
            timeout=PATIENT,
            page_size=page_size,
        )

    def image(self, owner: Person, name: str = "image", **properties: Any) -> str:
        """A new image's ID, made through the API; ``properties`` are the API's."""
        facts = {"name": name, "disk_format": "raw", "container_format": "bare"} | properties
        answer = self.raw("POST", "/v2/images", owner, json=facts)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def shared_image(self, owner: Person, *consumers: Person, **properties: Any) -> str:
        image_id = self.image(owner, **properties)
        for consumer in consumers:
            owner.client.add_member(image_id, consumer.project_id)
        return image_id

    def settle(self, is_so: Callable[[], bool]) -> None:
        """Wait until the services have noticed."""
        deadline = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < deadline, "it does not come true"
            time.sleep(0.1)

    def raw(
        self,
        method: str,
        path: str,
        person: Person,
        *,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> requests.Response:
        """The Image API's own answer, past the client."""
        sent = {"X-Auth-Token": person.token.id, "Accept": "application/json", **(headers or {})}
        return self.transport.session(PATIENT).request(
            method, image_url(person.token) + path, headers=sent, allow_redirects=False, **kwargs
        )


def image_url(token: Token) -> str:
    return next(iter(token.image_urls.values()))


def names(images: tuple[Image, ...]) -> list[str]:
    return [image.name for image in images]
