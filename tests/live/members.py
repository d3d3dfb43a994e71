"""Members by the hundred, written into Glance's database as its API writes them: that would take
minutes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

from portal.demo.cloud import DemoCloud

MEMBER = """
    INSERT INTO image_members (image_id, member, can_share, status, created_at, updated_at, deleted)
    VALUES (?, ?, 0, ?, ?, ?, 0)
"""


def write_members(cloud: DemoCloud, members: Iterable[tuple[str, str, str]]) -> None:
    """Of each its image, its project and its status."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    rows = [(*member, now, now) for member in members]
    database = cloud.state_dir / "glance" / "glance.db"
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.executemany(MEMBER, rows)
