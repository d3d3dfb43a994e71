"""A stateful Keystone and Image API under the transport. Its verification: tests/scenarios."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from sharing import watch
from sharing.cloud.identity import Identity
from sharing.cloud.images import ImagesClient
from sharing.cloud.resources import MemberStatus, Project, Token, User
from sharing.cloud.transport import Transport, new_request_id

from . import keystone
from .catalogue import catalogue
from .endpoints import FakeGlance
from .glance import FakeImages
from .records import FakeCredential, FakeImage, FakeProject, FakeUser
from .weather import Failure, Outages
from .wire import Call, FakeAdapter, Reply

PASSWORD = "secret"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FakeCloud(Outages):
    """Loud about what the real services do not have: unknown routes and parameters fail the test.

    ``calls`` lists what was asked, like ``"GET /v2/images"`` (without a region's own path);
    ``requests`` has the same with parameters, headers and bodies.
    """

    auth_url = keystone.URL

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        super().__init__()
        self.requests: list[Call] = []
        self.adapter = FakeAdapter(self._answer)
        self.regions("RegionOne")
        self.keystone = keystone.FakeKeystone(now, lambda: catalogue(self.image_urls))
        self.glance = FakeGlance(self.keystone, FakeImages(now))
        self._failures: list[Failure] = []
        self._sequels: list[tuple[Failure, Callable[[], object]]] = []
        self.keystone_is_ahead = timedelta(0)
        self._lock = threading.Lock()

    @property
    def calls(self) -> list[str]:
        return [str(call) for call in self.requests]

    def transport(self) -> Transport:
        return Transport(adapter=self.adapter, observe=watch.upstream)

    def identity(self) -> Identity:
        return Identity(auth_url=self.auth_url, transport=self.transport())

    def token(self, user: User, project: Project | None = None) -> Token:
        """As a sign-in gives it: unscoped, or scoped to the project."""
        known = self._user(user)
        request_id = new_request_id()
        token = self.identity().sign_in_with_password(
            username=known.name,
            password=known.password,
            domain=known.domain,
            request_id=request_id,
        )
        if project is None:
            return token
        return self.identity().scope(token, project.id, request_id=request_id)

    def client(self, user: User, project: Project, *, region: str = "") -> ImagesClient:
        """The user's client for the project, in the first region if no other is named."""
        token = self.token(user, project)
        request_id = new_request_id()
        return ImagesClient(
            transport=self.transport(),
            base_url=token.image_urls[region or next(iter(token.image_urls))],
            token=token,
            request_id=request_id,
            check_token=lambda: self.identity().check(token.id, request_id=request_id),
        )

    # What is there.

    def project(self, name: str, *, is_enabled: bool = True) -> Project:
        project_id = uuid.uuid4().hex
        self.keystone.projects[project_id] = FakeProject(project_id, name, is_enabled)
        return Project(project_id, name, "Default")

    def user(
        self,
        name: str,
        password: str = PASSWORD,
        *,
        projects: Iterable[Project | str] = (),
        roles: Iterable[str] = ("member", "reader"),
        default_project: Project | None = None,
        rules: Iterable[tuple[str, ...]] = (),
        passcode_secret: str = "",
    ) -> User:
        user = FakeUser(
            id=uuid.uuid4().hex,
            name=name,
            password=password,
            domain="Default",
            default_project=default_project.id if default_project else "",
            rules=tuple(rules),
            passcode_secret=passcode_secret,
            roles={_id(project): set(roles) for project in projects},
        )
        self.keystone.users.append(user)
        return User(user.id, name, "Default", "default")

    def known_user(self, name: str) -> User:
        found = next(known for known in self.keystone.users if known.name == name)
        return User(found.id, name, "Default", "default")

    def grant(self, user: User, project: Project, *roles: str) -> None:
        """Roles in addition to those that the user has; in tokens made from now on."""
        self._user(user).roles.setdefault(project.id, set()).update(roles)

    def revoke(self, name: str, project: Project) -> None:
        """The user of this name has no role in the project any more."""
        user = next(known for known in self.keystone.users if known.name == name)
        del user.roles[project.id]

    def disable(self, project: Project) -> None:
        self.keystone.projects[project.id].is_enabled = False

    def application_credential(self, user: User, project: Project) -> tuple[str, str]:
        """Its ID and its secret."""
        found = FakeCredential(uuid.uuid4().hex, "app-secret", self._user(user), project.id)
        self.keystone.credentials[found.id] = found
        return found.id, found.secret

    def image(
        self,
        owner: Project | str,
        *,
        name: str = "image",
        visibility: str = "shared",
        region: str = "",
        **properties: Any,
    ) -> str:
        """Its ID. An active qcow2 of 1 MiB unless ``properties``, in the API's names, differ."""
        facts: dict[str, Any] = {
            "name": name,
            "visibility": visibility,
            "status": "active",
            "size": 1024 * 1024,
            "disk_format": "qcow2",
            "container_format": "bare",
            "checksum": "d41d8cd98f00b204e9800998ecf8427e",
            "os_hash_algo": "sha512",
            "os_hash_value": "cf83e1357eefb8bd" * 8,
        }
        if properties.get("status") == "queued":
            facts |= {"checksum": None, "os_hash_algo": None, "os_hash_value": None}
        where = region or next(iter(self.image_urls))
        image_id = str(uuid.uuid4())
        self.glance.images.add(image_id, _id(owner), where, facts | properties)
        return image_id

    def change_image(self, image_id: str, **properties: Any) -> None:
        self._image(image_id).properties.update(properties)

    def delete_image(self, image_id: str) -> None:
        del self.glance.images.images[image_id]

    def member(
        self, image_id: str, project: Project | str, status: MemberStatus = "pending"
    ) -> None:
        """A member, as from another tool. For one that is there already: a second row (trap 2)."""
        self.glance.members.add(self._image(image_id), _id(project), status)

    def remove_member(self, image_id: str, project: Project | str) -> None:
        for row in self._image(image_id).members(_id(project)):
            row.is_removed = True

    def member_status(self, image_id: str, project: Project | str) -> str | None:
        """The status of the project's membership, None when it has none."""
        rows = self._image(image_id).members(_id(project))
        return rows[0].status if rows else None

    def regions(self, *names: str, path: str = "", version: str = "") -> None:
        """An image endpoint for each, each with its own images: ``path`` and ``version`` end its
        address in the catalogue, like ``/image`` and ``/v2``."""
        hosts = [f"glance-{number}.test" for number in range(1, len(names) + 1)]
        self._regions = dict(zip(hosts, names, strict=True))
        self._path = path
        self.image_urls = {
            name: f"https://{host}{path}{version}" for host, name in self._regions.items()
        }

    # Bad weather.

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 502,
        html: bool = False,
        refused: bool = False,
        slow: bool = False,
        cut: bool = False,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        times: int | None = 1,
    ) -> None:
        """The next ``times`` such calls fail (None: all from now on); ``*`` in ``path`` stands
        for anything. A read that is refused or slow once is tried again: use ``times=2``. One
        that is ``cut`` is answered, and breaks off before its end."""
        weather = (status, html, refused, slow, cut, body, headers or {})
        self._failures.append(Failure(method, path, *weather, left=times))

    def after(self, method: str, path: str, action: Callable[[], object], **params: str) -> None:
        """Do something when such a call has been answered, the first time only; other calls go on
        meanwhile."""
        self._sequels.append((Failure(method, path, params=params), action))

    def expire(self, token: Token | str) -> None:
        token_id = token if isinstance(token, str) else token.id
        self.keystone.tokens[token_id].is_revoked = True

    def expire_all(self) -> None:
        for token_id in self.keystone.tokens:
            self.expire(token_id)

    def _answer(self, call: Call) -> Reply:
        with self._lock:
            name = "keystone" if call.host == keystone.HOST else "glance"
            if name == "glance":
                call = self._without_path(call)
            self.requests.append(call)
            self._check_outages(name)
            for failure in self._failures:
                if failure.hits(call):
                    return failure.reply()
            if name == "keystone":
                reply = self.keystone.answer(call)
                reply.headers["Date"] = format_datetime(_utc_now() + self.keystone_is_ahead, True)
            else:
                reply = self.glance.answer(call, self._regions[call.host])
            sequel = self._take_sequel(call)
        if sequel:
            sequel()
        return reply

    def _take_sequel(self, call: Call) -> Callable[[], object] | None:
        for sequel in self._sequels:
            if sequel[0].hits(call):
                self._sequels.remove(sequel)
                return sequel[1]
        return None

    def _without_path(self, call: Call) -> Call:
        assert call.host in self._regions, f"no such host: {call.host}"
        assert call.path.startswith(self._path + "/"), f"not under {self._path}: {call}"
        bare = call.path.removeprefix(self._path)
        return Call(call.method, call.host, bare, call.params, call.headers, call.body)

    def _user(self, user: User) -> FakeUser:
        return next(known for known in self.keystone.users if known.id == user.id)

    def _image(self, image_id: str) -> FakeImage:
        return self.glance.images.images[image_id]


def _id(project: Project | str) -> str:
    return project if isinstance(project, str) else project.id
