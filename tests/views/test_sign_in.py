import json
from collections.abc import Callable

import pytest
import time_machine
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sharing import session
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.sessions import signed_in
from tests.signing_in import FORM
from tests.visitor import page_of

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


def test_it_has_both_ways_in_one_form() -> None:
    page = page_of(URL)
    for name in ("username", "password", "domain", "application_credential_id",
                 "application_credential_secret"):  # fmt: skip
        assert f'name="{name}"' in page
    assert 'name="domain" value="Default"' in page
    assert 'value="password"' in page
    assert 'value="application_credential"' in page


def test_a_password_signs_in(ada: str) -> None:
    client = Client()
    answer = client.post(URL, FORM | {"next": "/inbox/?status=accepted"})
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/?status=accepted")
    assert client.get("/inbox/").status_code == 200


def test_it_leaves_what_the_tests_of_other_pages_begin_with(fake: FakeCloud) -> None:
    """They are signed in without the form (tests/sessions.py): the same session, other tokens."""
    homes = [fake.project(name) for name in ("Zebra", "acme-images", "away")]
    fake.user("ada", PASSWORD, projects=homes, roles=("reader", "member"))
    fake.disable(homes[2])

    def kept(client: Client) -> tuple[object, ...]:
        found = client.session
        cloud = session.load(found, request_id="req-test")
        tokens = [cloud.token if cloud else None, session.load_unscoped(found)]
        known = [fake.keystone.tokens[token.id] for token in tokens if token]
        about = [(one.project_id, one.methods, one.expires_at) for one in known]
        return about, {**found, "cloud": found["cloud"] | {"token": "", "unscoped": ""}}

    client = Client()
    with time_machine.travel("2026-03-01 12:00Z", tick=False):
        client.post(URL, FORM)
        assert kept(client) == kept(signed_in(fake, "ada"))


def test_the_domain_may_be_left_out(ada: str) -> None:
    form = {"method": "password", "username": "ada", "password": PASSWORD}
    for domain in ({}, {"domain": ""}):
        assert Client().post(URL, form | domain).status_code == 302


def test_an_application_credential_signs_in_for_its_own_project(fake: FakeCloud) -> None:
    homes = [fake.project("one"), fake.project("two")]
    user = fake.user("robot", PASSWORD, projects=homes)
    key, secret = fake.application_credential(user, homes[1])
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    client = Client()
    assert client.post(URL, form).status_code == 302
    page = page_of("/inbox/", client)
    assert "<strong>two</strong>" in page
    assert 'name="project_id"' not in page


def test_it_signs_in_for_the_project_that_the_link_names(fake: FakeCloud) -> None:
    homes = [fake.project("aardvark"), fake.project("zebra")]
    fake.user("ada", PASSWORD, projects=homes)
    client = Client()
    client.post(URL, FORM | {"next": f"/inbox/?project={homes[1].id}"})
    assert "<strong>zebra</strong>" in page_of("/inbox/", client)


@pytest.mark.parametrize(
    "wrong", [{"password": "battery staple"}, {"username": "eve"}, {"domain": "Elsewhere"}]
)
def test_what_is_wrong_is_said_and_what_was_typed_kept(ada: str, wrong: dict[str, str]) -> None:
    answer = Client().post(URL, FORM | wrong | {"next": "/inbox/"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Keystone does not accept this." in page
    assert (FORM | wrong)["username"] in page
    assert 'value="/inbox/"' in page
    assert (FORM | wrong)["password"] not in page


@pytest.mark.parametrize("method", ["password", "application_credential"])
def test_each_missing_part_has_an_error(fake: FakeCloud, method: str) -> None:
    answer = Client().post(URL, {"method": method})
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required.") >= 2
    assert not fake.calls


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"method": "magic"},
        {"username": "\x00"},
        {"username": "x" * 300},
        {"password": "x" * 5000},
        {"domain": "\x00"},
        {"username": "é\u202e😀", "password": "\x00"},
    ],
    ids=str,
)
def test_nonsense_is_a_mistake(fake: FakeCloud, nonsense: dict[str, str]) -> None:
    form = FORM | nonsense if nonsense else {}
    assert Client().post(URL, form).status_code == 422


def test_without_a_project_there_is_nothing_to_sign_in_for(fake: FakeCloud) -> None:
    fake.user("ada", PASSWORD)
    answer = Client().post(URL, FORM)
    assert answer.status_code == 422
    assert "in no project" in answer.content.decode()


def test_a_disabled_project_is_passed_over(fake: FakeCloud) -> None:
    homes = [fake.project("aardvark", is_enabled=False), fake.project("zebra")]
    fake.user("ada", PASSWORD, projects=homes)
    client = Client()
    assert client.post(URL, FORM).status_code == 302
    assert "<strong>zebra</strong>" in page_of("/inbox/", client)


@pytest.mark.parametrize("weather", ["stopped", "frozen", "html", "broken", "unavailable"])
def test_with_keystone_away_it_says_so(fake: FakeCloud, ada: str, weather: str) -> None:
    match weather:
        case "stopped":
            fake.stop_keystone()
        case "frozen":
            fake.freeze_keystone()
        case "html":
            fake.fail("POST", "/v3/auth/tokens", html=True)
        case "broken":
            fake.fail("POST", "/v3/auth/tokens", status=201, body="[]")
        case "unavailable":
            fake.fail("POST", "/v3/auth/tokens", status=503)
    answer = Client().post(URL, FORM)
    assert answer.status_code == 503
    assert "Keystone does not answer" in answer.content.decode()


def test_with_keystone_away_no_attempt_is_counted(fake: FakeCloud, ada: str) -> None:
    fake.stop_keystone()
    for _ in range(11):
        assert Client().post(URL, FORM).status_code == 503
    fake.start_keystone()
    assert Client().post(URL, FORM).status_code == 302


def test_the_password_is_kept_nowhere(fake: FakeCloud, ada: str) -> None:
    """Not in the session either, where what was typed waits for a Keystone that is away."""
    client = Client()
    client.post(URL, FORM)
    fake.stop_keystone()
    client.post(URL, FORM | {"username": "grace"})
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert kept
    assert PASSWORD not in str(kept)
    assert PASSWORD.replace(" ", "+") not in str(kept)
    fake.start_keystone()
    assert 'value="grace"' in page_of(URL, client)


AWAY = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="/\\.:@evilsth \t\r\n\x00javascript", max_size=20),
)


@given(target=AWAY)
@example(target="//evil.test")
@example(target="https:evil.test")
@example(target="https://evil.test/inbox/")
@example(target="/\\evil.test")
@example(target="\\\\evil.test")
@example(target="/\t/evil.test")
@example(target="/\n/evil.test")
@example(target="/%09/evil.test")
@example(target="///evil.test")
@example(target="javascript:alert(1)")
@example(target="\x01//evil.test")
@example(target="/inbox/\r\nSet-Cookie: a=b")
@example(target="/..//evil.test")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_never_leads_to_another_site(ada: str, target: str) -> None:
    answer = Client().post(URL, FORM | {"next": target})
    assert answer.status_code == 302
    location = answer["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert not set(location) & set("\t\r\n\\\x00")


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("/inbox/?status=accepted", "/inbox/?status=accepted"),
        ("/sign-out/", "/"),  # only takes a form
        ("/sign-in/?next=/inbox/", "/"),
        ("/shares/0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab/status/",
         "/shares/0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab/"),
        ("/no/such/page/", "/"),
        ("", "/"),
    ],
)  # fmt: skip
def test_it_leads_to_a_page_that_can_be_looked_at(ada: str, target: str, page: str) -> None:
    assert Client().post(URL, FORM | {"next": target})["Location"] == page


def test_the_page_to_go_on_to_is_in_the_form() -> None:
    assert 'name="next" value="/inbox/?status=accepted"' in page_of(
        URL, next="/inbox/?status=accepted"
    )
    assert "evil" not in page_of(URL, next="//evil.test").partition("<form")[2]


def test_the_session_key_changes(ada: str) -> None:
    client = Client()
    client.post(URL, FORM)
    before = client.session.session_key
    client.post(URL, FORM)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_planted_session_is_worth_nothing(ada: str) -> None:
    client = Client()
    client.cookies[site_settings.SESSION_COOKIE_NAME] = "a" * 32
    client.post(URL, FORM)
    assert client.cookies[site_settings.SESSION_COOKIE_NAME].value != "a" * 32


def test_the_cookies_are_closed(ada: str) -> None:
    answer = Client().post(URL, FORM)
    for name in ("sessionid", "csrftoken"):
        cookie = answer.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_form_of_another_site_is_refused(ada: str) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, FORM).status_code == 403


def test_someone_else_in_the_same_browser_finds_nothing_of_the_former(
    fake: FakeCloud, consumer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.user("zoe", PASSWORD, projects=[fake.project("zoo")])
    fake.expire_all()
    image = "0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"
    consumer.client.post("/inbox/", {"image": image, "status": "accepted"})
    consumer.client.post(URL, FORM | {"username": "zoe"})
    session = dict(consumer.client.session.items())
    assert image not in str(session)
    assert "chen" not in str(session)


def test_a_token_that_ends_between_two_steps_is_a_wrong_sign_in(fake: FakeCloud, ada: str) -> None:
    """A user who is disabled just then: the first step's token is worth nothing at the second."""
    fake.after("POST", "/v3/auth/tokens", fake.expire_all)
    answer = Client().post(URL, FORM)
    assert answer.status_code == 422
    assert "Keystone does not accept this." in answer.content.decode()


@pytest.mark.parametrize("status", [400, 401, 403, 409, 500])
def test_no_answer_that_quotes_the_password_shows_it(
    ada: str, fake: FakeCloud, status: int
) -> None:
    words = FORM | {"password": 'a "quoted" one'}
    body = json.dumps({"error": {"message": f"not {json.dumps(words)}", "code": status}})
    fake.fail("POST", "/v3/auth/tokens", status=status, body=body)
    assert "quoted" not in Client().post(URL, words).content.decode()
