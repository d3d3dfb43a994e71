"""What the Image API does with an owner's images and their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sharing.cloud.errors import (
    Broken,
    Conflict,
    Forbidden,
    Interrupted,
    Invalid,
    NotFound,
    WrongFormat,
)

from .world import Person, World

BYTES = bytes(range(256)) * 4096


def in_chunks() -> Iterator[bytes]:
    for start in range(0, len(BYTES), 100_000):
        yield BYTES[start : start + 100_000]


def is_taken(owner: Person, image_id: str) -> bool:
    """Whether it takes the bytes: not yet for a moment after an upload that broke off."""
    try:
        owner.client.upload(image_id, in_chunks())
    except Conflict:
        return False
    return True


class ImageDataRules:
    def test_formats_are_the_schemas(self, world: World) -> None:
        formats = world.person().client.get_formats()
        assert {"raw", "qcow2", "iso"} <= set(formats.disk)
        assert {"bare", "ova"} <= set(formats.container)

    def test_bytes_go_in_and_come_out(self, world: World) -> None:
        ada = world.person()
        facts = {"name": "x", "disk_format": "raw", "container_format": "bare", "os_distro": "arch"}
        image = ada.client.create_image(facts)
        assert (image.status, image.os_distro) == ("queued", "arch")
        ada.client.upload(image.id, in_chunks())
        image = ada.client.get_image(image.id)
        assert (image.status, image.size) == ("active", len(BYTES))
        download = ada.client.download(image.id)
        assert download.length == len(BYTES)
        assert b"".join(download) == BYTES

    def test_an_upload_that_stops_leaves_the_image_queued(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)

        def cut() -> Iterator[bytes]:
            yield BYTES
            raise Interrupted

        with pytest.raises(Interrupted):
            ada.client.upload(image_id, cut())
        world.settle(lambda: is_taken(ada, image_id))
        assert ada.client.get_image(image_id).size == len(BYTES)

    def test_an_image_without_bytes_has_nothing_to_download(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        with pytest.raises(NotFound):
            ada.client.download(image_id)

    def test_an_image_takes_bytes_once(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        ada.client.upload(image_id, in_chunks())
        with pytest.raises(Conflict):
            ada.client.upload(image_id, in_chunks())

    def test_a_refused_file_leaves_an_image_that_takes_no_other(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada, disk_format="qcow2")
        with pytest.raises(WrongFormat):
            ada.client.upload(image_id, in_chunks())
        image = ada.client.get_image(image_id)
        assert (image.status, bool(image.checksum)) == ("queued", True)
        with pytest.raises(Broken):
            ada.client.upload(image_id, in_chunks())

    def test_properties_come_and_go(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada, old="x")
        steps: list[dict[str, Any]] = [
            {"op": "add", "path": "/a~1b", "value": "c"},
            {"op": "remove", "path": "/old"},
            {"op": "replace", "path": "/min_disk", "value": 3},
        ]
        image = ada.client.change_image(image_id, steps)
        assert (dict(image.properties), image.min_disk) == ({"a/b": "c"}, 3)
        with pytest.raises(Conflict):
            ada.client.change_image(image_id, [{"op": "remove", "path": "/old"}])
        with pytest.raises(Forbidden):
            ada.client.change_image(image_id, [{"op": "add", "path": "/os_glance_x", "value": "y"}])

    def test_a_protected_image_stays(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada, protected=True)
        with pytest.raises(Forbidden):
            ada.client.remove_image(image_id)
        step = {"op": "replace", "path": "/protected", "value": False}
        ada.client.change_image(image_id, [step])
        ada.client.remove_image(image_id)
        with pytest.raises(NotFound):
            ada.client.get_image(image_id)

    def test_an_address_that_is_none_is_refused(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        assert ada.client.can_import()
        with pytest.raises(Invalid):
            ada.client.import_image(image_id, "file:///etc/passwd")
        assert ada.client.list_import_tasks(image_id) == ()

    def test_what_is_no_format_is_refused(self, world: World) -> None:
        with pytest.raises(Invalid):
            world.person().client.create_image({"name": "x", "disk_format": "floppy"})
