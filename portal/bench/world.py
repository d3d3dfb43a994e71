"""The data at one size, and who looks at it: a producer with images and members, a consumer in
whose inbox shares wait, and a catalogue.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from portal.bench.numbering import listed_by, listed_image
from portal.bench.stage import Account, new_image, newcomer, publish_many, token_of
from portal.demo.rows import copy_image, write_members
from portal.demo.stack import Demo

STATUSES = ("pending", "accepted", "rejected")


@dataclass(frozen=True)
class Size:
    """How much of everything. ``members`` are each image's, ``several`` is how many shares are
    answered at once, ``bulk`` how many projects a list has, ``data`` an upload's MiB.
    """

    factor: int
    listings: int
    images: int
    members: int
    shares: int
    several: int
    bulk: int
    data: int


SIZES = (
    Size(1, listings=100, images=6, members=12, shares=5, several=1, bulk=1, data=10),
    Size(10, listings=1_000, images=20, members=36, shares=50, several=5, bulk=10, data=102),
    Size(100, listings=10_000, images=60, members=120, shares=500, several=50, bulk=100, data=1024),
)


@dataclass(frozen=True)
class World:
    size: Size
    producer: Account
    consumer: Account
    images: list[str]
    shares: list[str]


def fill(demo: Demo, size: Size, *, listings_before: int) -> World:
    """The catalogue grows; producer and consumer are new. Each listing has its image in Glance,
    too.
    """
    name = f"of-{size.factor}"
    producer, consumer = newcomer(demo, f"producer-{name}"), newcomer(demo, f"consumer-{name}")
    first = new_image(demo, token_of(demo, newcomer(demo, f"maker-{name}")), "image")
    more = range(listings_before, size.listings)
    publish_many(demo, len(more), first=more.start)
    copy_image(demo.cloud, first, [(listed_image(n), listed_by(n), "community") for n in more])
    images = [str(uuid.uuid4()) for _ in range(size.images)]
    shares = [str(uuid.uuid4()) for _ in range(size.shares)]
    copy_image(demo.cloud, first, [(one, producer.project_id, "shared") for one in images])
    copy_image(demo.cloud, first, [(one, listed_by(1), "shared") for one in shares])
    write_members(demo.cloud, [(one, consumer.project_id, "pending") for one in shares])
    write_members(
        demo.cloud,
        [
            (one, f"{number:032x}", STATUSES[number % 3])
            for one in images
            for number in range(1, size.members + 1)
        ],
    )
    return World(size, producer, consumer, images, shares)
