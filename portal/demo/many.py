"""A part of the demo's story: an image is shared with a whole list, a group is kept, and a new
version of the image takes its consumers along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from portal.demo.story import BO, CHEN, DANA, EDGE_PARTNERS, ELI, WHAT_IS_NEW
from portal.demo.visitor import Visitor

DAYS_UNTIL_REMOVAL = 60


def share_with_many(producer: Visitor, image_id: str, projects: Mapping[str, str]) -> None:
    """By a pasted list in which not every line is right; the right ones are kept as a group.

    `projects` are IDs by name.
    """
    partners = (CHEN, DANA, ELI, BO)
    lines = [f"{projects[one.projects[0]]},{one.email}" for one in partners]
    producer.send("/producer/groups/", name=EDGE_PARTNERS, rows="\n".join(lines))
    wrong = ["greenhouse,gus@greenhouse.example", lines[0]]
    _work_off(
        producer,
        f"/producer/images/{image_id}/members/bulk/",
        rows="\n".join([*lines, *wrong]),
        note="The new line for the edge. Tell us what is missing.",
    )


def replace(producer: Visitor, *, old: str, new: str) -> None:
    """`new` replaces `old` (image IDs), and its members are carried over."""
    day = datetime.now(tz=UTC).date() + timedelta(days=DAYS_UNTIL_REMOVAL)
    path = f"/producer/images/{new}/replaces/"
    _work_off(producer, path, old=old, note=WHAT_IS_NEW, removal_on=day.isoformat())


def supersede(producer: Visitor, *, old: str, new: str) -> None:
    """`new` replaces `old`, which nobody has yet, and which is hidden from now on."""
    note = "Five more years of updates, and a newer kernel."
    producer.post(f"/producer/images/{new}/replaces/", old=old, note=note, hides_old="on")


def _work_off(producer: Visitor, path: str, **form: str) -> None:
    job = urlsplit(producer.post(path, **form).url).path
    producer.send(f"{job}start/")
    producer.send(f"{job}run/")
