"""What the real cloud does not show, or not in time; the rest is in tests/scenarios."""

from __future__ import annotations

import json
from functools import partial

import pytest

from sharing.cloud.errors import Broken, Forbidden, Invalid, NotFound, SessionEnded
from sharing.cloud.images import ImagesClient
from sharing.cloud.resources import Project
from tests.fake import FakeCloud


@pytest.fixture
def fake() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def acme(fake: FakeCloud) -> Project:
    return fake.project("acme")


@pytest.fixture
def orchard(fake: FakeCloud) -> Project:
    return fake.project("orchard")


@pytest.fixture
def producer(fake: FakeCloud, acme: Project) -> ImagesClient:
    return fake.client(fake.user("ada", projects=[acme]), acme)


@pytest.fixture
def consumer(fake: FakeCloud, orchard: Project) -> ImagesClient:
    return fake.client(fake.user("chen", projects=[orchard]), orchard)


def paged(fake: FakeCloud, project: Project, *, page_size: int) -> ImagesClient:
    token = fake.token(fake.user("paged", projects=[project]), project)
    return ImagesClient(
        transport=fake.transport(),
        base_url=token.image_urls["RegionOne"],
        token=token,
        request_id="req-1",
        check_token=lambda: None,
        page_size=page_size,
    )


@pytest.mark.parametrize("end", ["deleted", "removed"])
def test_trap_07_an_inbox_that_loses_its_marker_starts_again(
    fake: FakeCloud, acme: Project, orchard: Project, end: str
) -> None:
    images = [fake.image(acme) for _ in range(5)]
    for image_id in images:
        fake.member(image_id, orchard)
    client = paged(fake, orchard, page_size=2)
    ends = {
        "deleted": lambda: fake.delete_image(images[3]),
        "removed": lambda: fake.remove_member(images[3], orchard),
    }
    fake.after("GET", "/v2/images", ends[end], os_hidden="false")
    found = [shared.image.id for shared in client.list_shared_with_me("pending")]
    assert found == [images[4], images[2], images[1], images[0]]
    seen = [call.params for call in fake.requests if call.params.get("os_hidden") == "false"]
    assert ["marker" in params for params in seen] == [False, True, False, True, True]


def test_trap_07_a_marker_that_is_always_refused_is_an_error_in_the_end(
    fake: FakeCloud, acme: Project, orchard: Project
) -> None:
    images = [fake.image(acme) for _ in range(9)]
    for image_id in images:
        fake.member(image_id, orchard)
    client = paged(fake, orchard, page_size=1)
    for image_id in reversed(images):
        fake.after("GET", "/v2/images", partial(fake.delete_image, image_id), os_hidden="false")
    with pytest.raises(Invalid):
        client.list_shared_with_me("pending")


def test_trap_07_the_catalogues_path_is_kept_on_every_page(
    fake: FakeCloud, acme: Project, orchard: Project
) -> None:
    fake.regions("RegionOne", path="/image", version="/v2")
    for _ in range(3):
        fake.member(fake.image(acme), orchard)
    client = paged(fake, orchard, page_size=2)
    assert len(client.list_shared_with_me("pending")) == 3


def test_a_page_of_own_images_ends_with_the_hidden_ones(
    fake: FakeCloud, acme: Project, producer: ImagesClient
) -> None:
    fake.image(acme, name="hidden-1", os_hidden=True)
    fake.image(acme, name="hidden-2", os_hidden=True)
    for number in (1, 2):
        fake.image(acme, name=f"seen-{number}")
    first = producer.list_images(limit=3)
    assert [image.name for image in first.images] == ["seen-2", "seen-1", "hidden-2"]
    second = producer.list_images(limit=3, marker=first.next_marker)
    assert [image.name for image in second.images] == ["hidden-1"]
    assert second.next_marker == ""


def test_a_page_that_just_holds_the_others_is_followed_by_the_hidden_ones(
    fake: FakeCloud, acme: Project, producer: ImagesClient
) -> None:
    fake.image(acme, name="hidden", os_hidden=True)
    fake.image(acme, name="seen")
    first = producer.list_images(limit=1)
    second = producer.list_images(limit=1, marker=first.next_marker)
    assert [image.name for image in first.images + second.images] == ["seen", "hidden"]


def test_an_admins_inbox_asks_for_each_membership(fake: FakeCloud, acme: Project) -> None:
    mine = fake.project("mine")
    root = fake.client(fake.user("root", projects=[mine], roles=["admin"]), mine)
    for _ in range(20):
        fake.member(fake.image(acme), fake.project("other"))
    fake.requests.clear()
    assert root.list_shared_with_me("pending") == ()
    assert len(fake.calls) == 22


def test_an_admins_inbox_fails_when_a_membership_cannot_be_read(
    fake: FakeCloud, acme: Project
) -> None:
    mine = fake.project("mine")
    root = fake.client(fake.user("root", projects=[mine], roles=["admin"]), mine)
    fake.member(fake.image(acme), mine)
    fake.fail("GET", "/v2/images/*/members/*", status=500)
    with pytest.raises(Broken):
        root.list_shared_with_me("pending")


def test_every_row_of_a_member_is_removed_and_then_it_is_asked_once_more(
    fake: FakeCloud, acme: Project, orchard: Project, producer: ImagesClient
) -> None:
    image_id = fake.image(acme)
    for _ in range(3):
        fake.member(image_id, orchard)
    fake.requests.clear()
    producer.remove_member(image_id, orchard.id)
    assert [call.split()[0] for call in fake.calls] == ["DELETE"] * 4
    assert fake.member_status(image_id, orchard) is None


def test_removing_ends_even_when_the_api_never_says_404(
    fake: FakeCloud, acme: Project, orchard: Project, producer: ImagesClient
) -> None:
    fake.fail("DELETE", "/v2/images/*/members/*", status=204, body="", times=None)
    producer.remove_member(fake.image(acme), orchard.id)
    assert len([call for call in fake.calls if call.startswith("DELETE")]) < 30


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../x"])
def test_a_member_that_would_change_the_path_is_not_there(
    fake: FakeCloud, acme: Project, producer: ImagesClient, name: str
) -> None:
    image_id = fake.image(acme)
    fake.requests.clear()
    with pytest.raises(NotFound):
        producer.remove_member(image_id, name)
    assert fake.calls == []


@pytest.mark.parametrize("name", ["Acme Ltd", "a?b=c", "a%2Fb", "ü", "#"])
def test_a_member_with_any_other_name_can_be_removed(
    fake: FakeCloud, acme: Project, producer: ImagesClient, name: str
) -> None:
    image_id = fake.image(acme)
    fake.member(image_id, name)
    producer.remove_member(image_id, name)
    assert producer.list_members(image_id) == ()


def test_trap_14_a_revoked_token_may_work_for_a_while(fake: FakeCloud, acme: Project) -> None:
    user = fake.user("ada", projects=[acme])
    client = fake.client(user, acme)
    fake.glance.remembers_tokens = True
    client.list_images()
    fake.expire_all()
    client.list_images()
    fake.glance.remembers_tokens = False
    with pytest.raises(SessionEnded):
        client.list_images()


def test_a_good_token_that_is_refused_is_a_broken_image_api(
    fake: FakeCloud, producer: ImagesClient
) -> None:
    fake.fail("GET", "/v2/images", status=401, times=None)
    with pytest.raises(Broken) as caught:
        producer.list_images()
    assert caught.value.service == "Image API"
    assert fake.calls[-1] == "GET /v3/auth/tokens"


def test_a_good_token_that_is_refused_once_is_used_again_to_read(
    fake: FakeCloud, acme: Project, producer: ImagesClient, orchard: Project
) -> None:
    """As Glance does just after Keystone has come back; a write is not sent twice."""
    image_id = fake.image(acme)
    fake.fail("GET", f"/v2/images/{image_id}", status=401)
    assert producer.get_image(image_id).id == image_id
    fake.fail("POST", f"/v2/images/{image_id}/members", status=401)
    with pytest.raises(Broken):
        producer.add_member(image_id, orchard.id)
    assert fake.member_status(image_id, orchard) is None


@pytest.mark.parametrize(
    "body",
    [{}, {"images": None}, {"images": [{}]}, {"images": ["x"]}, {"images": 3},
     {"images": [{"id": "1", "created_at": "x", "updated_at": "y"}]}],
)  # fmt: skip
def test_an_answer_of_another_shape_is_broken(
    fake: FakeCloud, producer: ImagesClient, body: object
) -> None:
    fake.fail("GET", "/v2/images", status=200, body=json.dumps(body))
    with pytest.raises(Broken):
        producer.list_images()


def test_a_shared_image_is_public_only_for_an_admin(
    fake: FakeCloud, acme: Project, producer: ImagesClient
) -> None:
    image_id = fake.image(acme)
    assert producer.set_visibility(image_id, "community").visibility == "community"
    with pytest.raises(Forbidden):
        producer.set_visibility(image_id, "public")
    with pytest.raises(Invalid):
        producer.set_visibility(image_id, "secret")


def test_each_region_has_its_own_images(fake: FakeCloud, acme: Project) -> None:
    fake.regions("North", "South", path="/image", version="/v2/")
    user = fake.user("ada", projects=[acme])
    fake.image(acme, name="southern", region="South")
    north, south = (fake.client(user, acme, region=name) for name in ("North", "South"))
    assert north.list_images().images == ()
    assert [image.name for image in south.list_images().images] == ["southern"]


def test_the_inbox_is_empty_when_nothing_is_shared(consumer: ImagesClient) -> None:
    for status in ("pending", "accepted", "rejected"):
        assert consumer.list_shared_with_me(status) == ()


def test_without_a_project_there_is_no_client(fake: FakeCloud, acme: Project) -> None:
    token = fake.token(fake.user("ada", projects=[acme]))
    with pytest.raises(ValueError, match="project"):
        ImagesClient(
            transport=fake.transport(),
            base_url="",
            token=token,
            request_id="req-1",
            check_token=lambda: None,
        )


def test_a_name_has_no_control_characters(fake: FakeCloud) -> None:
    """The Image API takes them, NUL too; a database and a mail's header do not."""
    home = fake.project("home")
    image_id = fake.image(home, name="a\0b\r\nBcc: x", os_distro="de\0bian")
    image = fake.client(fake.user("ada", projects=[home]), home).get_image(image_id)
    assert image.name == "a b  Bcc: x"
    assert image.os_distro == "de bian"
