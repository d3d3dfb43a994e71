"""Where it is measured: the demo as it is run for real. PostgreSQL, and two workers for each of two
cores (docs/deploy.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.demo.cloud_template import ROOT
from portal.demo.keystone_admin import call
from portal.demo.postgres import Cluster
from portal.demo.stack import Demo

WORKERS = 4
PASSWORD = "correct horse"
PROGRAMS = ROOT / ".venv-bench" / "bin"
FACTS = {
    "disk_format": "raw",
    "container_format": "bare",
    "visibility": "shared",
    "os_distro": "debian",
    "os_version": "13",
    "architecture": "x86_64",
}


@dataclass(frozen=True)
class Account:
    """Somebody in one project."""

    name: str
    project_id: str
    password: str = PASSWORD


@contextmanager
def stage(report: Callable[[str], None], *, wsgi: str = "portal.wsgi") -> Iterator[Demo]:
    """All of it running and empty, and gone with the block."""
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        Cluster() as database,
        Demo(
            Path(folder) / "state",
            usual_ports=False,
            database_url=database.address,
            workers=WORKERS,
            wsgi=wsgi,
            report=report,
        ) as demo,
    ):
        yield demo


def newcomer(demo: Demo, name: str) -> Account:
    account = Account(name, demo.cloud.create_project(name))
    demo.cloud.grant(demo.cloud.create_user(name, PASSWORD), account.project_id)
    return account


def token_of(demo: Demo, account: Account) -> str:
    return demo.cloud.token(account.name, account.password, account.project_id)


def new_image(demo: Demo, token: str, name: str) -> str:
    """Its ID. It has a little data, so that it is as alive as any other."""
    images = f"{demo.cloud.image_url}/v2/images"
    image_id = str(call("POST", images, token=token, json={"name": name, **FACTS}).json()["id"])
    headers = {"Content-Type": "application/octet-stream"}
    call("PUT", f"{images}/{image_id}/file", token=token, data=bytes(1024), headers=headers)
    return image_id


def publish_many(demo: Demo, count: int, *, first: int = 0) -> None:
    """Listings, by a process that has the portal's settings."""
    words = f"from portal.bench.listings import add_listings; add_listings({count}, first={first})"
    demo.manage("shell", "--no-imports", "-c", words)
