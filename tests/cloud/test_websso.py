from __future__ import annotations

import pytest

from sharing.cloud.websso import Choice, address, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Keystone.test/v3", "https://keystone.test"),
        ("https://keystone.test:443/identity/v3", "https://keystone.test"),
        ("http://keystone.test:80", "http://keystone.test"),
        ("http://keystone.test:443/v3", "http://keystone.test:443"),
        ("http://[::1]:5000/v3", "http://[::1]:5000"),
    ],
)
def test_an_origin_is_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("base", ["https://k.test/identity", "https://k.test/identity/v3/"])
def test_keystones_page_may_be_below_a_path(base: str) -> None:
    choice = Choice("c", "Company", "openid", "acme/idp")
    assert address(base, choice, origin="https://p.test/sign-in/websso/") == (
        "https://k.test/identity/v3/auth/OS-FEDERATION/identity_providers/acme%2Fidp"
        "/protocols/openid/websso?origin=https%3A%2F%2Fp.test%2Fsign-in%2Fwebsso%2F"
    )
