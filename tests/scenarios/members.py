"""What is odd about members."""

from __future__ import annotations

import pytest

from sharing.cloud.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExceeded
from sharing.cloud.pool import gather_or_raise

from .world import World


class MemberTraps:
    @pytest.mark.parametrize("name", ["Acme Ltd", " ", "x" * 256, "A" * 32, "a/b"])
    def test_trap_01_the_api_takes_anything_for_a_member(self, world: World, name: str) -> None:
        ada = world.person()
        image_id = world.image(ada)
        path = f"/v2/images/{image_id}/members"
        answer = world.raw("POST", path, ada, json={"member": name})
        assert (answer.status_code, answer.json()["status"]) == (200, "pending")
        assert [member.project_id for member in ada.client.list_members(image_id)] == [name]

    def test_trap_01_a_list_for_a_member_breaks_the_api(self, world: World) -> None:
        ada = world.person()
        path = f"/v2/images/{world.image(ada)}/members"
        assert world.raw("POST", path, ada, json={"member": ["a"]}).status_code == 500

    @pytest.mark.parametrize("name", ["Acme Ltd", " ", "", "f" * 31, "a/b", "../x"])
    def test_trap_01_the_client_takes_only_project_ids(self, world: World, name: str) -> None:
        ada = world.person()
        image_id = world.image(ada)
        with pytest.raises(Invalid):
            ada.client.add_member(image_id, name)
        assert ada.client.list_members(image_id) == ()

    def test_trap_01_the_client_writes_a_project_id_in_its_one_form(self, world: World) -> None:
        ada = world.person()
        member = ada.client.add_member(world.image(ada), "0F0E0D0C-0B0A-0908-0706-050403020100")
        assert member.project_id == "0f0e0d0c0b0a09080706050403020100"

    def test_trap_01_the_client_refuses_the_owners_own_project(self, world: World) -> None:
        ada = world.person()
        with pytest.raises(Invalid):
            ada.client.add_member(world.image(ada), ada.project_id)

    def test_trap_01_a_member_with_a_slash_cannot_be_removed(self, world: World) -> None:
        ada = world.person()
        path = f"/v2/images/{world.image(ada)}/members"
        world.raw("POST", path, ada, json={"member": "a/b"})
        assert world.raw("DELETE", f"{path}/a%2Fb", ada).status_code == 404

    def test_trap_02_a_member_in_two_rows_is_shown_once(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        project_id = world.add_twice(ada, image_id)
        rows = world.raw("GET", f"/v2/images/{image_id}/members", ada).json()["members"]
        assert [row["member_id"] for row in rows].count(project_id) > 1
        shown = [member.project_id for member in ada.client.list_members(image_id)]
        assert shown.count(project_id) == 1

    def test_trap_02_a_member_in_two_rows_is_removed_entirely(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        project_id = world.add_twice(ada, image_id)
        ada.client.remove_member(image_id, project_id)
        with pytest.raises(NotFound):
            ada.client.get_member(image_id, project_id)

    def test_trap_09_quota_gives_413_even_for_a_duplicate(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        projects = [f"{number:032x}" for number in range(world.quota)]
        gather_or_raise(lambda project: ada.client.add_member(image_id, project), projects)
        for project in (projects[0], "f" * 32):
            with pytest.raises(QuotaExceeded):
                ada.client.add_member(image_id, project)

    def test_trap_10_a_consumer_cannot_leave(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        with pytest.raises(Forbidden):
            chen.client.remove_member(image_id, chen.project_id)
        assert chen.client.set_member_status(image_id, chen.project_id, "rejected").is_rejected

    def test_trap_10_an_owner_cannot_answer_for_a_consumer(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        with pytest.raises(Forbidden):
            ada.client.set_member_status(image_id, chen.project_id, "accepted")

    def test_trap_11_members_revive_when_an_image_is_shared_again(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        chen.client.set_member_status(image_id, chen.project_id, "accepted")
        ada.client.set_visibility(image_id, "private")
        with pytest.raises(NotFound):
            chen.client.get_image(image_id)
        ada.client.set_visibility(image_id, "shared")
        assert ada.client.list_members(image_id)[0].is_accepted

    def test_trap_11_a_private_images_members_are_kept_from_its_owner(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        ada.client.set_visibility(image_id, "private")
        with pytest.raises(Forbidden):
            ada.client.list_members(image_id)

    def test_trap_11_a_deleted_image_is_gone_for_its_consumers(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        assert world.raw("DELETE", f"/v2/images/{image_id}", ada).status_code == 204
        with pytest.raises(NotFound):
            chen.client.get_image(image_id)
        assert chen.client.list_shared_with_me("pending") == ()

    def test_trap_12_adding_again_keeps_the_first_date(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        first = ada.client.get_member(image_id, chen.project_id)
        world.pass_time()
        ada.client.remove_member(image_id, chen.project_id)
        again = ada.client.add_member(image_id, chen.project_id)
        assert again.is_pending
        assert again.created_at == first.created_at < again.updated_at

    def test_trap_12_the_same_answer_again_moves_no_date(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        first = ada.client.get_member(image_id, chen.project_id)
        world.pass_time()
        assert chen.client.set_member_status(image_id, chen.project_id, "pending") == first
        assert first.updated_at.microsecond == 0


class MemberRules:
    """The table in IMAGE_API.md: who may do what."""

    def test_a_second_time_is_a_conflict(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        with pytest.raises(Conflict):
            ada.client.add_member(image_id, chen.project_id)

    def test_removing_what_is_not_there_says_so(self, world: World) -> None:
        ada = world.person()
        with pytest.raises(NotFound):
            ada.client.remove_member(world.image(ada), "f" * 32)

    def test_a_private_image_takes_no_members(self, world: World) -> None:
        ada = world.person()
        with pytest.raises(Forbidden):
            ada.client.add_member(world.image(ada, visibility="private"), "f" * 32)

    def test_a_reader_of_the_owner_sees_all_and_adds_none(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        reader = world.person(role="reader", project_id=ada.project_id)
        image_id = world.shared_image(ada, chen)
        assert len(reader.client.list_members(image_id)) == 1
        with pytest.raises(Forbidden):
            reader.client.add_member(image_id, "f" * 32)

    def test_a_reader_of_the_consumer_cannot_answer(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        reader = world.person(role="reader", project_id=chen.project_id)
        image_id = world.shared_image(ada, chen)
        with pytest.raises(Forbidden):
            reader.client.set_member_status(image_id, chen.project_id, "accepted")

    def test_a_member_sees_only_itself(self, world: World) -> None:
        ada, chen, dora = world.person(), world.person(), world.person()
        image_id = world.shared_image(ada, chen, dora)
        seen = chen.client.list_members(image_id)
        assert [member.project_id for member in seen] == [chen.project_id]
        with pytest.raises(NotFound):
            chen.client.get_member(image_id, dora.project_id)

    def test_a_consumer_cannot_share_on(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        with pytest.raises(Forbidden):
            chen.client.add_member(world.shared_image(ada, chen), "f" * 32)

    def test_to_a_stranger_there_is_nothing(self, world: World) -> None:
        ada, chen, mallory = world.person(), world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        with pytest.raises(NotFound):
            mallory.client.list_members(image_id)
        with pytest.raises(NotFound):
            mallory.client.add_member(image_id, "f" * 32)

    def test_every_answer_can_become_every_other(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        image_id = world.shared_image(ada, chen)
        for status in ("accepted", "rejected", "accepted", "pending", "rejected", "pending"):
            chen.client.set_member_status(image_id, chen.project_id, status)
            assert ada.client.get_member(image_id, chen.project_id).status == status
