"""How gunicorn serves the portal: read by itself where it is started; its own options win.

An upload is as long as the sender's line is slow. So no worker may be bound to one request
(gunicorn's usual kind of worker is, and is killed after 30 seconds), and there must be threads left
for everybody else while some are busy with images.
"""

import os
import shutil
import tempfile
from importlib import import_module
from typing import Any

# Where the workers of this host count together (/metrics). A folder that is given is kept.
_counts = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _counts = tempfile.mkdtemp(prefix="portal-counts-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


def child_exit(_server: Any, worker: Any) -> None:
    import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)


worker_class = "gthread"
threads = 16
keepalive = 75
# Several on one host would fight for one socket in a home that the service may not have.
control_socket_disable = True
