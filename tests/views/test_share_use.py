"""How to use a shared image: by its ID, in words that can be copied as they are."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, share_url
from tests.visitor import page_of


def snippets(page: str) -> str:
    """The copyable texts, as they are copied."""
    return "\n".join(
        map(html.unescape, re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL))
    )


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_each_way_names_it_by_its_id(
    fake: FakeCloud, producer: Party, consumer: Party, status: str
) -> None:
    image_id = a_share(fake, producer, consumer, status)
    page = page_of(share_url(image_id), consumer.client)
    assert "You can boot from it now by its ID, accepted or not." in page
    code = snippets(page)
    for line in (
        f"openstack server create --image {image_id} --flavor m1.small --network private",
        f"openstack image set --accept {image_id}",
        f'image_id = "{image_id}"',
        f'condition     = self.id == "{image_id}"',
        f"image: {image_id}",
        f"openstack image save --file my-image.qcow2 {image_id}",
    ):
        assert line in code
    assert "--project" not in code


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"min_disk": 7, "min_ram": 512}, "at least 7 GiB of disk and 512 MiB of RAM"),
        ({"min_disk": 7}, "at least 7 GiB of disk; no minimum of RAM"),
        ({"min_ram": 512}, "at least 512 MiB of RAM; no minimum of disk"),
        ({}, "no minimum of disk or RAM"),
    ],
)
def test_the_smallest_flavor_is_said_in_words(
    fake: FakeCloud, producer: Party, consumer: Party, facts: dict[str, Any], words: str
) -> None:
    image_id = a_share(fake, producer, consumer, **facts)
    page = page_of(share_url(image_id), consumer.client)
    assert words in page
    assert ("openstack flavor list --min-disk" in page) == bool(facts)


def test_a_deactivated_image_cannot_be_booted_from(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, status="deactivated")
    assert "You can boot from it now" not in page_of(share_url(image_id), consumer.client)


def test_where_nothing_is_to_accept_nothing_is_said_of_it(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = fake.image(producer.project, visibility="community")
    page = page_of(share_url(image_id), consumer.client)
    assert "You can boot from it now by its ID." in page
    assert "accept" not in snippets(page)
    assert 'visibility    = "community"' in page.replace("&quot;", '"')


def test_a_hidden_image_is_in_no_list_that_ansible_could_look_in(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, os_hidden=True)
    code = snippets(page_of(share_url(image_id), consumer.client))
    assert f"openstack.cloud.volume:\n    name: my-disk\n    image: {image_id}" in code
    assert "hidden        = true" in code


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ('x" } provisioner', r'"x\" } provisioner"'),
        ("${file(1)} %{if}", '"$${file(1)} %%{if}"'),
        ("a\\", r'"a\\"'),
        ("ünïcode &lt; <b>", '"ünïcode &lt; <b>"'),
    ],
)
def test_a_name_stays_a_name_in_a_plan(
    fake: FakeCloud, producer: Party, consumer: Party, name: str, quoted: str
) -> None:
    image_id = a_share(fake, producer, consumer, name=name)
    code = snippets(page_of(share_url(image_id), consumer.client))
    assert f"name          = {quoted}\n" in code
