"""A throwaway PostgreSQL, for running something on it:

    python -m portal.demo.postgres <command> [argument …]

runs the command with DATABASE_URL set and ends with its exit code. The cluster is new, on a free
loopback port, in a temporary folder, careless of power cuts, and gone afterwards. When PostgreSQL
is not installed, root installs Debian's package; anyone else is told to.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from portal.demo.packages import ProgramMissing, can_install, install
from portal.demo.ports import HOST, Port
from portal.demo.processes import Child, ChildDied, run_to_end, tail

USER = "postgres"
READY_SECONDS = 30.0
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def programs() -> Path:
    """The folder of the newest initdb and postgres; Debian keeps them out of PATH."""
    found = _find_programs()
    if found is None and can_install():
        _install()
        found = _find_programs()
    if found is None:
        raise ProgramMissing(
            "PostgreSQL is not installed. On Debian or Ubuntu, as root: apt-get install postgresql"
        )
    return found


class Cluster:
    """A new one, from the block's begin to its end; ``address`` is its DATABASE_URL."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
        self._port = Port()
        self._password = secrets.token_urlsafe(16)
        self.address = f"postgres://{USER}:{self._password}@{self._port.address}/{USER}"
        self._server = _server(self._folder, self._port)

    def __enter__(self) -> Self:
        try:
            _own(self._folder)
            _initialise(self._folder, self._password)
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self._remove()

    def start(self) -> None:
        self._server = _server(self._folder, self._port)
        self._server.start()
        _wait_for(self._server, self._folder)

    def stop(self) -> None:
        """Whoever is connected is cut off; nothing that was committed is lost."""
        os.kill(self._server.group, signal.SIGINT)  # PostgreSQL's "fast shutdown"
        deadline = time.monotonic() + READY_SECONDS
        while self._server.is_running and time.monotonic() < deadline:
            time.sleep(0.05)
        self._server.stop()

    def _remove(self) -> None:
        self._server.stop()
        self._port.release()
        shutil.rmtree(self._folder, ignore_errors=True)


def main(command: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with Cluster() as cluster:
        return subprocess.run(
            command, env=os.environ | {"DATABASE_URL": cluster.address}, check=False
        ).returncode


def _find_programs() -> Path | None:
    known = [Path(path).parent for path in [shutil.which("initdb")] if path]
    known += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: float(bin_.parent.name)
    )
    return next((bin_ for bin_ in reversed(known) if (bin_ / "initdb").exists()), None)


def _install() -> None:
    """Debian's package would make and start a cluster of its own; we need only the programs."""
    install("postgresql-common")
    with Path("/etc/postgresql-common/createcluster.conf").open("a") as settings:
        settings.write("\ncreate_main_cluster = false\n")
    install("postgresql")


def _as_owner(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    if not _is_root():
        return list(command)
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command]


def _is_root() -> bool:
    return os.geteuid() == 0


def _own(folder: Path) -> None:
    (folder / "logs").mkdir()
    if _is_root():
        shutil.chown(folder, USER, USER)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/"}


def _initialise(folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if _is_root():
        shutil.chown(secret, USER, USER)
    words = ["--encoding=UTF8", f"--username={USER}", "--auth=scram-sha-256", "--no-sync"]
    run_to_end(
        _as_owner(
            str(programs() / "initdb"), *words, f"--pwfile={secret}", f"--pgdata={folder}/data"
        ),
        env=_environment(),
        log=folder / "logs" / "initdb.log",
    )


def _server(folder: Path, port: Port) -> Child:
    settings = [
        f"listen_addresses={HOST}",
        f"port={port.number}",
        f"unix_socket_directories={folder}",
        "max_connections=200",
        *CARELESS,
    ]
    words = [word for setting in settings for word in ("-c", setting)]
    return Child(
        "postgres",
        _as_owner(str(programs() / "postgres"), "-D", f"{folder}/data", *words),
        env=_environment(),
        log=folder / "logs" / "postgres.log",
        cwd=folder,
    )


def _wait_for(server: Child, folder: Path) -> None:
    """The server says on the last line of its lock file that it takes connections."""
    lock = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + READY_SECONDS
    while not (lock.exists() and lock.read_text().rstrip().endswith("ready")):
        server.check()
        if time.monotonic() > deadline:
            raise ChildDied(f"PostgreSQL does not get ready:\n{tail(server.log)}")
        time.sleep(0.05)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ProgramMissing, ChildDied) as error:
        sys.exit(str(error))
