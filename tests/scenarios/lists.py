"""What is odd about lists."""

from __future__ import annotations

import pytest

from sharing.cloud.errors import NotFound

from .world import World, names


class ListTraps:
    def test_trap_03_my_own_images_are_not_in_the_inbox(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        own = world.image(chen)
        image_id = world.shared_image(ada, chen)
        raw = world.raw("GET", "/v2/images?visibility=shared&member_status=pending", chen)
        assert {image["id"] for image in raw.json()["images"]} == {own, image_id}
        found = chen.client.list_shared_with_me("pending")
        assert [one.image.id for one in found] == [image_id]

    def test_trap_04_an_admin_finds_only_what_is_shared_with_the_project(
        self, world: World
    ) -> None:
        ada, chen, root = world.person(), world.person(), world.person(role="admin")
        image_id = world.shared_image(ada, chen, root)
        world.shared_image(ada, chen)
        root.client.set_member_status(image_id, root.project_id, "rejected")
        assert root.token.is_admin
        assert root.client.list_shared_with_me("pending") == ()
        found = root.client.list_shared_with_me("rejected")
        assert [(one.image.id, one.status) for one in found] == [(image_id, "rejected")]

    def test_trap_05_sharing_does_not_touch_the_images_record(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.image(ada)
        before = ada.client.get_image(image_id)
        world.pass_time()
        ada.client.add_member(image_id, chen.project_id)
        assert ada.client.get_image(image_id) == before

    @pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
    def test_trap_05_an_images_status_is_the_lists(self, world: World, status: str) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        world.raw(
            "PUT",
            f"/v2/images/{image_id}/members/{chen.project_id}",
            chen,
            json={"status": status},
        )
        found = {
            wanted: [one.image.id for one in chen.client.list_shared_with_me(wanted)]
            for wanted in ("pending", "accepted", "rejected")
        }
        assert found == {"pending": [], "accepted": [], "rejected": []} | {status: [image_id]}

    def test_trap_06_a_hidden_images_share_is_in_the_inbox(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        world.shared_image(ada, chen, name="seen")
        world.shared_image(ada, chen, name="hidden", os_hidden=True)
        raw = world.raw("GET", "/v2/images?visibility=shared&member_status=pending", chen)
        assert [image["name"] for image in raw.json()["images"]] == ["seen"]
        found = chen.client.list_shared_with_me("pending")
        assert {one.image.name for one in found} == {"seen", "hidden"}

    def test_trap_07_a_full_last_page_is_the_last(self, world: World) -> None:
        ada = world.person()
        for number in range(4):
            world.image(ada, f"image-{number}")
        path = f"/v2/images?owner={ada.project_id}&limit=4"
        assert "next" in world.raw("GET", path, ada).json()
        first = ada.client.list_images(limit=2)
        second = ada.client.list_images(limit=2, marker=first.next_marker)
        assert names(first.images) + names(second.images) == [
            "image-3", "image-2", "image-1", "image-0"
        ]  # fmt: skip
        assert second.next_marker == ""

    @pytest.mark.parametrize("marker", ["bogus", "hidden:bogus", "x" * 300, "../..", "a&b=c"])
    def test_trap_07_a_marker_that_means_nothing_is_the_first_page(
        self, world: World, marker: str
    ) -> None:
        ada = world.person()
        world.image(ada, "only")
        assert names(ada.client.list_images(marker=marker).images) == ["only"]

    def test_trap_07_a_deleted_marker_starts_again(self, world: World) -> None:
        ada = world.person()
        for number in range(3):
            world.image(ada, f"image-{number}")
        marker = ada.client.list_images(limit=1).next_marker
        world.raw("DELETE", f"/v2/images/{marker}", ada)
        raw = world.raw("GET", f"/v2/images?marker={marker}", ada)
        assert raw.status_code == 400
        page = ada.client.list_images(limit=1, marker=marker)
        assert names(page.images) == ["image-1"]

    def test_trap_07_a_revoked_marker_is_another_status(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        ada.client.remove_member(image_id, chen.project_id)
        raw = world.raw("GET", f"/v2/images?marker={image_id}", chen)
        assert raw.status_code == 403

    def test_trap_07_the_inbox_has_every_page(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        wanted = {world.shared_image(ada, chen) for _ in range(5)}
        client = world.client(chen.token, page_size=2)
        assert {one.image.id for one in client.list_shared_with_me("pending")} == wanted

    def test_trap_07_no_page_is_larger_than_asked_for(self, world: World) -> None:
        ada = world.person()
        for number in range(3):
            world.image(ada, f"image-{number}", os_hidden=number == 0)
        pages = [ada.client.list_images(limit=1)]
        while pages[-1].next_marker:
            pages.append(ada.client.list_images(limit=1, marker=pages[-1].next_marker))
        assert [names(page.images) for page in pages] == [["image-2"], ["image-1"], ["image-0"]]

    def test_trap_08_an_owner_filter_knows_no_operators(self, world: World) -> None:
        ada = world.person()
        world.image(ada)
        for wanted, count in ((ada.project_id, 1), (f"in:{ada.project_id}", 0)):
            raw = world.raw("GET", f"/v2/images?owner={wanted}", ada)
            assert (raw.status_code, len(raw.json()["images"])) == (200, count)

    def test_trap_08_my_images_are_the_owners_and_no_others(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        chen.client.set_member_status(image_id, chen.project_id, "accepted")
        kinds = ("private", "shared", "community")
        mine = [world.image(chen, kind, visibility=kind) for kind in kinds]
        mine.append(world.image(chen, "hidden", os_hidden=True))
        found = {image.id for image in chen.client.list_images().images}
        assert found == set(mine)


class ImageRules:
    def test_an_image_is_for_its_owner_and_its_members(self, world: World) -> None:
        ada, chen, mallory = world.person(), world.person(), world.person()
        image_id = world.shared_image(ada, chen, os_distro="debian", min_disk=2)
        seen = chen.client.get_image(image_id)
        assert (seen.owner, seen.os_distro, seen.min_disk) == (ada.project_id, "debian", 2)
        assert seen == ada.client.get_image(image_id)
        with pytest.raises(NotFound):
            mallory.client.get_image(image_id)

    def test_a_rejected_image_can_still_be_read(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        chen.client.set_member_status(image_id, chen.project_id, "rejected")
        assert chen.client.get_image(image_id).id == image_id

    @pytest.mark.parametrize("image_id", ["", "..", "x/../y", "f" * 32, "%2e%2e", "a?b=c"])
    def test_what_is_no_image_id_is_not_there(self, world: World, image_id: str) -> None:
        ada = world.person()
        with pytest.raises(NotFound):
            ada.client.get_image(image_id)
