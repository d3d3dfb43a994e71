"""Where a share's link leads those whom it was not written for, or who come from elsewhere."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, share_url, without_its_own
from tests.views.test_share import page


def test_nobody_signs_in_and_comes_back(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    """Also for the project that the link names, not the first of the user's."""
    home = fake.project("zebra")
    fake.user("zoe", PASSWORD, projects=[fake.project("aardvark"), home])
    client = Client()
    image_id = a_share(fake, producer, Party(client, home, "zoe"))
    link = f"{share_url(image_id)}?project={home.id}"
    sign_in = client.get(link)["Location"]
    assert sign_in.startswith("/sign-in/?next=")
    form = {"method": "password", "username": "zoe", "password": PASSWORD, "domain": "Default",
            "next": parse_qs(urlsplit(sign_in).query)["next"][0]}  # fmt: skip
    answer = client.post(reverse("sign-in"), form)
    assert answer["Location"] == link
    assert 'data-status="pending"' in client.get(link).content.decode()


@pytest.fixture
def both(fake: FakeCloud, sign_in: Callable[[str], Client]) -> tuple[Party, Party]:
    """One user in two projects, signed in for the first."""
    homes = [fake.project("first"), fake.project("second")]
    fake.user("both", PASSWORD, projects=homes)
    client = sign_in("both")
    return Party(client, homes[0], "both"), Party(client, homes[1], "both")


def test_for_another_project_of_mine_it_offers_to_switch(
    fake: FakeCloud, producer: Party, both: tuple[Party, Party]
) -> None:
    _, second = both
    image_id = a_share(fake, producer, second)
    link = f"{share_url(image_id)}?project={second.project.id}"
    text = page(second.client, image_id, project=second.project.id)
    assert "This was shared with second" in text
    assert "noble" not in text
    for field in (f'name="project_id" value="{second.project.id}"', f'name="next" value="{link}"'):
        assert field in text
    form = {"project_id": second.project.id, "next": link}
    answer = second.client.post(reverse("scope"), form, follow=True)
    assert 'data-status="pending"' in answer.content.decode()


@pytest.mark.parametrize("spelling", [str.upper, lambda text: str(uuid.UUID(text))])
def test_a_project_in_another_spelling_is_the_same(
    fake: FakeCloud, producer: Party, consumer: Party, spelling: Callable[[str], str]
) -> None:
    image_id = a_share(fake, producer, consumer)
    project = spelling(consumer.project.id)
    assert 'data-status="pending"' in page(consumer.client, image_id, project=project)


@pytest.mark.parametrize("nonsense", ["", "x", "0" * 33, "\x00", "../", "é" * 32])
def test_nonsense_is_nobodys_project(
    fake: FakeCloud, producer: Party, consumer: Party, nonsense: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    text = page(consumer.client, image_id, 404, project=nonsense)
    assert "This link is for another project" in text


def test_a_forwarded_link_tells_a_stranger_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    a_listing_of(image_id, producer)
    not_there = str(uuid.uuid4())
    real, none = (
        page(stranger.client, one, 404, project=consumer.project.id)
        for one in (image_id, not_there)
    )
    assert "This link is for another project" in real
    assert "Sign in as someone else" in real
    assert without_its_own(real, image_id) == without_its_own(none, not_there)


def test_the_producer_is_sent_to_the_image(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    for query in ({}, {"project": consumer.project.id}):
        answer = producer.client.get(share_url(image_id), query)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("producer-image", args=[image_id])


def test_with_an_application_credential_another_project_cannot_be_switched_to(
    fake: FakeCloud, producer: Party
) -> None:
    homes = [fake.project("first"), fake.project("second")]
    user = fake.user("robot", PASSWORD, projects=homes)
    key, secret = fake.application_credential(user, homes[0])
    client = Client()
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    assert client.post(reverse("sign-in"), form).status_code == 302
    image_id = a_share(fake, producer, Party(client, homes[1], "robot"))
    page(client, image_id, 404, project=homes[1].id)


def test_in_another_region_it_offers_to_switch(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    image_id = a_share(fake, producer, dora, region="South")
    link = f"{share_url(image_id)}?project={home.id}&region=South"
    assert "This was shared in South" in dora.client.get(link).content.decode()
    answer = dora.client.post(reverse("scope"), {"region": "South", "next": link}, follow=True)
    assert 'data-status="pending"' in answer.content.decode()


def test_without_the_region_in_the_link_our_record_knows_it(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    image_id = a_share(fake, producer, dora, region="South")
    a_record(image_id, producer, dora, region="South")
    assert 'name="region" value="South"' in page(dora.client, image_id)


def test_a_region_that_is_none_is_overlooked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert 'data-status="pending"' in page(consumer.client, image_id, region="Atlantis")
