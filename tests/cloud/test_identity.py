"""What the real Keystone does not show; the rest is in tests/scenarios."""

from __future__ import annotations

import json

import pytest

from sharing.cloud.errors import (
    Broken,
    Forbidden,
    Refused,
    SecondFactorNeeded,
    SessionEnded,
    TimedOut,
    Unavailable,
    WrongCredentials,
)
from sharing.cloud.identity import Identity, image_base_url
from sharing.cloud.resources import Token
from sharing.cloud.transport import Timeout
from tests.fake import FakeCloud

PASSWORD = "secret"
TOKENS = "/v3/auth/tokens"


@pytest.fixture
def fake() -> FakeCloud:
    return FakeCloud()


def sign_in(fake: FakeCloud, password: str = PASSWORD) -> Token:
    return fake.identity().sign_in_with_password(
        username="ada", password=password, domain="Default", request_id="req-1"
    )


def test_the_token_is_unscoped_in_spite_of_a_default_project(fake: FakeCloud) -> None:
    home = fake.project("home")
    fake.user("ada", projects=[home], default_project=home)
    assert sign_in(fake).project is None
    assert fake.requests[-1].json()["auth"]["scope"] == "unscoped"


def test_no_scope_is_sent_with_an_application_credential(fake: FakeCloud) -> None:
    home = fake.project("home")
    credential_id, secret = fake.application_credential(fake.user("ada", projects=[home]), home)
    fake.identity().sign_in_with_application_credential(
        credential_id=credential_id, secret=secret, request_id="req-1"
    )
    assert "scope" not in fake.requests[-1].json()["auth"]


def test_a_second_factor_is_said_to_be_needed(fake: FakeCloud) -> None:
    fake.user("ada", rules=[("password", "totp"), ("password", "iris")])
    with pytest.raises(SecondFactorNeeded, match="totp") as caught:
        sign_in(fake)
    receipt = caught.value.receipt
    assert receipt.done == {"password"}
    assert [sorted(rule) for rule in receipt.rules] == [["password", "totp"], ["iris", "password"]]
    assert receipt.id not in f"{receipt!r} {caught.value!r} {vars(caught.value)!r}"
    assert receipt.id in fake.keystone.factors.receipts


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"receipt": {}, "required_auth_methods": []},
        {"receipt": {"methods": 3, "expires_at": "2030-01-01T00:00:00Z"},
         "required_auth_methods": [3]},
        {"receipt": {"methods": [], "expires_at": "soon"}, "required_auth_methods": []},
    ],
)  # fmt: skip
def test_a_receipt_of_another_shape_is_broken(fake: FakeCloud, body: object) -> None:
    headers = {"Openstack-Auth-Receipt": "a-receipt"}
    fake.fail("POST", TOKENS, status=401, body=json.dumps(body), headers=headers)
    with pytest.raises(Broken):
        sign_in(fake)


def test_no_error_holds_the_receipt_or_the_passcode(fake: FakeCloud) -> None:
    fake.user("ada", rules=[("password", "totp")])
    with pytest.raises(SecondFactorNeeded) as first:
        sign_in(fake)
    receipt, typed = first.value.receipt, "-".join(("314", "159"))
    with pytest.raises(WrongCredentials) as caught:
        fake.identity().sign_in_with_passcode(
            receipt=receipt, username="ada", passcode=typed, domain="Default", request_id="req-1"
        )
    error: BaseException | None = caught.value
    while error is not None:
        assert not hasattr(error, "response")
        assert typed not in repr(error)
        assert receipt.id not in repr(error)
        error = error.__context__


def test_every_call_has_the_request_id(fake: FakeCloud) -> None:
    home = fake.project("home")
    fake.user("ada", projects=[home])
    identity, token = fake.identity(), sign_in(fake)
    identity.list_projects(token, request_id="req-1")
    identity.scope(token, home.id, request_id="req-1")
    identity.check(token.id, request_id="req-1")
    identity.revoke(token.id, request_id="req-1")
    sent = {call.headers["X-Openstack-Request-Id"] for call in fake.requests}
    assert sent == {"req-1"}


def test_regions_come_in_the_catalogues_order(fake: FakeCloud) -> None:
    fake.regions("South", "North", path="/image", version="/v2/")
    home = fake.project("home")
    token = fake.token(fake.user("ada", projects=[home]), home)
    assert dict(token.image_urls) == {
        "South": "https://glance-1.test/image",
        "North": "https://glance-2.test/image",
    }


def test_the_wanted_interface_is_taken(fake: FakeCloud) -> None:
    home = fake.project("home")
    fake.user("ada", projects=[home])
    identity = Identity(auth_url=fake.auth_url, transport=fake.transport(), interface="internal")
    token = identity.scope(sign_in(fake), home.id, request_id="req-1")
    assert token.image_urls["RegionOne"] == "https://internal.glance-1.test"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a/", "http://a"),
        ("http://a/v2", "http://a"),
        ("http://a/image/v2/", "http://a/image"),
        ("http://a/v2.15/", "http://a"),
        ("http://a/dev2", "http://a/dev2"),
    ],
)
def test_an_address_ends_before_the_version(url: str, expected: str) -> None:
    assert image_base_url(url) == expected


def test_an_expired_token_opens_no_project(fake: FakeCloud) -> None:
    home = fake.project("home")
    token = fake.token(fake.user("ada", projects=[home]))
    fake.expire(token)
    with pytest.raises(SessionEnded):
        fake.identity().scope(token, home.id, request_id="req-1")


def test_a_disabled_project_is_forbidden(fake: FakeCloud) -> None:
    home = fake.project("home")
    token = fake.token(fake.user("ada", projects=[home]))
    fake.disable(home)
    with pytest.raises(Forbidden):
        fake.identity().scope(token, home.id, request_id="req-1")


def test_roles_are_in_lower_case(fake: FakeCloud) -> None:
    home = fake.project("home")
    token = fake.token(fake.user("ada", projects=[home], roles=["Admin"]), home)
    assert token.is_admin


def test_a_refused_connection_is_not_a_wrong_password(fake: FakeCloud) -> None:
    fake.stop_keystone()
    with pytest.raises(Refused) as caught:
        sign_in(fake)
    assert (caught.value.service, caught.value.request_id) == ("Keystone", "req-1")


def test_a_slow_keystone_is_asked_for_a_token_once(fake: FakeCloud) -> None:
    fake.freeze_keystone()
    with pytest.raises(TimedOut):
        sign_in(fake)
    assert fake.calls == [f"POST {TOKENS}"]


@pytest.mark.parametrize("status", [200, 201, 301, 500, 502, 503])
def test_html_from_keystone_is_broken(fake: FakeCloud, status: int) -> None:
    fake.fail("POST", TOKENS, status=status, html=True)
    with pytest.raises(Broken):
        sign_in(fake)


@pytest.mark.parametrize("body", [[], 3, None, {}, {"token": {}}, {"token": {"user": 3}}])
def test_a_token_of_another_shape_is_broken(fake: FakeCloud, body: object) -> None:
    fake.fail("POST", TOKENS, status=201, body=json.dumps(body))
    with pytest.raises(Broken):
        sign_in(fake)


@pytest.mark.parametrize("body", [{}, {"projects": None}, {"projects": [{}]}, {"projects": [1]}])
def test_projects_of_another_shape_are_broken(fake: FakeCloud, body: object) -> None:
    token = fake.token(fake.user("ada"))
    fake.fail("GET", "/v3/auth/projects", status=200, body=json.dumps(body))
    with pytest.raises(Broken):
        fake.identity().list_projects(token, request_id="req-1")


def test_a_check_that_is_not_answered_says_nothing(fake: FakeCloud) -> None:
    token = fake.token(fake.user("ada"))
    for status in (200, 502):
        fake.fail("GET", TOKENS, status=status, html=True)
        with pytest.raises(Unavailable):
            fake.identity().check(token.id, request_id="req-1")


def test_a_ping_asks_once(fake: FakeCloud) -> None:
    fake.identity().ping(Timeout(1, 1))
    fake.fail("GET", "/v3", status=404)
    with pytest.raises(Broken):
        fake.identity().ping(Timeout(1, 1))
    fake.stop_keystone()
    with pytest.raises(Refused):
        fake.identity().ping(Timeout(1, 1))
    assert fake.calls == ["GET /v3"] * 3


def test_no_error_holds_the_password(fake: FakeCloud) -> None:
    fake.user("ada")
    typed = "-".join(("hunter", "2"))
    with pytest.raises(WrongCredentials) as caught:
        sign_in(fake, typed)
    error: BaseException | None = caught.value
    while error is not None:  # keystoneauth1's errors hold the request, and so its body
        assert not hasattr(error, "response")
        assert typed not in repr(error)
        error = error.__context__


def test_no_error_quotes_a_token(fake: FakeCloud) -> None:
    token = fake.token(fake.user("ada"))
    fake.expire(token)
    fake.fail("GET", TOKENS, status=404, body=json.dumps(
        {"error": {"message": f"Could not find token: {token.id}."}}
    ))  # fmt: skip
    with pytest.raises(SessionEnded) as caught:
        fake.identity().check(token.id, request_id="req-1")
    assert caught.value.message == "Could not find token: ….", caught.value.message
    assert token.id not in repr(token)
