"""What is odd about calls, whatever they are about."""

from __future__ import annotations

from typing import Any

import pytest

from sharing.cloud.errors import Broken, Forbidden, Invalid, Refused, SessionEnded
from sharing.cloud.images import ping
from sharing.cloud.transport import Timeout

from .world import PATIENT, Person, World, image_url

SOON = Timeout(connect=2, read=2)


class CallTraps:
    def test_trap_13_an_error_without_accept_is_html(self, world: World) -> None:
        ada = world.person()
        path = f"/v2/images/{'0' * 8}-0000-0000-0000-{'0' * 12}"
        answer = world.raw("GET", path, ada, headers={"Accept": "*/*"})
        assert answer.status_code == 404
        assert answer.text.startswith("<html>")

    def test_trap_13_a_message_has_no_markup(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada, visibility="private")
        raw = world.raw("GET", f"/v2/images/{image_id}/members", ada).json()
        assert raw["message"].endswith("<br /><br />\n\n\n")
        assert isinstance(raw["code"], str)
        with pytest.raises(Forbidden, match=r"Only shared images have members\.$"):
            ada.client.list_members(image_id)

    def test_trap_14_without_keystone_nobody_is_signed_out(self, world: World) -> None:
        ada = world.person()
        world.stop_keystone()
        try:
            assert world.raw("GET", "/v2/images", ada).status_code == 401
            with pytest.raises(Refused) as caught:
                ada.client.list_images()
        finally:
            world.start_keystone()
        assert caught.value.service == "Keystone"
        ada.client.list_images()

    def test_trap_14_a_revoked_token_ends_the_session(self, world: World) -> None:
        ada = world.person()
        world.identity.revoke(ada.token.id, request_id="req-1")
        with pytest.raises(SessionEnded):
            ada.client.list_images()

    def test_trap_15_the_request_id_comes_back(self, world: World) -> None:
        ada = world.person()
        sent = "req-" + "a" * 60
        headers = {"X-Openstack-Request-Id": sent}
        answer = world.raw("GET", "/v2/images", ada, headers=headers)
        assert answer.headers["X-Openstack-Request-Id"] == sent

    def test_trap_15_a_long_request_id_breaks_the_api(self, world: World) -> None:
        ada = world.person()
        headers = {"X-Openstack-Request-Id": "req-" + "a" * 61}
        assert world.raw("GET", "/v2/images", ada, headers=headers).status_code == 500

    def test_trap_15_a_refused_token_has_no_request_id(self, world: World) -> None:
        ada = world.person()
        answer = world.raw("GET", "/v2/images", ada, headers={"X-Auth-Token": "bad"})
        assert answer.status_code == 401
        assert "X-Openstack-Request-Id" not in answer.headers

    def test_trap_15_an_error_knows_its_request_id(self, world: World) -> None:
        ada = world.person()
        world.identity.revoke(ada.token.id, request_id="req-1")
        with pytest.raises(SessionEnded) as caught:
            ada.client.list_images()
        assert caught.value.request_id == ada.client.request_id

    def test_trap_16_health_says_nothing_about_keystone(self, world: World) -> None:
        ada = world.person()
        world.stop_keystone()
        try:
            ada.client.ping(SOON)
            with pytest.raises(Refused):
                world.identity.ping(SOON)
        finally:
            world.start_keystone()
        world.identity.ping(SOON)

    def test_trap_16_a_stopped_image_api_is_not_healthy(self, world: World) -> None:
        ada = world.person()
        world.stop_glance()
        try:
            with pytest.raises(Refused) as caught:
                ada.client.ping(SOON)
        finally:
            world.start_glance()
        assert caught.value.service == "Image API"

    def test_trap_16_a_wrong_address_is_broken(self, world: World) -> None:
        ada = world.person()
        assert world.raw("GET", "/", ada).status_code == 300
        with pytest.raises(Broken):
            ping(world.transport, image_url(ada.token) + "/nothing", SOON)

    def test_trap_18_bytes_of_another_format_are_refused(self, world: World) -> None:
        ada = world.person()
        path = f"/v2/images/{world.image(ada, disk_format='qcow2')}/file"
        headers = {"Content-Type": "application/octet-stream"}
        wrong = world.raw("PUT", path, ada, headers=headers, data=b"no such image")
        assert wrong.status_code == 415

    def test_trap_18_an_upload_names_its_type(self, world: World) -> None:
        ada = world.person()
        image_id = world.image(ada)
        path = f"/v2/images/{image_id}/file"
        plain = world.raw("PUT", path, ada, headers={"Content-Type": "text/plain"}, data=b"x")
        assert plain.status_code == 415
        headers = {"Content-Type": "application/octet-stream"}
        assert world.raw("PUT", path, ada, headers=headers, data=b"x" * 512).status_code == 204
        assert ada.client.get_image(image_id).is_active

    def test_trap_18_a_refused_type_is_invalid(self, world: World) -> None:
        ada = world.person()
        path = f"/v2/images/{world.image(ada)}"
        with pytest.raises(Invalid):
            self._call(world, ada, "PATCH", path, json=[])

    def test_trap_19_import_methods_and_stores_are_listed(self, world: World) -> None:
        ada = world.person()
        methods = self._call(world, ada, "GET", "/v2/info/import")["import-methods"]
        assert "web-download" in methods["value"]
        stores = self._call(world, ada, "GET", "/v2/info/stores")["stores"]
        assert [store["id"] for store in stores if store.get("default")]

    def _call(
        self, world: World, person: Person, method: str, path: str, json: object = None
    ) -> dict[str, Any]:
        answer = world.transport.call(
            method,
            image_url(person.token) + path,
            service="Image API",
            token=person.token.id,
            request_id="req-1",
            timeout=PATIENT,
            json=json,
        )
        return answer.json
