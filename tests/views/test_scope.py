from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.visitor import page_of

pytestmark = pytest.mark.django_db
URL = "/scope/"


@pytest.fixture
def homes(fake: FakeCloud) -> list[str]:
    """The IDs of a user's two projects, in the order of their names."""
    projects = [fake.project("aardvark"), fake.project("zebra")]
    fake.user("both", PASSWORD, projects=projects)
    return [project.id for project in projects]


@pytest.fixture
def client(homes: list[str], sign_in: Callable[[str], Client]) -> Client:
    return sign_in("both")


def test_it_switches_the_project_and_stays_on_the_page(homes: list[str], client: Client) -> None:
    answer = client.post(URL, {"project_id": homes[1], "next": "/inbox/?status=accepted"})
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/?status=accepted")
    page = page_of("/inbox/", client)
    assert "<strong>zebra</strong>" in page
    assert f'<option value="{homes[1]}" selected>' in page


def test_it_can_be_switched_back(homes: list[str], client: Client) -> None:
    for home, name in ((homes[1], "zebra"), (homes[0], "aardvark")):
        client.post(URL, {"project_id": home})
        assert f"<strong>{name}</strong>" in page_of("/inbox/", client)


def test_calls_are_made_with_the_other_projects_token(
    fake: FakeCloud, homes: list[str], client: Client
) -> None:
    client.post(URL, {"project_id": homes[1]})
    client.get("/inbox/")
    token = fake.keystone.tokens[fake.requests[-1].token]
    assert token.project_id == homes[1]


@pytest.mark.parametrize("project", ["nonsense", "\x00", "0" * 32, "../", "a" * 5000])
def test_what_is_no_project_of_mine_is_not_there(client: Client, project: str) -> None:
    assert client.post(URL, {"project_id": project}).status_code == 404
    assert "<strong>aardvark</strong>" in page_of("/inbox/", client)


def test_anothers_project_is_not_there(client: Client, stranger: Party) -> None:
    assert client.post(URL, {"project_id": stranger.project.id}).status_code == 404


def test_a_project_i_have_left_is_not_there(
    fake: FakeCloud, homes: list[str], client: Client
) -> None:
    fake.keystone.users[0].roles.pop(homes[1])
    assert client.post(URL, {"project_id": homes[1]}).status_code == 404


def test_a_project_i_have_joined_since_is(fake: FakeCloud, client: Client) -> None:
    late = fake.project("late")
    fake.keystone.users[0].roles[late.id] = {"member"}
    assert client.post(URL, {"project_id": late.id}).status_code == 302
    assert "<strong>late</strong>" in page_of("/inbox/", client)


def test_an_application_credential_stays_in_its_project(fake: FakeCloud) -> None:
    projects = [fake.project("one"), fake.project("two")]
    user = fake.user("robot", PASSWORD, projects=projects)
    key, secret = fake.application_credential(user, projects[0])
    client = Client()
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    assert client.post("/sign-in/", form).status_code == 302
    assert 'action="/scope/"' not in page_of("/inbox/", client)
    assert client.post(URL, {"project_id": projects[1].id}).status_code == 404


def test_it_switches_the_region_and_keeps_it_with_the_project(
    fake: FakeCloud, homes: list[str], sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    client = sign_in("both")
    assert "<option selected>North</option>" in page_of("/inbox/", client)
    answer = client.post(URL, {"region": "South", "next": "/inbox/"})
    assert answer["Location"] == "/inbox/"
    assert "<option selected>South</option>" in page_of("/inbox/", client)
    assert fake.requests[-1].host == "glance-2.test"
    client.post(URL, {"project_id": homes[1]})
    assert "<option selected>South</option>" in page_of("/inbox/", client)


def test_one_region_is_no_choice(client: Client) -> None:
    assert 'name="region"' not in page_of("/inbox/", client)


@pytest.mark.parametrize("region", ["Atlantis", "\x00", "../", "x" * 5000])
def test_a_region_that_is_none_changes_nothing(client: Client, region: str) -> None:
    assert client.post(URL, {"region": region}).status_code == 302
    assert "RegionOne" in page_of("/inbox/", client)


@pytest.mark.parametrize("target", ["//evil.test", "https:evil.test", "/\\evil.test", "/\t/evil"])
def test_it_never_leads_to_another_site(homes: list[str], client: Client, target: str) -> None:
    assert client.post(URL, {"project_id": homes[1], "next": target})["Location"] == "/"


def test_from_a_page_that_only_takes_a_form_it_leads_to_the_one_above(
    homes: list[str], client: Client
) -> None:
    share = reverse("share", args=["0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"])
    answer = client.post(URL, {"project_id": homes[1], "next": f"{share}status/"})
    assert answer["Location"] == share


def test_with_keystone_away_the_project_stays(
    fake: FakeCloud, homes: list[str], client: Client
) -> None:
    fake.stop_keystone()
    assert client.post(URL, {"project_id": homes[1]}).status_code == 503
    fake.start_keystone()
    assert "<strong>aardvark</strong>" in page_of("/inbox/", client)


def test_with_an_expired_token_it_signs_in_first(
    fake: FakeCloud, homes: list[str], client: Client
) -> None:
    fake.expire_all()
    answer = client.post(URL, {"project_id": homes[1]})
    assert answer["Location"].startswith("/sign-in/?next=")


def test_nobody_has_nothing_to_switch() -> None:
    assert Client().post(URL, {"project_id": "0" * 32}).status_code == 302


def test_looking_at_it_is_not_possible(client: Client) -> None:
    assert client.get(URL).status_code == 405
