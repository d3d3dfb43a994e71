"""WebSSO when something goes wrong, and what becomes of the session."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.signing_in import FORM
from tests.visitor import page_of
from tests.websso import BACK, NEXT, begin, is_signed_in, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("websso")]


@pytest.mark.parametrize("what", ["expired", "scoped", "password", "unknown"])
def test_a_token_that_is_worth_nothing_leads_back(
    fake: FakeCloud, gone: Client, websso_token: str, what: str
) -> None:
    match what:
        case "expired":
            fake.expire(websso_token)
        case "scoped":
            known = fake.keystone.tokens[websso_token]
            known.project_id = next(iter(known.user.roles))
        case "password":
            websso_token = fake.token(fake.user("eve", projects=[fake.project("p")])).id
        case "unknown":
            websso_token = "gAAAAABnever"
    send(gone, websso_token)
    answer = gone.get(BACK)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Keystone does not accept this sign-in any more" in page
    assert f'name="next" value="{NEXT}"' in page
    assert not is_signed_in(gone)
    assert gone.get(BACK).status_code == 403


def test_a_token_that_ends_between_two_steps_leads_back(
    fake: FakeCloud, gone: Client, websso_token: str
) -> None:
    fake.after("GET", "/v3/auth/tokens", fake.expire_all)
    send(gone, websso_token)
    assert gone.get(BACK).status_code == 422


def test_without_a_project_there_is_nothing_to_sign_in_for(fake: FakeCloud, gone: Client) -> None:
    send(gone, fake.keystone.websso_token(fake.user("newcomer").id))
    answer = gone.get(BACK)
    assert answer.status_code == 422
    assert "in no project" in answer.content.decode()


@pytest.mark.parametrize("weather", ["stopped", "frozen", "html", "broken", "shapeless"])
def test_with_keystone_away_the_same_page_can_be_asked_for_again(
    fake: FakeCloud, gone: Client, websso_token: str, weather: str
) -> None:
    match weather:
        case "stopped":
            fake.fail("GET", "/v3/auth/tokens", refused=True, times=2)
        case "frozen":
            fake.fail("GET", "/v3/auth/tokens", slow=True, times=2)
        case "html":
            fake.fail("GET", "/v3/auth/tokens", html=True)
        case "broken":
            fake.fail("GET", "/v3/auth/tokens", status=200, body='{"token": {"user": []}}')
        case "shapeless":
            fake.fail("GET", "/v3/auth/projects", status=200, body="{}")
    send(gone, websso_token)
    answer = gone.get(BACK)
    assert answer.status_code == 503
    assert f'href="{BACK}"' in answer.content.decode()
    assert gone.get(BACK)["Location"] == NEXT


def test_wrong_ones_are_limited_by_address_alone(fake: FakeCloud, websso_token: str) -> None:
    browser = Client()
    for number in range(11):
        begin(browser)
        send(browser, f"gAAAAABwrong{number}")
        status = browser.get(BACK).status_code
        assert status == (422 if number < 10 else 429)
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    begin(elsewhere)
    send(elsewhere, websso_token)
    assert elsewhere.get(BACK).status_code == 302


def test_the_token_is_readable_nowhere(
    gone: Client, websso_token: str, caplog: pytest.LogCaptureFixture
) -> None:
    cookie = send(gone, websso_token).cookies["websso"]
    assert websso_token not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", BACK)
    gone.get(BACK)
    kept = "".join(one.session_data + str(one.get_decoded()) for one in Session.objects.all())
    assert websso_token not in kept
    assert websso_token not in caplog.text


def test_sign_out_ends_both_tokens(fake: FakeCloud, gone: Client, websso_token: str) -> None:
    send(gone, websso_token)
    gone.get(BACK)
    gone.post("/sign-out/")
    assert all(one.is_revoked for one in fake.keystone.tokens.values())


def test_the_session_key_changes(gone: Client, websso_token: str) -> None:
    before = gone.session.session_key
    send(gone, websso_token)
    gone.get(BACK)
    assert gone.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_forms_of_before_are_worth_nothing_after(gone: Client, websso_token: str) -> None:
    page_of("/sign-in/", gone)
    before = gone.cookies["csrftoken"].value
    send(gone, websso_token)
    gone.get(BACK)
    assert gone.cookies["csrftoken"].value != before


def test_what_was_typed_when_the_sign_in_ran_out_is_still_there(
    fake: FakeCloud, gone: Client, websso_token: str
) -> None:
    """The way back has no cookie, and does not take the place of the session."""
    send(gone, websso_token)
    gone.get(BACK)
    fake.expire_all()
    image = "0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"
    gone.post("/inbox/", {"image": image, "status": "accepted"})
    fay = fake.keystone.tokens[websso_token].user
    begin(gone)
    send(gone, fake.keystone.websso_token(fay.id))
    gone.get(BACK)
    assert image in str(dict(gone.session.items()))


def test_someone_else_in_the_same_browser_finds_nothing_of_the_former(
    fake: FakeCloud, consumer: Party, websso_token: str
) -> None:
    begin(consumer.client)
    send(consumer.client, websso_token)
    consumer.client.get(BACK)
    assert "chen" not in str(dict(consumer.client.session.items()))
    assert "<strong>aardvark</strong>" in page_of("/inbox/", consumer.client)


def test_a_password_ends_what_was_under_way(
    fake: FakeCloud, gone: Client, websso_token: str
) -> None:
    fake.user("ada", PASSWORD, projects=[fake.project("acme-images")])
    gone.post("/sign-in/", FORM)
    send(gone, websso_token)
    assert gone.get(BACK).status_code == 403
    assert "<strong>acme-images</strong>" in page_of("/inbox/", gone)
