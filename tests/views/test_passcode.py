"""The second step: a one-time passcode after the right password."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.demo.passcodes import passcode, wrong_passcode
from tests.conftest import PASSWORD
from tests.fake.cloud import FakeCloud
from tests.signing_in import FORM
from tests.visitor import page_of

pytestmark = pytest.mark.django_db
URL = "/sign-in/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG = wrong_passcode(SECRET)
BOTH = ("password", "totp")


@pytest.fixture(autouse=True)
def ada(fake: FakeCloud) -> None:
    """Who needs a passcode besides her password."""
    homes = [fake.project("aardvark"), fake.project("zebra")]
    fake.user("ada", PASSWORD, projects=homes, rules=[BOTH], passcode_secret=SECRET)


@pytest.fixture
def client() -> Client:
    """Whose password was right."""
    browser = Client()
    answer = browser.post(URL, FORM | {"next": "/inbox/?status=accepted"})
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Finbox%2F%3Fstatus%3Daccepted"
    return browser


def test_after_the_password_it_asks_for_the_passcode(client: Client) -> None:
    page = page_of(URL, client, next="/inbox/?status=accepted")
    assert 'name="passcode"' in page
    assert 'name="password"' not in page
    assert "<strong>ada</strong>" in page
    assert 'name="next" value="/inbox/?status=accepted"' in page
    assert client.get("/inbox/").status_code == 302  # not signed in yet


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.3} {:.3}"])
def test_the_passcode_signs_in(client: Client, typed: str) -> None:
    now = passcode(SECRET)
    spaced = f"{now[:3]} {now[3:]}" if ":" in typed else typed.format(now)
    answer = client.post(URL, {"passcode": spaced, "next": "/inbox/?status=accepted"})
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/?status=accepted")
    assert "<strong>aardvark</strong>" in page_of("/inbox/", client)


def test_it_signs_in_for_the_project_that_the_link_names(fake: FakeCloud, client: Client) -> None:
    zebra = next(one.id for one in fake.keystone.projects.values() if one.name == "zebra")
    client.post(URL, {"passcode": passcode(SECRET), "next": f"/inbox/?project={zebra}"})
    assert "<strong>zebra</strong>" in page_of("/inbox/", client)


def test_a_wrong_one_can_be_tried_again_with_the_same_receipt(
    fake: FakeCloud, client: Client
) -> None:
    answer = client.post(URL, {"passcode": WRONG, "next": "/inbox/"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This passcode is not right" in page
    assert 'value="/inbox/"' in page
    assert WRONG not in page
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 302
    assert len(fake.keystone.factors.receipts) == 1


@pytest.mark.parametrize(
    "nonsense", ["", " ", "12", "abcdef", "1" * 13, "x" * 300, "\x00", "١٢٣٤٥٦"]
)
def test_nonsense_is_a_mistake_and_no_try(fake: FakeCloud, client: Client, nonsense: str) -> None:
    calls = len(fake.calls)
    answer = client.post(URL, {"passcode": nonsense})
    assert answer.status_code == 422
    assert 'name="passcode"' in answer.content.decode()
    assert len(fake.calls) == calls


@given(typed=st.text(max_size=20))
@example(typed="\ud800")
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_never_breaks(client: Client, typed: str) -> None:
    data = f"passcode={typed}".encode("utf-8", "surrogatepass")
    kind = "application/x-www-form-urlencoded"
    answer = client.post(URL, data, content_type=kind, REMOTE_ADDR="10.0.0.9")
    assert answer.status_code in {422, 429}


def test_an_expired_receipt_begins_again_and_keeps_the_name(client: Client) -> None:
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    with time_machine.travel(later, tick=False):
        answer = client.post(URL, {"passcode": passcode(SECRET), "next": "/inbox/"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "The time for the passcode is over" in page
        assert 'name="username" value="ada"' in page
        assert 'name="next" value="/inbox/"' in page


def test_a_page_opened_too_late_says_so_once(client: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert "The time for the passcode is over" in page_of(URL, client)
        assert "The time for the passcode is over" not in page_of(URL, client)


def test_a_receipt_that_keystone_gave_up_sooner_is_a_wrong_passcode(
    fake: FakeCloud, client: Client
) -> None:
    fake.keystone.factors.receipts.clear()
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 422
    client.post(URL, {"passcode": "", "again": "yes"})
    assert 'name="password"' in page_of(URL, client)


def test_one_can_begin_again(client: Client) -> None:
    answer = client.post(URL, {"passcode": "", "again": "yes", "next": "/inbox/"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Finbox%2F")
    assert 'name="password"' in page_of(URL, client)


def test_a_passcode_without_a_password_begins_at_the_beginning() -> None:
    answer = Client().post(URL, {"passcode": passcode(SECRET)})
    assert answer.status_code == 422
    assert 'name="password"' in answer.content.decode()


def test_a_receipt_is_good_for_its_own_user_only(fake: FakeCloud, client: Client) -> None:
    """Someone else who begins in the same browser takes the place of the first."""
    other = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
    home = fake.project("zoo")
    fake.user("zoe", PASSWORD, projects=[home], rules=[BOTH], passcode_secret=other)
    client.post(URL, FORM | {"username": "zoe"})
    assert "<strong>zoe</strong>" in page_of(URL, client)
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 422
    assert client.post(URL, {"passcode": passcode(other)}).status_code == 302
    assert "<strong>zoo</strong>" in page_of("/inbox/", client)


def test_wrong_passcodes_are_limited_like_wrong_passwords(client: Client) -> None:
    for _ in range(10):
        assert client.post(URL, {"passcode": WRONG}).status_code == 422
    answer = client.post(URL, {"passcode": passcode(SECRET)})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300
    assert client.post(URL, FORM).status_code == 429


def test_they_are_counted_for_the_user_from_anywhere(client: Client) -> None:
    for number in range(10):
        client.post(URL, {"passcode": WRONG}, REMOTE_ADDR=f"10.0.0.{number}")
    right = {"passcode": passcode(SECRET)}
    assert client.post(URL, right, REMOTE_ADDR="10.0.1.1").status_code == 429


def test_neither_receipt_nor_passcode_is_readable_anywhere(
    fake: FakeCloud, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = next(iter(fake.keystone.factors.receipts))
    client.post(URL, {"passcode": WRONG})
    fake.stop_keystone()
    now = passcode(SECRET)
    assert client.post(URL, {"passcode": now}).status_code == 503
    kept = "".join(one.session_data + str(one.get_decoded()) for one in Session.objects.all())
    page = page_of(URL, client)
    for secret in (receipt, WRONG, now):
        assert secret not in kept
        assert secret not in page
        assert secret not in caplog.text


def test_with_keystone_away_nothing_is_lost(fake: FakeCloud, client: Client) -> None:
    fake.fail("POST", "/v3/auth/tokens", html=True)
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 503
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 302


def test_the_session_key_changes_at_each_step() -> None:
    client = Client()
    keys = {client.session.session_key}
    for form in (FORM, {"passcode": passcode(SECRET)}):
        client.post(URL, form)
        keys.add(client.session.session_key)
    assert len(keys) == 3
    assert Session.objects.filter(session_key__in=keys).count() == 1


def test_forms_of_before_are_worth_nothing_after(client: Client) -> None:
    page_of(URL, client)
    before = client.cookies["csrftoken"].value
    client.post(URL, {"passcode": passcode(SECRET)})
    assert client.cookies["csrftoken"].value != before


def test_what_was_typed_before_is_still_there(fake: FakeCloud) -> None:
    client = Client()
    client.post(URL, FORM)
    client.post(URL, {"passcode": passcode(SECRET)})
    fake.expire_all()
    image = "0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"
    client.post("/inbox/", {"image": image, "status": "accepted"})
    client.post(URL, FORM)
    client.post(URL, {"passcode": passcode(SECRET)})
    assert image in str(dict(client.session.items()))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([("password", "iris")], ["password + iris", "The portal cannot do that"]),
        ([("password", "totp", "iris"), ("x509",)],
         ["password + one-time passcode + iris, or x509", "The portal cannot do that"]),
        ([("application_credential",)],
         ["application credential", "Choose that way to sign in"]),
    ],
)  # fmt: skip
def test_what_cannot_be_done_here_is_named(
    fake: FakeCloud, rules: list[tuple[str, ...]], words: list[str]
) -> None:
    fake.user("bo", PASSWORD, projects=[fake.project("p")], rules=rules)
    answer = Client().post(URL, FORM | {"username": "bo"})
    assert answer.status_code == 422
    for said in words:
        assert said in answer.content.decode()


def test_of_several_rules_the_one_with_a_passcode_is_taken(fake: FakeCloud) -> None:
    rules = [("password", "iris"), BOTH]
    homes = [fake.project("p")]
    fake.user("bo", PASSWORD, projects=homes, rules=rules, passcode_secret=SECRET)
    client = Client()
    assert client.post(URL, FORM | {"username": "bo"}).status_code == 302
    assert client.post(URL, {"passcode": passcode(SECRET)}).status_code == 302
    assert client.get("/inbox/").status_code == 200


def test_an_application_credential_that_is_not_enough_is_told_what_is(fake: FakeCloud) -> None:
    home = fake.project("p")
    user = fake.user("bo", PASSWORD, projects=[home], rules=[BOTH], passcode_secret=SECRET)
    key, secret = fake.application_credential(user, home)
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    answer = Client().post(URL, form)
    assert answer.status_code == 422
    assert "password + one-time passcode" in answer.content.decode()
    assert "Choose that way to sign in" in answer.content.decode()


def test_without_a_project_it_begins_again(fake: FakeCloud) -> None:
    fake.user("bo", PASSWORD, rules=[BOTH], passcode_secret=SECRET)
    client = Client()
    client.post(URL, FORM | {"username": "bo"})
    answer = client.post(URL, {"passcode": passcode(SECRET)})
    assert answer.status_code == 422
    assert "in no project" in answer.content.decode()
    assert 'name="username" value="bo"' in answer.content.decode()


def test_a_form_of_another_site_is_refused(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(URL, {"passcode": passcode(SECRET)}).status_code == 403
