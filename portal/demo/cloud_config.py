"""The configuration files of the demo's Keystone and Glance, written anew at every start: paths
and ports move.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REGION = "RegionOne"


@dataclass(frozen=True)
class Credentials:
    """The cloud's two built-in users, both in the domain Default."""

    admin_password: str
    glance_password: str


@dataclass(frozen=True)
class CloudFiles:
    """Where one cloud keeps its things: `state` holds it all, `environment` is the virtual
    environment it runs in.
    """

    state: Path
    environment: Path

    @property
    def keystone(self) -> Path:
        return self.state / "keystone"

    @property
    def glance(self) -> Path:
        return self.state / "glance"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def program(self, name: str) -> str:
        return str(self.environment / "bin" / name)


def write_keystone(files: CloudFiles, *, dashboard: str = "") -> None:
    """`dashboard` is where WebSSO may send its tokens."""
    for folder in ("fernet", "credential", "receipts"):
        (files.keystone / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(
        files.keystone / "keystone.conf",
        {
            "DEFAULT": {"log_file": "", "use_stderr": "true"},
            "database": _sqlite(files.keystone / "keystone.db"),
            "cache": {"enabled": "true", "backend": "dogpile.cache.memory"},
            "fernet_tokens": {"key_repository": files.keystone / "fernet"},
            "fernet_receipts": {"key_repository": files.keystone / "receipts"},
            "credential": {"key_repository": files.keystone / "credential"},
            # The default of 12 rounds costs a third of a second per sign-in; nobody attacks this
            # database.
            "identity": {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4},
            "auth": {"methods": "password,token,totp,application_credential,openid"},
            "federation": {
                "trusted_dashboard": dashboard,
                "sso_callback_template": files.environment
                / "etc/keystone/sso_callback_template.html",
            },
        },
    )


def write_glance(files: CloudFiles, *, auth_url: str, image_url: str, password: str) -> None:
    for folder in ("store", "staging", "tasks", "lock"):
        (files.glance / folder).mkdir(parents=True, exist_ok=True)
    _write(
        files.glance / "glance-api.conf",
        {
            "DEFAULT": {
                "use_stderr": "true",
                "enabled_backends": "fs:file",
                "enabled_import_methods": "[glance-direct,web-download]",
                "image_member_quota": 128,
                "worker_self_reference_url": image_url,
            },
            "database": _sqlite(files.glance / "glance.db"),
            "glance_store": {"default_backend": "fs"},
            "fs": {"filesystem_store_datadir": files.glance / "store"},
            "os_glance_staging_store": {"filesystem_store_datadir": files.glance / "staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": files.glance / "tasks"},
            "oslo_concurrency": {"lock_path": files.glance / "lock"},
            "paste_deploy": {
                "flavor": "keystone",
                "config_file": files.environment / "etc/glance/glance-api-paste.ini",
            },
            "keystone_authtoken": {
                "auth_type": "password",
                "auth_url": auth_url,
                "www_authenticate_uri": auth_url,
                "username": "glance",
                "password": password,
                "user_domain_name": "Default",
                "project_name": "service",
                "project_domain_name": "Default",
                "token_cache_time": -1,
            },
        },
    )
    # An image to import by URL comes from a server on the loopback here, which Glance refuses
    # unless it is named; then it takes no other. Without the brackets it takes no address at all.
    _write(
        files.glance / "glance-image-import.conf",
        {
            "import_filtering_opts": {
                "allowed_ports": "[]",
                "allowed_hosts": "[127.0.0.1,localhost]",
            }
        },
    )


def write_gunicorn(folder: Path, *, app: str, bind: str, workers: int) -> Path:
    """gunicorn's settings come from a file: Keystone would read its command line as Keystone's own.

    The code is imported once, before the workers part. Each worker then answers one request of its
    own (`warm.py` beside this module) before it takes its first connection: the first answer of a
    worker costs 1 to 3 seconds. In front of both stands a company's sign-in (`company_login.py`),
    which Keystone's WebSSO leads to. Those who write wait for each other (`serial.py`).
    """
    settings = folder / "gunicorn.conf.py"
    names = ("warm", "serial", "company_login")
    warm, serial, company = (Path(__file__).with_name(f"{name}.py") for name in names)
    settings.write_text(
        textwrap.dedent(
            f"""\
            import pathlib
            import runpy

            wsgi_app = {app!r}
            bind = {bind!r}
            preload_app = True
            workers = {workers}
            worker_class = "gthread"
            threads = 8
            timeout = 0
            keepalive = 75  # longer than anybody who calls it pauses
            graceful_timeout = 1
            control_socket_disable = True
            accesslog = "-"


            def post_worker_init(worker):
                runpy.run_path({str(warm)!r})["warm_up"](worker.wsgi)
                company_login = runpy.run_path({str(company)!r})["company_login"]
                people = pathlib.Path({str(folder / "company.json")!r})
                worker.wsgi = company_login(worker.wsgi, people)
                worker.wsgi = runpy.run_path({str(serial)!r})["writers_wait"](worker.wsgi)
            """
        )
    )
    return settings


def _sqlite(path: Path) -> dict[str, object]:
    # Seconds to wait for whoever writes.
    return {"connection": f"sqlite:///{path}?timeout=60", "sqlite_synchronous": "false"}


def _write(path: Path, sections: Mapping[str, Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{name} = {value}" for name, value in values.items()), ""]
    path.write_text("\n".join(lines))
    path.chmod(0o600)
