"""A real Keystone and a real Glance on the loopback address, for the demo, the tests and the
benchmarks.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from portal.demo import cloud_config, company, keystone_admin
from portal.demo.cloud_config import REGION, CloudFiles
from portal.demo.cloud_template import (
    ENVIRONMENT,
    child_environment,
    copy_template,
    read_credentials,
)
from portal.demo.keystone_admin import KeystoneAdmin
from portal.demo.ports import Port
from portal.demo.processes import Child, ChildDied, stop_all, tail

KEYSTONE_PORT = 5000
GLANCE_PORT = 9292
READY_SECONDS = 150.0


class DemoCloud:
    """Keystone and Glance with all their data in `state_dir`, which is made when it is not there.

    The ports are the usual ones when they are free and any others when they are not (0 asks for
    any). A cloud that is started again on its old `state_dir` has its old data, on whatever ports.
    `dashboard` is the address that Keystone may send the tokens of WebSSO to. Nothing of the cloud
    outlives this process.
    """

    region = REGION
    admin_user = "admin"
    admin_project = "admin"

    def __init__(
        self,
        state_dir: Path,
        *,
        keystone_port: int = KEYSTONE_PORT,
        glance_port: int = GLANCE_PORT,
        dashboard: str = company.USUAL_DASHBOARD,
    ) -> None:
        self._dashboard = dashboard
        self.state_dir = state_dir.resolve()
        self._files = CloudFiles(self.state_dir, ENVIRONMENT)
        self._wanted = (keystone_port, glance_port)
        self._ports: tuple[Port, ...] = ()
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def auth_url(self) -> str:
        """Keystone's, with /v3 at its end."""
        return f"{self._ports[0].url}/v3"

    @property
    def image_url(self) -> str:
        """Glance's, without a version."""
        return self._ports[1].url

    @property
    def admin_password(self) -> str:
        return self._credentials.admin_password

    def reserve(self) -> None:
        """Settle the addresses, which are known from here on; `start` does it where it is not done.

        Raises FileNotFoundError or ValueError when what is in `state_dir` is not a cloud.
        """
        if not self.state_dir.exists():
            copy_template(self.state_dir)
        self._credentials = read_credentials(self.state_dir)
        self._ports = tuple(Port(wanted) for wanted in self._wanted)

    def start(self) -> None:
        if not self._ports:
            self.reserve()
        self._keystone, self._glance = self._written_keystone(), self._written_glance()
        self._children = [self._keystone, self._glance]
        try:
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End both; fine to call twice."""
        stop_all(self._children)
        for port in self._ports:
            port.release()
        self._children, self._ports = [], ()

    def check(self) -> None:
        """`ChildDied`, with the end of its log, when Keystone or Glance is no longer there."""
        for child in self._children:
            child.check()

    # Users and projects. Every one of them is in the domain Default.

    def create_project(self, name: str) -> str:
        """The project's ID; that of an existing project of this name when there is one."""
        return self._admin.ensure_project(name)

    def create_user(self, name: str, password: str) -> str:
        """The user's ID; that of an existing user of this name, whose password stays, when there
        is one.
        """
        return self._admin.ensure_user(name, password)

    def grant(self, user_id: str, project_id: str, role: str = "member") -> None:
        """`role` is reader, member or admin."""
        self._admin.grant(user_id, project_id, role)

    def set_password(self, user_id: str, password: str) -> None:
        """All tokens of the user are worth nothing from then on."""
        self._admin.set_password(user_id, password)

    def ask_for_passcodes(self, user_id: str, *, secret: str, rules: list[list[str]]) -> None:
        """`secret` makes the user's one-time passcodes; each of `rules` is a combination of methods
        that lets the user in, and nothing else does.
        """
        self._admin.ask_for_passcodes(user_id, secret, rules)

    def disable_project(self, project_id: str) -> None:
        self._admin.disable_project(project_id)

    def add_region(self, name: str) -> None:
        """A second region in the catalogue, whose image endpoint is the same Glance."""
        self._admin.ensure_region(name)
        service = self._admin.ensure_service("image", "glance")
        self._admin.point_endpoints(service, self.image_url, also_in=name)

    def create_application_credential(
        self, user: str, password: str, project: str
    ) -> tuple[str, str]:
        """(ID, secret) of a new one, made by the user himself. `user` is a name, `project` an ID
        or a name.
        """
        token = self.token(user, password, project)
        return keystone_admin.new_application_credential(self.auth_url, token)

    def employ(self, name: str, project: str) -> None:
        """`name` can sign in at the company's page, and is member of the project of that name."""
        company.employ(self._files.keystone, name, project)

    def token(self, user: str, password: str, project: str) -> str:
        """A token by password. `user` is a name, `project` an ID or a name."""
        return keystone_admin.password_token(
            self.auth_url, user=user, password=password, project=project
        )

    def admin_token(self) -> str:
        return self.token(self.admin_user, self.admin_password, self.admin_project)

    # Bad weather. A stopped server refuses connections, a frozen one takes them and does not
    # answer.

    def stop_keystone(self) -> None:
        self._keystone.stop()

    def start_keystone(self) -> None:
        self._keystone.start()
        self._wait_for(self._keystone, self.auth_url)

    def stop_glance(self) -> None:
        self._glance.stop()

    def kill_glance(self) -> None:
        """As a lost machine: whatever it was doing is left as it was."""
        self._glance.kill()

    def start_glance(self) -> None:
        self._glance.start()
        self._wait_for(self._glance, f"{self.image_url}/healthcheck")

    def freeze_keystone(self) -> None:
        self._keystone.freeze()

    def thaw_keystone(self) -> None:
        self._keystone.thaw()

    def freeze_glance(self) -> None:
        self._glance.freeze()

    def thaw_glance(self) -> None:
        self._glance.thaw()

    def _start_all(self) -> None:
        self.start_keystone()
        self._admin = KeystoneAdmin(self.auth_url, self.admin_password)
        company.introduce(self._admin)
        self._fill_catalogue()
        self.start_glance()

    def _fill_catalogue(self) -> None:
        """What Glance needs of Keystone before it starts. Endpoints hold ports, so they may have
        moved.
        """
        admin = self._admin
        project = admin.ensure_project("service")
        user = admin.ensure_user("glance", self._credentials.glance_password)
        admin.grant(user, project, "service")
        admin.point_endpoints(admin.ensure_service("identity", "keystone"), self.auth_url)
        image = admin.ensure_service("image", "glance")
        admin.point_endpoints(image, self.image_url, also_in=self.region)

    def _written_keystone(self) -> Child:
        cloud_config.write_keystone(self._files, dashboard=self._dashboard)
        return self._server(
            "keystone",
            self._files.keystone,
            bind=self._ports[0].address,
            workers=1,  # its cache is in memory, and right only when nobody else writes
            env={"OS_KEYSTONE_CONFIG_FILES": str(self._files.keystone / "keystone.conf")},
        )

    def _written_glance(self) -> Child:
        cloud_config.write_glance(
            self._files,
            auth_url=self.auth_url,
            image_url=self.image_url,
            password=self._credentials.glance_password,
        )
        return self._server(
            "glance",
            self._files.glance,
            bind=self._ports[1].address,
            workers=2,
            env={
                "OS_GLANCE_CONFIG_DIR": str(self._files.glance),
                "DEMO_AUTH_URL": self.auth_url,
            },
        )

    def _server(
        self, name: str, folder: Path, *, bind: str, workers: int, env: dict[str, str]
    ) -> Child:
        settings = cloud_config.write_gunicorn(
            folder, app=f"{name}.wsgi.api:application", bind=bind, workers=workers
        )
        about = {
            "GUNICORN_CMD_ARGS": f"--config={settings}",
            "DEMO_ADMIN_PASSWORD": self.admin_password,
        }
        return Child(
            name,
            [self._files.program("gunicorn")],
            env=child_environment() | env | about,
            log=self._files.logs / f"{name}.log",
            cwd=folder,
        )

    def _wait_for(self, child: Child, url: str) -> None:
        """Until it answers at all; a worker answers nobody before it is warm."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            child.check()
            try:
                requests.get(url, timeout=1, allow_redirects=False)
            except (requests.ConnectionError, requests.Timeout):
                if time.monotonic() > deadline:
                    raise ChildDied(f"{child.name} does not answer:\n{tail(child.log)}") from None
                time.sleep(0.05)
            else:
                return
