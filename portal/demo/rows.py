"""Images and members by the thousand, written into Glance's own database as its API writes them:
that would take hours.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from portal.demo.cloud import DemoCloud

MEMBER = """
    INSERT INTO image_members (image_id, member, can_share, status, created_at, updated_at, deleted)
    VALUES (?, ?, 0, ?, ?, ?, 0)
"""


def write_members(cloud: DemoCloud, members: Iterable[tuple[str, str, str]]) -> None:
    """Of each its image, its project and its status."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    with _database(cloud) as connection:
        connection.executemany(MEMBER, [(*member, now, now) for member in members])


def copy_image(cloud: DemoCloud, original: str, copies: Iterable[tuple[str, str, str]]) -> None:
    """Images like the original, with its properties and without its data. Of each its ID, its owner
    and its visibility.
    """
    with _database(cloud) as connection:
        for name, table, key in (("one", "images", "id"), ("its", "image_properties", "image_id")):
            connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT * FROM {table} WHERE {key} = ?",  # noqa: S608 - our own names
                [original],
            )
        for image_id, owner, visibility in copies:
            changes = (image_id, owner, visibility)
            connection.execute("UPDATE one SET id = ?, owner = ?, visibility = ?", changes)
            connection.execute("UPDATE its SET id = NULL, image_id = ?", [image_id])
            connection.execute("INSERT INTO images SELECT * FROM one")
            connection.execute("INSERT INTO image_properties SELECT * FROM its")


@contextmanager
def _database(cloud: DemoCloud) -> Iterator[sqlite3.Connection]:
    """One transaction of it."""
    path = cloud.state_dir / "glance" / "glance.db"
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        yield connection
