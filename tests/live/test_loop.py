"""The loop that the fake is used for, on the real Keystone and Image API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import reverse

from portal.demo.cloud import DemoCloud
from sharing import session
from sharing.cloud.resources import Project
from tests.conftest import Party
from tests.live.conftest import Actor
from tests.scenarios.loop import the_whole_loop

Enter = Callable[[Actor], Party]


@pytest.fixture
def enter(demo_cloud: DemoCloud, settings: Any, db: None) -> Iterator[Enter]:
    """Signs an actor in at the portal."""
    settings.OS_AUTH_URL = demo_cloud.auth_url
    session.connection.cache_clear()

    def signed_in(actor: Actor) -> Party:
        client = Client()
        form = {
            "method": "password",
            "username": actor.user,
            "password": actor.password,
            "domain": "Default",
        }
        assert client.post(reverse("sign-in"), form).status_code == 302
        return Party(client, Project(actor.project_id, actor.project), actor.user)

    yield signed_in
    session.connection.cache_clear()


def new_image(owner: Actor) -> str:
    """A shared image with bytes in it; its ID."""
    images = f"{owner.cloud.image_url}/v2/images"
    headers = {"X-Auth-Token": owner.token()}
    facts = {"name": "debian-12", "disk_format": "raw", "container_format": "bare"}
    image_id = str(requests.post(images, json=facts, headers=headers, timeout=20).json()["id"])
    headers["Content-Type"] = "application/octet-stream"
    answer = requests.put(
        f"{images}/{image_id}/file", data=b"\0" * 512, headers=headers, timeout=20
    )
    assert answer.status_code == 204
    return image_id


def test_the_whole_loop(enter: Enter, producer: Actor, consumer: Actor) -> None:
    image_id = new_image(producer)
    the_whole_loop(enter(producer), enter(consumer), image_id)

    lists = requests.get(
        f"{producer.cloud.image_url}/v2/images",
        headers={"X-Auth-Token": consumer.token()},
        timeout=20,
    )
    assert image_id in [image["id"] for image in lists.json()["images"]]
