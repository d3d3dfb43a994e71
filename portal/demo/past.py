"""What a demo cannot wait for: a share that is older than the cloud it is in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from portal.demo.cloud import DemoCloud

_OLDER = """
    UPDATE image_members SET created_at = ?, updated_at = ?
    WHERE image_id = ? AND member = ? AND NOT deleted
"""


def make_older(cloud: DemoCloud, *, image_id: str, project_id: str, days: int) -> None:
    """As if the member had been added so many days ago: its times, in Glance's own database."""
    then = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.000000")
    database = cloud.state_dir / "glance" / "glance.db"
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        changed = connection.execute(_OLDER, (then, then, image_id, project_id)).rowcount
    if not changed:
        raise LookupError(f"{project_id} is no member of {image_id}")
