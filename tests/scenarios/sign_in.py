"""What Keystone does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.demo.company import PROTOCOL, PROVIDER
from portal.demo.passcodes import passcode, wrong_passcode
from sharing.cloud.errors import (
    Forbidden,
    Refused,
    SecondFactorNeeded,
    SessionEnded,
    WrongCredentials,
)
from sharing.cloud.identity import Identity
from sharing.cloud.resources import Receipt, Token
from sharing.cloud.websso import TOKEN, Choice

from .world import PASSWORD, Person, World

BY_PROTOCOL = Choice("openid", "Company", PROTOCOL)
BY_PROVIDER = Choice("company", "Company", PROTOCOL, PROVIDER)


class SignInRules:
    def test_a_password_gives_an_unscoped_token(self, world: World) -> None:
        ada = world.person("ada")
        token = ada.unscoped
        assert (token.project, token.roles, dict(token.image_urls)) == (None, (), {})
        assert (token.user.name, token.user.domain_name) == (ada.name, "Default")
        left = token.expires_at - datetime.now(UTC)
        assert timedelta(minutes=50) < left < timedelta(minutes=70)

    def test_a_scoped_token_knows_roles_and_image_endpoints(self, world: World) -> None:
        ada = world.person()
        assert ada.token.project is not None
        assert ada.token.project.id == ada.project_id
        assert "member" in ada.token.roles
        assert not ada.token.is_admin
        url = next(iter(ada.token.image_urls.values()))
        assert url.startswith("http")
        assert not url.endswith(("/", "/v2"))

    def test_another_project_does_not_make_it_last_longer(self, world: World) -> None:
        ada = world.person()
        assert ada.token.expires_at == ada.unscoped.expires_at

    @pytest.mark.parametrize(
        ("username", "password", "domain"),
        [("", PASSWORD, "Default"), ("nobody", "x", "Default"), ("x" * 300, "x", "Default"),
         ("nobody", "x", ""), ("nobody", "x", "No Such Domain")],
    )  # fmt: skip
    def test_whatever_is_wrong_is_wrong_credentials(
        self, world: World, username: str, password: str, domain: str
    ) -> None:
        with pytest.raises(WrongCredentials) as caught:
            world.identity.sign_in_with_password(
                username=username, password=password, domain=domain, request_id="req-1"
            )
        assert (caught.value.service, caught.value.request_id) == ("Keystone", "req-1")

    def test_a_wrong_password_is_wrong_credentials(self, world: World) -> None:
        ada = world.person()
        with pytest.raises(WrongCredentials):
            world.identity.sign_in_with_password(
                username=ada.name, password="wrong", domain="Default", request_id="req-1"
            )

    def test_projects_are_listed_by_name_without_disabled_ones(self, world: World) -> None:
        projects = {name: world.new_project(f"by-name-{name}") for name in ("b", "c", "a")}
        world.new_user("by-name", PASSWORD, dict.fromkeys(projects.values(), "member"))
        person = world.signed_in("by-name", projects["a"])
        world.disable_project(projects["c"])
        found = world.identity.list_projects(person.unscoped, request_id="req-1")
        assert [project.id for project in found] == [projects["a"], projects["b"]]
        assert [project.domain_name for project in found] == ["Default", "Default"]

    def test_somebody_elses_project_is_forbidden(self, world: World) -> None:
        ada, chen = world.person(), world.person()
        for project_id in (chen.project_id, "f" * 32, "no such project"):
            with pytest.raises(Forbidden):
                world.identity.scope(ada.unscoped, project_id, request_id="req-1")

    def test_an_ended_token_opens_no_project(self, world: World) -> None:
        ada = world.person()
        world.identity.revoke(ada.unscoped.id, request_id="req-1")
        with pytest.raises(SessionEnded):
            world.identity.scope(ada.unscoped, ada.project_id, request_id="req-1")

    def test_an_application_credential_comes_with_its_project(self, world: World) -> None:
        ada = world.person()
        credential_id, secret = world.new_application_credential(ada)
        token = world.identity.sign_in_with_application_credential(
            credential_id=credential_id, secret=secret, request_id="req-1"
        )
        assert token.project is not None
        assert token.project.id == ada.project_id
        assert token.image_urls == ada.token.image_urls
        with pytest.raises(Forbidden):
            world.identity.scope(token, ada.project_id, request_id="req-1")

    def test_a_wrong_application_credential_is_wrong_credentials(self, world: World) -> None:
        credential_id, secret = world.new_application_credential(world.person())
        for known, tried in ((credential_id, "wrong"), ("f" * 32, secret), ("", "")):
            with pytest.raises(WrongCredentials):
                world.identity.sign_in_with_application_credential(
                    credential_id=known, secret=tried, request_id="req-1"
                )

    def test_a_passcode_after_the_password_gives_a_token(self, world: World) -> None:
        ada = world.person()
        secret = world.ask_for_passcodes(ada, [["password", "totp"]])
        receipt = self.receipt(world, ada)
        assert receipt.done == {"password"}
        assert receipt.rules == (frozenset({"password", "totp"}),)
        assert receipt.wants_passcode
        left = receipt.expires_at - datetime.now(UTC)
        assert timedelta(minutes=3) < left < timedelta(minutes=7)
        for wrong in (wrong_passcode(secret), "", "x" * 300):
            with pytest.raises(WrongCredentials):
                self.by_passcode(world, ada, receipt, wrong)
        token = self.by_passcode(world, ada, receipt, passcode(secret))
        assert token.project is None
        assert token.user.name == ada.name
        projects = world.identity.list_projects(token, request_id="req-1")
        assert [project.id for project in projects] == [ada.project_id]
        scoped = world.identity.scope(token, ada.project_id, request_id="req-1")
        assert scoped.project is not None

    def test_a_receipt_is_its_own_users_and_nothing_without_a_passcode(self, world: World) -> None:
        ada, chen = world.person("ada"), world.person("chen")
        secret = world.ask_for_passcodes(ada, [["password", "totp"]])
        world.ask_for_passcodes(chen, [["password", "totp"]])
        receipt = self.receipt(world, ada)
        with pytest.raises(WrongCredentials):
            self.by_passcode(world, chen, receipt, passcode(secret))
        forged = replace(receipt, id=f"{receipt.id[:-4]}AAAA")
        with pytest.raises(WrongCredentials):
            self.by_passcode(world, ada, forged, passcode(secret))

    def test_what_else_keystone_wants_is_named(self, world: World) -> None:
        ada, rule = world.person(), ["password", "totp", "application_credential"]
        secret = world.ask_for_passcodes(ada, [rule])
        receipt = self.receipt(world, ada)
        assert not receipt.wants_passcode
        with pytest.raises(SecondFactorNeeded) as caught:
            self.by_passcode(world, ada, receipt, passcode(secret))
        assert caught.value.receipt.done == {"password", "totp"}
        assert caught.value.receipt.rules == (frozenset(rule),)

    def test_an_application_credential_may_not_be_enough(self, world: World) -> None:
        ada = world.person()
        credential_id, secret = world.new_application_credential(ada)
        world.ask_for_passcodes(ada, [["password", "totp"]])
        with pytest.raises(SecondFactorNeeded) as caught:
            world.identity.sign_in_with_application_credential(
                credential_id=credential_id, secret=secret, request_id="req-1"
            )
        assert caught.value.receipt.done == {"application_credential"}

    @staticmethod
    def receipt(world: World, person: Person) -> Receipt:
        with pytest.raises(SecondFactorNeeded) as caught:
            world.signed_in(person.name, person.project_id)
        return caught.value.receipt

    @staticmethod
    def by_passcode(world: World, person: Person, receipt: Receipt, typed: str) -> Token:
        return world.identity.sign_in_with_passcode(
            receipt=receipt,
            username=person.name,
            passcode=typed,
            domain="Default",
            request_id="req-1",
        )

    @pytest.mark.parametrize("choice", [BY_PROTOCOL, BY_PROVIDER], ids=["protocol", "provider"])
    def test_websso_gives_a_token_that_opens_the_persons_projects(
        self, world: World, choice: Choice
    ) -> None:
        project_id = world.new_project(f"websso-{choice.id}")
        sent = world.websso_token(choice, f"fay-{choice.id}", project_id)
        assert TOKEN.fullmatch(sent)
        token = world.identity.sign_in_with_websso(sent, choice, request_id="req-1")
        assert (token.project, token.user.name) == (None, f"fay-{choice.id}")
        assert token.user.domain_name == "Default"
        projects = world.identity.list_projects(token, request_id="req-1")
        assert [(one.id, one.domain_name) for one in projects] == [(project_id, "Default")]
        scoped = world.identity.scope(token, project_id, request_id="req-1")
        assert "member" in scoped.roles
        assert scoped.image_urls
        assert scoped.expires_at == token.expires_at

    def test_websso_lets_somebody_of_no_project_in(self, world: World) -> None:
        sent = world.websso_token(BY_PROTOCOL, "nobody-yet", "")
        token = world.identity.sign_in_with_websso(sent, BY_PROTOCOL, request_id="req-1")
        assert world.identity.list_projects(token, request_id="req-1") == ()

    def test_other_tokens_are_none_of_websso(self, world: World) -> None:
        ada, project_id = world.person(), world.new_project("websso-others")
        sent = world.websso_token(BY_PROTOCOL, "fay-others", project_id)
        fay = world.identity.sign_in_with_websso(sent, BY_PROTOCOL, request_id="req-1")
        scoped = world.identity.scope(fay, project_id, request_id="req-1")
        world.identity.revoke(ada.token.id, request_id="req-1")
        for token_id in (ada.unscoped.id, ada.token.id, scoped.id, "bad", "gAAAAABbad"):
            with pytest.raises(WrongCredentials):
                world.identity.sign_in_with_websso(token_id, BY_PROTOCOL, request_id="req-1")
        for other in (Choice("s", "S", "saml2"), Choice("o", "O", "openid", "elsewhere")):
            with pytest.raises(WrongCredentials):
                world.identity.sign_in_with_websso(sent, other, request_id="req-1")

    def test_a_token_is_checked(self, world: World) -> None:
        ada = world.person()
        world.identity.check(ada.token.id, request_id="req-1")
        for token_id in ("bad", "gAAAAABbad", "a b"):
            with pytest.raises(SessionEnded):
                world.identity.check(token_id, request_id="req-1")

    def test_a_token_can_be_revoked_twice(self, world: World) -> None:
        ada = world.person()
        for _ in range(2):
            world.identity.revoke(ada.token.id, request_id="req-1")
        with pytest.raises(SessionEnded):
            world.identity.check(ada.token.id, request_id="req-1")

    def test_without_keystone_nothing_is_said_about_a_token(self, world: World) -> None:
        ada = world.person()
        world.stop_keystone()
        try:
            with pytest.raises(Refused):
                world.identity.check(ada.token.id, request_id="req-1")
            with pytest.raises(Refused):
                world.signed_in(ada.name, ada.project_id)
        finally:
            world.start_keystone()

    def test_the_address_may_have_no_version(self, world: World) -> None:
        ada = world.person()
        bare = world.auth_url.removesuffix("/v3") + "/"
        Identity(auth_url=bare, transport=world.transport).check(ada.token.id, request_id="req-1")
