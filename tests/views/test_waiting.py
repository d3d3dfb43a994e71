"""What waits in all of the user's projects: in the header, in the title, and one click away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from sharing.models import ProjectToken
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, inbox, status_url
from tests.visitor import page_of
from tests.waiting import URL, counts, look, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes(fake: FakeCloud, sign_in: Callable[[str], Client]) -> list[Party]:
    """One user in three projects, signed in for the first."""
    projects = [fake.project(name) for name in ("alpha", "beta", "gamma")]
    fake.user("trio", PASSWORD, projects=projects)
    client = sign_in("trio")
    return [Party(client, project, "trio") for project in projects]


@pytest.fixture
def shares(fake: FakeCloud, producer: Party, homes: list[Party]) -> list[str]:
    """One for the first project, two for the second, none for the third."""
    return [a_share(fake, producer, homes[at], name=f"noble-{n}") for n, at in enumerate((0, 1, 1))]


def test_a_page_asks_the_cloud_nothing(fake: FakeCloud, homes: list[Party]) -> None:
    before = len(fake.calls)
    page = page_of("/", homes[0].client)
    assert fake.calls[before:] == []
    assert page.count(f'hx-get="{URL}" hx-trigger="load"') == 1
    assert f'href="{URL}"' in page


def test_the_rest_comes_in_one_answer(homes: list[Party], shares: list[str]) -> None:
    answer = look(homes[0].client)
    assert 'data-count="1"' in answer
    assert "2 wait in project beta" in said(answer)
    assert "gamma" not in said(answer)
    assert "hx-get" not in answer


def test_the_count_stands_in_the_header_and_in_the_title(
    homes: list[Party], shares: list[str]
) -> None:
    look(homes[0].client)
    for path in ("/", "/producer/", "/nowhere/"):
        page = homes[0].client.get(path).content.decode()
        assert "<title>(1) " in page
        assert 'data-count="1"' in page
        assert "+2" in page
        assert f'hx-get="{URL}"' not in page  # remembered


def test_nothing_waiting_is_no_number(homes: list[Party]) -> None:
    look(homes[0].client)
    page = page_of("/", homes[0].client)
    assert "<title>(" not in page
    assert 'data-count=""' in page


def test_one_click_switches_and_opens_that_inbox(homes: list[Party], shares: list[str]) -> None:
    answer = look(homes[0].client)
    assert f'name="project_id" value="{homes[1].project.id}"' in answer
    assert '<input type="hidden" name="next" value="/inbox/">' in answer
    form = {"project_id": homes[1].project.id, "next": "/inbox/"}
    page = homes[0].client.post(reverse("scope"), form, follow=True).content.decode()
    assert "<strong>beta</strong>" in page
    assert page.count('data-status="pending"') == 2


def test_the_inbox_says_it_above_its_letters(homes: list[Party], shares: list[str]) -> None:
    answer = look(homes[0].client, on="/inbox/?status=accepted")
    assert 'id="elsewhere-inbox"' in answer
    assert 'id="elsewhere-inbox"' not in look(homes[0].client, on="/")
    assert "2 wait in project beta" in said(inbox(homes[0].client).partition("<main")[2])


def test_without_a_script_there_is_a_page(homes: list[Party], shares: list[str]) -> None:
    page = said(page_of(URL, homes[0].client))
    assert "alpha You are signed in for it now. 1 waits for an answer" in page
    assert "beta 2 wait for an answer" in page
    assert "gamma Nothing waits here." in page


def test_what_is_remembered_is_not_asked_again(
    fake: FakeCloud, homes: list[Party], shares: list[str]
) -> None:
    look(homes[0].client)
    before = len(fake.calls)
    look(homes[0].client)
    assert fake.calls[before:] == []


def test_a_token_is_kept_for_the_next_time(
    fake: FakeCloud, homes: list[Party], shares: list[str]
) -> None:
    look(homes[0].client)
    cache.clear()
    before = len(fake.calls)
    assert "2 wait in project beta" in said(look(homes[0].client))
    assert set(fake.calls[before:]) == {"GET /v2/images"}


def test_two_list_calls_for_a_project_where_nothing_waits(
    fake: FakeCloud, homes: list[Party]
) -> None:
    before = len(fake.calls)
    look(homes[0].client)
    assert fake.calls[before:].count("GET /v2/images") == 2 * len(homes)


def test_my_own_images_do_not_wait(fake: FakeCloud, homes: list[Party]) -> None:
    fake.image(homes[1].project)
    fake.image(homes[0].project)
    assert counts(homes[0].client) == {"alpha": 0, "beta": 0, "gamma": 0}


def test_a_hidden_image_waits_too(fake: FakeCloud, producer: Party, homes: list[Party]) -> None:
    a_share(fake, producer, homes[1], os_hidden=True)
    assert counts(homes[0].client)["beta"] == 1


def test_what_was_answered_waits_no_more(
    fake: FakeCloud, producer: Party, homes: list[Party]
) -> None:
    """Also where a second row of the member, which nobody can change, is still pending."""
    for is_hidden in (True, False):
        image_id = a_share(fake, producer, homes[1], "accepted", os_hidden=is_hidden)
        fake.member(image_id, homes[1].project)
    a_share(fake, producer, homes[1])
    assert counts(homes[0].client)["beta"] == 1


def test_an_admins_token_counts_only_that_projects(
    fake: FakeCloud, producer: Party, stranger: Party, sign_in: Callable[[str], Client]
) -> None:
    projects = [fake.project("alpha"), fake.project("operators")]
    user = fake.user("root", PASSWORD, projects=projects)
    fake.grant(user, projects[1], "admin")
    root = Party(sign_in("root"), projects[1], "root")
    a_share(fake, producer, root)
    a_share(fake, producer, root, "rejected")
    for _ in range(3):
        a_share(fake, producer, stranger)
    assert counts(root.client) == {"alpha": 0, "operators": 1}


def test_an_admins_token_that_sees_too_many_says_so(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    projects = [fake.project("alpha"), fake.project("operators")]
    user = fake.user("root", PASSWORD, projects=projects)
    fake.grant(user, projects[1], "admin")
    client = sign_in("root")
    for _ in range(101):
        fake.image(producer.project)
    before = len(fake.calls)
    assert "Project operators: not available just now" in said(look(client))
    assert len(fake.calls) - before < 10


def test_in_the_region_at_hand(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    projects = [fake.project("alpha"), fake.project("beta")]
    fake.user("duo", PASSWORD, projects=projects)
    client = sign_in("duo")
    a_share(fake, producer, Party(client, projects[1], "duo"), region="South")
    assert counts(client)["beta"] == 0
    client.post(reverse("scope"), {"region": "South"})
    assert counts(client)["beta"] == 1


def test_an_answer_in_the_inbox_is_counted_at_once(
    homes: list[Party], shares: list[str], fake: FakeCloud, producer: Party
) -> None:
    client = homes[0].client
    a_share(fake, producer, homes[0], name="second")
    look(client)
    form = {"image": shares[0], "status": "accepted"}
    headers = {"HX-Request": "true", "HX-Target": "tray"}
    answer = client.post("/inbox/", form, headers=headers, follow=True).content.decode()
    assert 'data-count="1" hx-swap-oob="true">' in answer
    assert "<title>(1) " in page_of("/", client)


def test_an_answer_on_the_shares_page_is_asked_for(homes: list[Party], shares: list[str]) -> None:
    client = homes[0].client
    look(client)
    headers = {"HX-Request": "true", "HX-Target": "share"}
    answer = client.post(status_url(shares[0]), {"status": "rejected"}, headers=headers,
                         follow=True).content.decode()  # fmt: skip
    assert f'hx-swap-oob="true" hx-get="{URL}" hx-trigger="load"' in answer
    assert 'data-count=""' in look(client)


def test_nobody_sees_what_waits_for_another(
    homes: list[Party], shares: list[str], sign_in: Callable[[str], Client], fake: FakeCloud
) -> None:
    look(homes[0].client)
    fake.user("fourth", PASSWORD, projects=[homes[0].project, homes[1].project])
    page = page_of("/", sign_in("fourth"))
    assert "<title>(" not in page
    assert 'data-count=""' in page


def test_an_application_credential_has_no_other_project(
    fake: FakeCloud, homes: list[Party], shares: list[str]
) -> None:
    key, secret = fake.application_credential(fake.known_user("trio"), homes[0].project)
    client = Client()
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    assert client.post("/sign-in/", form).status_code == 302
    before = len(fake.calls)
    answer = look(client)
    assert 'data-count="1"' in answer
    assert "elsewhere-" not in answer
    assert "POST /v3/auth/tokens" not in fake.calls[before:]
    assert "belongs to one project" in page_of(URL, client)


def test_nobody_has_nothing_waiting() -> None:
    answer = Client().get(URL, headers={"HX-Request": "true", "HX-Target": "waiting"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert Client().get(URL)["Location"].startswith("/sign-in/?next=")
    assert 'id="waiting"' not in page_of("/")


def test_the_kept_tokens_are_not_readable(fake: FakeCloud, homes: list[Party]) -> None:
    look(homes[0].client)
    rows = ProjectToken.objects.all()
    assert {row.project_id for row in rows} == {one.project.id for one in homes[1:]}
    stored = "".join(row.sealed for row in rows)
    assert not [token for token in fake.keystone.tokens if token in stored]


def test_signing_out_revokes_them(fake: FakeCloud, homes: list[Party]) -> None:
    look(homes[0].client)
    homes[0].client.post(reverse("scope"), {"project_id": homes[1].project.id})
    homes[0].client.post(reverse("sign-out"))
    assert not ProjectToken.objects.exists()
    assert all(token.is_revoked for token in fake.keystone.tokens.values())


def test_signing_in_anew_forgets_them(
    fake: FakeCloud, homes: list[Party], sign_in: Callable[[str], Client]
) -> None:
    look(homes[0].client)
    form = {"method": "password", "username": "trio", "password": PASSWORD, "domain": "Default"}
    assert homes[0].client.post(reverse("sign-in"), form).status_code == 302
    assert not ProjectToken.objects.exists()


def test_other_keys_of_the_portal_make_them_anew(homes: list[Party], shares: list[str]) -> None:
    look(homes[0].client)
    ProjectToken.objects.update(sealed="nonsense")
    cache.clear()
    assert "2 wait in project beta" in said(look(homes[0].client))
