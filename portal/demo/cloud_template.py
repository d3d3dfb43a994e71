"""A cloud prepared once and copied ever after: databases migrated, built-in users there, nothing
in it.

Preparing takes half a minute, copying a moment. The template is kept under a key of everything
that it is made from.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from portal.demo import cloud_config
from portal.demo.cloud_config import REGION, CloudFiles, Credentials
from portal.demo.processes import Child, run_to_end

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "cloud"
ENVIRONMENT = ROOT / ".venv-cloud"
CREDENTIALS = "credentials.json"
MADE_FROM = (
    ROOT / "requirements" / "cloud.txt",
    Path(__file__),
    Path(cloud_config.__file__),
)
NOWHERE = "http://127.0.0.1:9/v3"


class EnvironmentMissing(RuntimeError):
    """The cloud's virtual environment is not there."""


def copy_template(state: Path) -> None:
    """Put a fresh cloud into `state`, which must not exist; prepares the template first when there
    is none.
    """
    if not (ENVIRONMENT / "bin" / "keystone-manage").exists():
        raise EnvironmentMissing(f"{ENVIRONMENT} has no Keystone in it. Run: make cloud")
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = state.with_name(f"{state.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    with _only_one_at_a_time(CACHE / "lock"):
        shutil.copytree(_prepared_template(), unfinished)
    unfinished.rename(state)


def read_credentials(state: Path) -> Credentials:
    return Credentials(**json.loads((state / CREDENTIALS).read_text()))


def child_environment() -> dict[str, str]:
    """What every program of the cloud gets: no settings of ours leak in, no proxy gets between the
    two.
    """
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"NO_PROXY": "*"}


def _prepared_template() -> Path:
    key = hashlib.sha256(b"".join(path.read_bytes() for path in MADE_FROM)).hexdigest()[:16]
    template = CACHE / key
    if not template.exists():
        for old in CACHE.glob("*/"):
            shutil.rmtree(old)
        unfinished = CACHE / f"{key}.unfinished"
        _prepare(CloudFiles(unfinished, ENVIRONMENT))
        unfinished.rename(template)
    return template


@contextmanager
def _only_one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _prepare(files: CloudFiles) -> None:
    credentials = Credentials(secrets.token_urlsafe(16), secrets.token_urlsafe(16))
    files.state.mkdir(parents=True)
    passwords = files.state / CREDENTIALS
    passwords.touch(mode=0o600)
    passwords.write_text(json.dumps(asdict(credentials)))
    cloud_config.write_keystone(files)
    cloud_config.write_glance(
        files, auth_url=NOWHERE, image_url=NOWHERE, password=credentials.glance_password
    )
    with _glance_tables(files) as glance:  # the two migrations take one core each
        _keystone_tables(files, credentials)
        glance.wait()
    for database in (files.keystone / "keystone.db", files.glance / "glance.db"):
        _let_readers_and_a_writer_meet(database)


def _glance_tables(files: CloudFiles) -> Child:
    command = [files.program("glance-manage"), "--config-dir", str(files.glance), "db_sync"]
    return Child("glance-manage", command, env=child_environment(), log=files.logs / "glance.log")


def _keystone_tables(files: CloudFiles, credentials: Credentials) -> None:
    owner = ("--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
    urls = [f"--bootstrap-{interface}-url" for interface in ("public", "internal", "admin")]
    steps = [
        ["db_sync"],
        ["fernet_setup", *owner],
        ["receipt_setup", *owner],
        ["credential_setup", *owner],
        [
            *("bootstrap", "--bootstrap-password", credentials.admin_password),
            *("--bootstrap-region-id", REGION),
            *(word for url in urls for word in (url, NOWHERE)),
        ],
    ]
    manage = [
        files.program("keystone-manage"),
        f"--config-file={files.keystone / 'keystone.conf'}",
    ]
    for step in steps:
        run_to_end(
            [*manage, *step],
            env=child_environment(),
            log=files.logs / "keystone.log",
        )


def _let_readers_and_a_writer_meet(database: Path) -> None:
    """SQLite's write-ahead log, a setting that stays with the file: without it two workers lock
    each other out.
    """
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
