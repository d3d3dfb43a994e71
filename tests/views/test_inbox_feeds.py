"""The private feed: its page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sharing.cloud.resources import Project
from sharing.models import InboxFeed, Sighting
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.feeds import read_feed
from tests.scenarios.desk import everything_stored, words
from tests.shares import a_share, inbox

URL = "/inbox/feeds/"


def sign_in_by_form(name: str, client: Client | None = None) -> Client:
    client = client or Client()
    fields = {"method": "password", "username": name, "password": PASSWORD, "domain": "Default"}
    assert client.post("/sign-in/", fields).status_code == 302
    return client


def form(party: Party, instead_of: str = "") -> dict[str, str]:
    return {"project": party.project.id, "instead_of": instead_of}


def make(party: Party, instead_of: str = "") -> str:
    """The path of a new address."""
    answer = party.client.post(URL, form(party, instead_of))
    assert answer.status_code == 200, answer.status_code
    found = re.search(
        r'data-feed-address="http://localhost(/feeds/[^"]+)"', answer.content.decode()
    )
    assert found
    return found[1]


def page(party: Party) -> str:
    answer = party.client.get(URL)
    assert answer.status_code == 200
    return answer.content.decode()


def status(address: str) -> int:
    return Client().get(address).status_code


@pytest.fixture
def dana(fake: FakeCloud, db: None) -> tuple[Party, Project]:
    """A consumer with two projects, signed in for the first; and the second."""
    homes = [fake.project("first"), fake.project("second")]
    fake.user("dana", PASSWORD, projects=homes)
    return Party(sign_in_by_form("dana"), homes[0], "dana"), homes[1]


def test_nobody_has_one_who_did_not_ask(consumer: Party) -> None:
    assert "Make an address" in page(consumer)
    assert not InboxFeed.objects.exists()


def test_who_is_signed_out_signs_in_first(db: None) -> None:
    assert Client().get(URL)["Location"] == "/sign-in/?next=%2Finbox%2Ffeeds%2F"


def test_an_address_is_shown_once_and_kept_nowhere(consumer: Party) -> None:
    address = make(consumer)
    key = address.removeprefix("/feeds/").removesuffix(".atom")
    assert len(key) == 43  # 256 bits
    assert key not in page(consumer)
    assert key not in everything_stored()
    assert status(address) == 200


def test_the_answer_that_shows_it_is_not_kept(consumer: Party) -> None:
    assert "no-store" in consumer.client.post(URL, form(consumer)).headers["Cache-Control"]


def test_the_same_form_again_makes_no_other(consumer: Party) -> None:
    address = make(consumer)
    again = consumer.client.post(URL, form(consumer))
    assert again.status_code == 302
    assert "made already" in page(consumer)
    assert status(address) == 200
    assert InboxFeed.objects.count() == 1


def test_a_new_address_ends_the_former(consumer: Party) -> None:
    first = make(consumer)
    second = make(consumer, str(InboxFeed.objects.get().pk))
    assert (status(first), status(second)) == (404, 200)
    assert read_feed(second).id == f"http://localhost/inbox/#{consumer.project.id}"


def test_it_says_when_the_feed_was_last_fetched(consumer: Party) -> None:
    address = make(consumer)
    fetched = r"<dd data-fetched>(.*?)</dd>"
    assert "never" in re.findall(fetched, page(consumer))[0]
    read_feed(address)
    assert "just now" in re.findall(fetched, page(consumer))[0]


def test_a_revoked_address_leads_nowhere(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    a_share(fake, producer, consumer)
    address = make(consumer)
    assert Sighting.objects.exists()
    answer = consumer.client.post(f"{URL}revoke/", {"project": consumer.project.id})
    assert answer.status_code == 302
    assert "Make an address" in page(consumer)
    assert status(address) == 404
    assert not Sighting.objects.exists()


def test_nobody_revokes_anothers(consumer: Party, stranger: Party) -> None:
    address = make(consumer)
    for project in (consumer.project.id, "nonsense\0", ""):
        assert stranger.client.post(f"{URL}revoke/", {"project": project}).status_code == 302
    assert status(address) == 200


def test_each_person_of_a_project_has_their_own(
    fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.user("dana", PASSWORD, projects=[consumer.project])
    colleague = Party(sign_in("dana"), consumer.project, "dana")
    first, second = make(consumer), make(colleague)
    colleague.client.post(f"{URL}revoke/", {"project": consumer.project.id})
    assert (status(first), status(second)) == (200, 404)


def test_those_for_other_projects_stand_below(dana: tuple[Party, Project]) -> None:
    here, other = dana
    address = make(here)
    assert here.client.post("/scope/", {"project_id": other.id}).status_code == 302
    below = page(here)
    assert f'data-feed-project="{here.project.id}"' in below
    assert f'name="project" value="{here.project.id}"' in below
    here.client.post(f"{URL}revoke/", {"project": here.project.id})
    assert status(address) == 404


def test_a_form_of_another_project_makes_nothing(consumer: Party, stranger: Party) -> None:
    assert consumer.client.post(URL, form(stranger)).status_code == 409
    assert not InboxFeed.objects.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"project": ""}, {"project": "\0"}, {"project": "x", "instead_of": "y"}]
)
def test_nonsense_makes_nothing(consumer: Party, fields: dict[str, str]) -> None:
    assert consumer.client.post(URL, fields).status_code in {409, 422}
    assert not InboxFeed.objects.exists()


def test_it_is_made_while_the_image_api_is_away(fake: FakeCloud, consumer: Party) -> None:
    fake.stop_glance()
    assert read_feed(make(consumer)).titles == []


def test_an_expired_sign_in_says_to_press_again(fake: FakeCloud, consumer: Party) -> None:
    fake.expire_all()
    assert "/sign-in/" in consumer.client.post(URL, form(consumer))["Location"]
    sign_in_by_form("chen", consumer.client)
    assert "press the button again" in page(consumer)
    assert not InboxFeed.objects.exists()


def test_a_sign_in_that_shows_that_one_has_left_ends_it(
    fake: FakeCloud, dana: tuple[Party, Project]
) -> None:
    here, _other = dana
    address = make(here)
    sign_in_by_form("dana")
    assert status(address) == 200
    fake.disable(here.project)
    assert status(address) == 200  # nobody told the portal yet
    sign_in_by_form("dana")
    assert status(address) == 404


def test_so_does_a_switch_of_the_project(fake: FakeCloud, dana: tuple[Party, Project]) -> None:
    here, other = dana
    address = make(here)
    fake.disable(here.project)
    assert here.client.post("/scope/", {"project_id": other.id}).status_code == 302
    assert status(address) == 404


def test_an_application_credential_says_nothing_of_other_projects(
    fake: FakeCloud, consumer: Party
) -> None:
    other = fake.project("second")
    user = fake.user("dana", PASSWORD, projects=[consumer.project, other])
    address = make(Party(sign_in_by_form("dana"), consumer.project, "dana"))
    credential, secret = fake.application_credential(user, other)
    fields = {
        "method": "application_credential",
        "application_credential_id": credential,
        "application_credential_secret": secret,
    }
    assert Client().post("/sign-in/", fields).status_code == 302
    assert status(address) == 200


def test_after_90_days_without_its_owner_it_ends_for_good(consumer: Party) -> None:
    address = make(consumer)
    InboxFeed.objects.update(owner_seen_at=timezone.now() - timedelta(days=90))
    assert "Make an address" in page(consumer)
    assert status(address) == 404
    InboxFeed.objects.update(owner_seen_at=timezone.now())
    assert status(address) == 404


def test_a_sign_in_prolongs_it(consumer: Party) -> None:
    address = make(consumer)
    InboxFeed.objects.update(owner_seen_at=timezone.now() - timedelta(days=89))
    sign_in_by_form("chen")
    assert InboxFeed.objects.get().owner_seen_at > timezone.now() - timedelta(minutes=1)
    assert status(address) == 200


def test_the_page_promises_no_status(consumer: Party) -> None:
    make(consumer)
    said = words(html.unescape(page(consumer)))
    assert "never says how a share stands now" in said
    assert "90 days" in said


def test_a_project_without_a_feed_is_not_watched(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    inbox(consumer.client)
    assert not Sighting.objects.exists()
