"""A person's own mails about a project: which, when, and to which address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sharing.models import MailAddress, OutgoingMail, Subscription
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.preferences import (
    AT_ONCE,
    CHEN,
    PAGE,
    a_subscription,
    confirm_link,
    open_link,
    share,
    subscribe,
    user_id,
    written,
)
from tests.visitor import page_of

pytestmark = pytest.mark.django_db


def test_nothing_is_sent_before_the_address_is_confirmed(
    producer: Party, consumer: Party, image: str
) -> None:
    subscribe(consumer)
    share(producer, image, consumer)
    assert written() == []
    assert "Not confirmed yet" in page_of(PAGE, consumer.client)


def test_opening_the_link_only_shows_a_button(consumer: Party) -> None:
    subscribe(consumer)
    page = page_of(confirm_link(CHEN))
    assert "Yes, send them here" in page
    assert not MailAddress.objects.get().is_in_use


def test_confirmed_it_is_told_and_says_why(producer: Party, consumer: Party, image: str) -> None:
    subscribe(consumer)
    open_link(CHEN)
    share(producer, image, consumer)
    mail = OutgoingMail.objects.get(kind="shared")
    assert mail.to == CHEN
    for words in (mail.text, mail.html):
        assert "because chen wants to be told here" in words
        assert "cannot know who leaves a project" in words
        assert MailAddress.objects.get().token in words
        assert "No more mails of this producer" not in words


@pytest.mark.parametrize("kind", Subscription.KINDS)
def test_what_is_not_wanted_is_not_sent(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, kind: str
) -> None:
    a_subscription(consumer.project.id, **dict.fromkeys(Subscription.KINDS, "never"))
    Subscription.objects.update(**{kind: "at_once"})
    share(producer, image, consumer)
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remove/")
    assert written() == ([CHEN] if kind == "shared" else [])
    assert written("removed") == ([CHEN] if kind == "removed" else [])


def test_a_link_of_the_mail_proves_once_and_says_so_again(consumer: Party) -> None:
    subscribe(consumer)
    link = confirm_link(CHEN)
    Client().post(link)
    confirmed_at = MailAddress.objects.get().confirmed_at
    again = Client().post(link)
    assert again.status_code == 200
    assert "The address is confirmed" in again.content.decode()
    assert MailAddress.objects.get().confirmed_at == confirmed_at


def test_after_48_hours_the_link_is_not_good(consumer: Party) -> None:
    subscribe(consumer)
    with time_machine.travel(timezone.now() + timedelta(hours=48, seconds=1)):
        answer = Client().post(confirm_link(CHEN))
    assert answer.status_code == 410
    assert "good for 48 hours" in answer.content.decode()
    assert not MailAddress.objects.get().is_in_use


def test_a_newer_link_ends_the_older(consumer: Party) -> None:
    subscribe(consumer)
    older = confirm_link(CHEN)
    subscribe(consumer)
    assert Client().post(older).status_code == 410
    assert not MailAddress.objects.filter(confirmed_at__isnull=False).exists()
    open_link(CHEN)


def test_no_other_link_confirms(consumer: Party) -> None:
    subscribe(consumer)
    address = MailAddress.objects.get()
    for token in (address.token, "x", str(address.pk)):
        assert Client().post(f"/mail/{token}/confirm/").status_code == 404
    assert Client().post(f"/unsubscribe/{address.confirm_token}/").status_code == 404
    assert Client().post(f"/unsubscribe/{address.token}/").status_code == 404


def test_the_old_address_goes_on_until_the_new_one_is_confirmed(
    producer: Party, consumer: Party, fake: FakeCloud
) -> None:
    subscribe(consumer)
    open_link(CHEN)
    subscribe(consumer, "new@orchard.test")
    share(producer, fake.image(producer.project), consumer)
    assert written() == [CHEN]
    assert f"mails go on to {CHEN}" in page_of(PAGE, consumer.client)
    open_link("new@orchard.test")
    share(producer, fake.image(producer.project), consumer)
    assert written() == [CHEN, "new@orchard.test"]


def test_the_link_of_an_old_mail_does_not_stop_the_new_address(consumer: Party) -> None:
    subscribe(consumer)
    open_link(CHEN)
    old = MailAddress.objects.get()
    subscribe(consumer, "new@orchard.test")
    open_link("new@orchard.test")
    page = Client().post(f"/unsubscribe/{old.token}/", {"subscribe": "yes"}).content.decode()
    assert "Replaced by another address" in page
    in_use = MailAddress.objects.get(ended_at=None)
    assert in_use.email == "new@orchard.test"


def test_an_address_that_is_known_as_mine_needs_no_second_link(
    fake: FakeCloud, consumer: Party
) -> None:
    a_subscription("f" * 32, CHEN, user_id=user_id(fake, consumer))
    assert f'value="{CHEN}"' in page_of(PAGE, consumer.client)
    subscribe(consumer)
    assert written("confirm_address") == []
    assert MailAddress.objects.get(project_id=consumer.project.id).is_in_use


def test_an_address_of_somebody_else_needs_its_own_link(consumer: Party) -> None:
    a_subscription("f" * 32, CHEN, user_id="somebody-else")
    subscribe(consumer)
    assert written("confirm_address") == [CHEN]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "nonsense"),
        ("email", "a@b\r\nBcc: c@d.test"),
        ("email", f"{'x' * 250}@b.test"),
        ("email", "\0"),
        ("shared", "sometimes"),
        ("removed", ""),
    ],
)
def test_nonsense_is_said_and_what_was_typed_stays(consumer: Party, field: str, value: str) -> None:
    form = AT_ONCE | {"email": CHEN, "reminder": "never"} | {field: value}
    answer = consumer.client.post(PAGE, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'name="reminder" value="never" checked' in page
    assert not Subscription.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_after_a_switch_to_another_project_nothing_is_saved(consumer: Party) -> None:
    form = AT_ONCE | {"email": CHEN, "project": "f" * 32}
    assert consumer.client.post(PAGE, form).status_code == 409
    assert not Subscription.objects.exists()


def test_one_person_can_make_us_write_to_ten_addresses_in_an_hour(consumer: Party) -> None:
    for n in range(10):
        subscribe(consumer, f"victim{n}@elsewhere.test")
    form = AT_ONCE | {"email": "victim10@elsewhere.test"}
    answer = consumer.client.post(PAGE, form)
    assert answer.status_code == 429
    assert len(written("confirm_address")) == 10
    assert 'value="victim10@elsewhere.test"' in page_of(PAGE, consumer.client)


def test_one_address_gets_ten_such_mails_in_an_hour_whoever_asks(
    fake: FakeCloud, sign_in: Callable[[str], Client], consumer: Party
) -> None:
    for n in range(10):
        home = fake.project(f"p{n}")
        fake.user(f"u{n}", PASSWORD, projects=[home])
        subscribe(Party(sign_in(f"u{n}"), home, f"u{n}"))
    assert consumer.client.post(PAGE, AT_ONCE | {"email": CHEN}).status_code == 429
    assert len(written("confirm_address")) == 10


def test_the_page_ends_it(producer: Party, consumer: Party, image: str) -> None:
    subscribe(consumer, reminder="daily")
    open_link(CHEN)
    answer = consumer.client.post(f"{PAGE}end/", {"whose": "own", "project": consumer.project.id})
    assert answer.status_code == 302
    share(producer, image, consumer)
    assert written() == []
    page = page_of(PAGE, consumer.client)
    assert 'name="reminder" value="daily" checked' in page  # for when they begin anew


def test_ending_nobody_in_particular_is_a_bad_request(consumer: Party) -> None:
    assert consumer.client.post(f"{PAGE}end/", {"whose": "theirs"}).status_code == 400


def test_others_of_the_project_see_nothing_of_it(
    fake: FakeCloud, sign_in: Callable[[str], Client], consumer: Party
) -> None:
    subscribe(consumer)
    open_link(CHEN)
    fake.user("colleague", PASSWORD, projects=[consumer.project])
    assert CHEN not in page_of(PAGE, sign_in("colleague"))


def test_who_may_only_read_may_be_told_as_well(
    fake: FakeCloud, sign_in: Callable[[str], Client]
) -> None:
    home = fake.project("library")
    fake.user("reader", PASSWORD, projects=[home], roles=["reader"])
    subscribe(Party(sign_in("reader"), home, "reader"))
    assert written("confirm_address") == [CHEN]


def test_signed_out_one_signs_in_first(fake: FakeCloud) -> None:
    assert Client().get(PAGE).headers["Location"].startswith("/sign-in/?next=")


def test_a_token_that_is_worth_nothing_subscribes_nobody(fake: FakeCloud, consumer: Party) -> None:
    fake.expire_all()
    answer = consumer.client.post(PAGE, AT_ONCE | {"email": CHEN})
    assert answer.headers["Location"].startswith("/sign-in/?next=")
    assert not Subscription.objects.exists()


def test_a_keystone_that_is_away_is_said_and_the_form_is_kept(
    fake: FakeCloud, consumer: Party
) -> None:
    fake.stop_keystone()
    assert consumer.client.post(PAGE, AT_ONCE | {"email": CHEN}).status_code == 503
    assert not Subscription.objects.exists()
    fake.start_keystone()
    assert f'value="{CHEN}"' in page_of(PAGE, consumer.client)
