from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import Settings

from sharing import session
from tests.conftest import Party
from tests.fake.cloud import FakeCloud


def test_the_tokens_at_rest_are_not_readable(fake: FakeCloud, consumer: Party) -> None:
    raw = Session.objects.get()
    stored = raw.session_data + str(raw.get_decoded())
    assert len(fake.keystone.tokens) == 2  # the unscoped one and the project's
    for token_id in fake.keystone.tokens:
        assert token_id not in stored
    cloud = session.load(consumer.client.session, request_id="req-test")
    assert cloud
    assert cloud.token.id in fake.keystone.tokens


def test_the_tokens_are_in_no_repr(consumer: Party) -> None:
    cloud = session.load(consumer.client.session, request_id="req-test")
    assert cloud
    assert cloud.token.id not in repr(cloud)
    assert cloud.token.id not in repr(cloud.token)


def test_new_keys_with_the_old_as_fallback_sign_nobody_out(
    consumer: Party, settings: Settings
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-one-" + "y" * 50
    assert consumer.client.get("/inbox/").status_code == 200


def test_new_keys_alone_sign_everybody_out_without_an_error(
    consumer: Party, settings: Settings
) -> None:
    settings.SECRET_KEY = "a-new-one-" + "y" * 50
    assert consumer.client.get("/inbox/").status_code == 302


def test_a_token_sealed_with_other_keys_is_none(consumer: Party, settings: Settings) -> None:
    """The session can be read, the token in it cannot."""
    store = SessionStore()
    store.update(consumer.client.session.items())
    settings.SECRET_KEY = "a-new-one-" + "y" * 50
    assert session.load(store, request_id="req-test") is None
    assert session.load_unscoped(store) is None


def test_a_token_whose_time_is_over_is_none(consumer: Party) -> None:
    store = consumer.client.session
    assert session.load(store, request_id="req-test")
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        assert session.load(store, request_id="req-test") is None
        assert session.last_user_id(store)  # whose form may be kept


def test_an_empty_session_is_nobodys(db: None) -> None:
    assert session.load(SessionStore(), request_id="req-test") is None
    assert session.load_unscoped(SessionStore()) is None
    assert session.last_user_id(SessionStore()) == ""


def test_an_unscoped_token_is_not_kept(fake: FakeCloud, db: None) -> None:
    token = fake.token(fake.user("ada"))
    with pytest.raises(ValueError, match="project"):
        session.store(SessionStore(), token=token, unscoped=token, projects=(), region="")


def test_only_regions_of_the_catalogue_can_be_chosen(consumer: Party) -> None:
    store = consumer.client.session
    session.choose_region(store, "Atlantis")
    cloud = session.load(store, request_id="req-test")
    assert cloud
    assert cloud.region == "RegionOne"


def test_the_image_apis_addresses_are_remembered(fake: FakeCloud, consumer: Party) -> None:
    assert session.image_addresses() == fake.image_urls


def test_a_new_process_learns_the_addresses_from_a_session(consumer: Party) -> None:
    session.connection.cache_clear()
    assert session.image_addresses() == {}
    consumer.client.get("/")
    assert session.image_addresses()
