"""Small disk images with real bytes: headers that Glance's inspection takes for what they say they
are.
"""

from __future__ import annotations

import random
import struct

MIB = 1024 * 1024
GIB = 1024 * MIB
CLUSTER_BITS = 16
CLUSTER = 1 << CLUSTER_BITS
SECTOR = 2048


def disk(disk_format: str, *, size: int, virtual_size: int, seed: str) -> bytes:
    """`size` bytes of qcow2, raw or iso; the same for the same `seed`, and not to be compressed
    away.
    """
    if disk_format == "qcow2":
        header = _qcow2(virtual_size)
    else:
        header = _iso(size) if disk_format == "iso" else _raw()
    filling = random.Random(seed).randbytes(size - len(header))  # noqa: S311 - nothing is secret
    return header + filling


def _qcow2(virtual_size: int) -> bytes:
    """An empty version 3 image: header, refcount table, one refcount block, L1 table; a cluster
    each.
    """
    l1_entries = -(-virtual_size // (CLUSTER * CLUSTER // 8))
    table, block, l1 = CLUSTER, 2 * CLUSTER, 3 * CLUSTER
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII",
        *(b"QFI\xfb", 3, 0, 0, CLUSTER_BITS, virtual_size, 0, l1_entries, l1, table, 1, 0, 0),
        *(0, 0, 0, 4, 104),
    )
    refcounts = struct.pack(">4H", 1, 1, 1, 1)
    clusters = (header, struct.pack(">Q", block), refcounts, b"")
    return b"".join(cluster.ljust(CLUSTER, b"\0") for cluster in clusters)


def _raw() -> bytes:
    """The start of a disk without a partition table: an ext4 superblock would stand behind it."""
    return b"\0" * CLUSTER


def _iso(size: int) -> bytes:
    """A primary volume descriptor in sector 16 and the terminator after it, as ISO 9660 wants
    them.
    """
    sectors = size // SECTOR
    primary = b"\x01CD001\x01\0" + b"LINUX".ljust(32) + b"DEMO_INSTALL".ljust(32) + b"\0" * 8
    primary += struct.pack("<I", sectors) + struct.pack(">I", sectors)
    terminator = b"\xffCD001\x01"
    return b"\0" * (16 * SECTOR) + primary.ljust(SECTOR, b"\0") + terminator.ljust(SECTOR, b"\0")
