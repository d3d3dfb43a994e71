"""The demo's disk images are what they say."""

from __future__ import annotations

import struct

import pytest

from portal.demo.disks import GIB, MIB, disk
from portal.demo.story import DISKS


@pytest.mark.parametrize("disk_format", ["qcow2", "raw", "iso"])
def test_has_the_size_asked_for(disk_format: str) -> None:
    assert len(disk(disk_format, size=3 * MIB, virtual_size=GIB, seed="a")) == 3 * MIB


def test_a_qcow2_says_its_virtual_size() -> None:
    head = disk("qcow2", size=MIB, virtual_size=10 * GIB, seed="a")[:32]
    assert struct.unpack(">4sIQIIQ", head)[::5] == (b"QFI\xfb", 10 * GIB)


def test_an_iso_has_its_volume_descriptor_in_sector_16() -> None:
    assert disk("iso", size=MIB, virtual_size=MIB, seed="a")[16 * 2048 :][:6] == b"\x01CD001"


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again = (disk("raw", size=MIB, virtual_size=MIB, seed="a") for _ in range(2))
    assert first == again
    assert first != disk("raw", size=MIB, virtual_size=MIB, seed="b")


def test_the_images_of_the_story_are_small_but_not_tiny() -> None:
    assert all(MIB <= image.size <= 20 * MIB for image in DISKS)
    assert len({image.size for image in DISKS}) == len(DISKS)
