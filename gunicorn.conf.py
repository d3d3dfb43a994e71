"""How gunicorn serves the portal: read by itself where it is started; its own options win.

An upload is as long as the sender's line is slow. So no worker may be bound to one request
(gunicorn's usual kind of worker is, and is killed after 30 seconds), and there must be threads left
for everybody else while some are busy with images.
"""

import fcntl
import gc
import os
import shutil
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

COUNTS, HELD = "portal-counts-", "held"
# A folder of a start that has not come to hold it yet.
NEW_SECONDS = 60


def hold(folder: Path) -> None:
    """The kernel gives it back when this process and its workers have ended, however they did."""
    making = folder / "making"
    lock = os.open(making, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    making.rename(folder / HELD)


def is_left_behind(folder: Path) -> bool:
    try:
        with (folder / HELD).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return folder.exists() and time.time() - folder.stat().st_mtime > NEW_SECONDS
    except OSError:  # held, or somebody else's
        return False
    return True


def make_counts() -> Path:
    """Where the workers of this host count together (/metrics). What killed ones left behind is
    taken away."""
    for folder in Path(tempfile.gettempdir()).glob(f"{COUNTS}*"):
        if is_left_behind(folder):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=OURS))
    hold(folder)
    return folder


def post_worker_init(_worker: Any) -> None:
    """What is loaded stays: the search for garbage would look through all of it again and again,
    a tenth of a second in which all the threads wait. Nor does the first visitor wait for it."""
    import_module("portal.urls")
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    if counts.name.startswith(OURS):
        shutil.rmtree(counts, ignore_errors=True)


# A reload (HUP) finds our folder, and the successor of a running gunicorn (USR2) its predecessor's:
# it needs one of its own. A folder that is given is kept.
OURS = f"{COUNTS}{os.getpid()}-"
counts = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", COUNTS))
if counts.name.startswith(COUNTS) and not counts.name.startswith(OURS):
    counts = make_counts()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)

worker_class = "gthread"
threads = 16
keepalive = 75
# Several on one host would fight for one socket in a home that the service may not have.
control_socket_disable = True
