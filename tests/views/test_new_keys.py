"""New keys (``SECRET_KEY``), with the old one among the fallbacks: nobody notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.demo.passcodes import passcode
from sharing.models import ProjectToken
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import deliver_mail, link_in
from tests.signing_in import FORM
from tests.visitor import PROJECT, a_listing, a_recipient, page_of
from tests.waiting import look
from tests.websso import BACK, send

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NewKeys = Callable[..., None]


@pytest.fixture
def new_keys(settings: Settings) -> NewKeys:
    def change(*, keep_old: bool = True) -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep_old else []
        settings.SECRET_KEY = "a-new-one-" + "y" * 50

    return change


def test_who_is_signed_in_stays_so_and_goes_on(consumer: Party, new_keys: NewKeys) -> None:
    new_keys()
    assert consumer.client.get("/inbox/").status_code == 200
    form = {"project_id": consumer.project.id, "next": "/inbox/"}
    assert consumer.client.post("/scope/", form).status_code == 302
    assert consumer.client.get("/inbox/").status_code == 200


def test_the_tokens_for_other_projects_are_used_on(
    fake: FakeCloud, sign_in: Callable[[str], Client], new_keys: NewKeys
) -> None:
    fake.user("duo", PASSWORD, projects=[fake.project("alpha"), fake.project("beta")])
    client = sign_in("duo")
    look(client)
    assert ProjectToken.objects.count() == 1
    new_keys()
    before = len([call for call in fake.calls if call == "POST /v3/auth/tokens"])
    look(client)
    assert len([call for call in fake.calls if call == "POST /v3/auth/tokens"]) == before
    client.post("/sign-out/")
    tokens = [one for one in fake.keystone.tokens.values() if one.user.name == "duo"]
    assert len(tokens) >= 3
    assert all(one.is_revoked for one in tokens)


def test_a_sign_in_under_way_goes_on(fake: FakeCloud, new_keys: NewKeys) -> None:
    home = fake.project("home")
    rules = [("password", "totp")]
    fake.user("ada", PASSWORD, projects=[home], rules=rules, passcode_secret=SECRET)
    client = Client()
    client.post("/sign-in/", FORM)
    new_keys()
    assert client.post("/sign-in/", {"passcode": passcode(SECRET)}).status_code == 302
    assert client.get("/inbox/").status_code == 200


def test_so_does_one_by_websso(gone: Client, websso_token: str, new_keys: NewKeys) -> None:
    send(gone, websso_token)
    new_keys()
    assert gone.get(BACK).status_code == 302
    assert gone.get("/inbox/").status_code == 200


def test_what_was_typed_is_still_there(fake: FakeCloud, consumer: Party, new_keys: NewKeys) -> None:
    listing = a_listing()
    fake.keystone.tokens.clear()
    page = reverse("request", args=[listing.slug])
    form = {"project_id": consumer.project.id, "email": "c@x.test", "message": "typed with care"}
    answer = consumer.client.post(page, form)
    assert answer["Location"] == f"/sign-in/?next={quote(page, safe='')}"
    new_keys()
    consumer.client.post("/sign-in/", FORM | {"username": consumer.name, "next": page})
    assert "typed with care" in page_of(page, consumer.client)


def test_a_form_that_is_open_can_be_sent(consumer: Party, new_keys: NewKeys) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = consumer.client.cookies
    page = strict.get("/producer/groups/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    new_keys()
    form = {"name": "Partners", "csrfmiddlewaretoken": found[1]}
    assert strict.post("/producer/groups/", form).status_code == 302


@pytest.mark.parametrize("keep_old", [True, False])
def test_links_are_good_for_ever_with_or_without_the_old_key(
    consumer: Party, new_keys: NewKeys, keep_old: bool
) -> None:
    """A request's, its confirmation's, the one that stops the mails, a feed's: they are random."""
    listing = a_listing()
    form = {"project_id": PROJECT, "email": "c@x.test", "message": "", "accept_terms": "on"}
    page = Client().post(reverse("request", args=[listing.slug]), form)["Location"]
    deliver_mail()
    confirm = link_in(str(django_mail.outbox[-1].body))
    made = consumer.client.post("/inbox/feeds/", {"project": consumer.project.id})
    feed = re.findall(r"/feeds/[\w-]{43}\.atom", made.content.decode())[0]
    stop = f"/unsubscribe/{a_recipient().token}/"
    new_keys(keep_old=keep_old)
    for address in (page, confirm, feed, stop):
        assert Client().get(address).status_code == 200
    assert Client().post(confirm).status_code == 302


def test_without_the_old_key_all_sign_in_again_and_nothing_breaks(
    consumer: Party, new_keys: NewKeys
) -> None:
    new_keys(keep_old=False)
    assert consumer.client.get("/inbox/").status_code == 302
    consumer.client.post("/sign-in/", FORM | {"username": consumer.name})
    assert consumer.client.get("/inbox/").status_code == 200
