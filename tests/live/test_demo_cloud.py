"""The demo's cloud: it starts, keeps its data, stands bad weather, and never outlives its
parent.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from portal.demo.cloud import DemoCloud
from portal.demo.keystone_admin import RefusedByCloud
from portal.demo.ports import Port
from tests.live.conftest import Actor
from tests.live.processes import comes_true, processes_of

SECONDS = 8.0
PARENT = """
import sys, time
from pathlib import Path
from portal.demo.cloud import DemoCloud

with DemoCloud(Path(sys.argv[1]), keystone_port=0, glance_port=0):
    print("up", flush=True)
    time.sleep(600)
"""


def images(cloud: DemoCloud, token: str) -> requests.Response:
    return requests.get(
        f"{cloud.image_url}/v2/images",
        headers={"X-Auth-Token": token, "Accept": "application/json"},
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def own_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCloud]:
    """A cloud of this module's own, to be treated badly."""
    with DemoCloud(
        tmp_path_factory.mktemp("own") / "cloud", keystone_port=0, glance_port=0
    ) as cloud:
        yield cloud


def test_nothing_is_left_when_the_parent_is_terminated(tmp_path: Path) -> None:
    """How it ends otherwise: test_demo.py has that, with the portal."""
    state = tmp_path / "cloud"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(state)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        with parent.stdout as said:
            assert said.readline() == "up\n"
        # Besides the parent: two keepers, two gunicorn masters, three workers.
        assert len(processes_of(state)) >= 8
        parent.terminate()
        parent.wait(SECONDS)
    finally:
        parent.kill()
        parent.wait()

    assert comes_true(lambda: processes_of(state) == [])


def test_a_user_sees_the_image_list(demo_cloud: DemoCloud, producer: Actor) -> None:
    assert images(demo_cloud, producer.token()).json()["images"] == []


def test_a_revoked_token_is_refused_at_once(demo_cloud: DemoCloud, producer: Actor) -> None:
    token = producer.token()
    assert images(demo_cloud, token).status_code == 200
    requests.delete(
        f"{demo_cloud.auth_url}/auth/tokens",
        headers={"X-Auth-Token": token, "X-Subject-Token": token},
        timeout=SECONDS,
    ).raise_for_status()
    assert images(demo_cloud, token).status_code == 401


def test_an_application_credential_signs_in(demo_cloud: DemoCloud, producer: Actor) -> None:
    identifier, secret = demo_cloud.create_application_credential(
        producer.user, producer.password, producer.project_id
    )
    credential = {"id": identifier, "secret": secret}
    identity = {"methods": ["application_credential"], "application_credential": credential}
    answer = requests.post(
        f"{demo_cloud.auth_url}/auth/tokens",
        json={"auth": {"identity": identity}},
        timeout=SECONDS,
    )
    assert answer.json()["token"]["project"]["id"] == producer.project_id


def test_a_wrong_password_says_so(demo_cloud: DemoCloud, producer: Actor) -> None:
    with pytest.raises(RefusedByCloud, match="401"):
        demo_cloud.token(producer.user, "wrong", producer.project_id)


def test_a_second_region_leads_to_the_same_glance(own_cloud: DemoCloud) -> None:
    own_cloud.add_region("RegionTwo")
    token = own_cloud.admin_token()
    answer = requests.get(
        f"{own_cloud.auth_url}/auth/catalog", headers={"X-Auth-Token": token}, timeout=SECONDS
    )
    (image,) = (s for s in answer.json()["catalog"] if s["type"] == "image")
    public = {e["region"]: e["url"] for e in image["endpoints"] if e["interface"] == "public"}
    assert public == {"RegionOne": own_cloud.image_url, "RegionTwo": own_cloud.image_url}


def test_a_stopped_server_refuses_and_comes_back(own_cloud: DemoCloud) -> None:
    token = own_cloud.admin_token()
    own_cloud.stop_glance()
    with pytest.raises(requests.ConnectionError):
        images(own_cloud, token)
    own_cloud.start_glance()
    assert images(own_cloud, token).status_code == 200


def test_glance_says_401_when_keystone_is_down(own_cloud: DemoCloud) -> None:
    token = own_cloud.admin_token()
    own_cloud.stop_keystone()
    assert images(own_cloud, token).status_code == 401
    own_cloud.start_keystone()
    assert images(own_cloud, token).status_code == 200


@pytest.mark.parametrize("server", ["keystone", "glance"])
def test_a_frozen_server_lets_us_wait(server: str, own_cloud: DemoCloud) -> None:
    token = own_cloud.admin_token()
    address = own_cloud.auth_url if server == "keystone" else f"{own_cloud.image_url}/healthcheck"
    getattr(own_cloud, f"freeze_{server}")()
    with pytest.raises(requests.ReadTimeout):
        requests.get(address, timeout=0.5)
    getattr(own_cloud, f"thaw_{server}")()
    assert images(own_cloud, token).status_code == 200


def test_a_restart_on_other_ports_keeps_the_data(own_cloud: DemoCloud) -> None:
    """One that somebody else has by now is not taken, one that is free is."""
    project, before = own_cloud.create_project("kept"), own_cloud.auth_url
    number = urlsplit(before).port
    assert number
    own_cloud.stop()

    taken, free = socket.create_server(("127.0.0.1", number)), Port()
    free.release()
    state = own_cloud.state_dir
    with taken, DemoCloud(state, keystone_port=number, glance_port=free.number) as cloud:
        assert cloud.auth_url != before
        assert cloud.image_url == free.url
        assert cloud.create_project("kept") == project
        assert images(cloud, cloud.admin_token()).status_code == 200
