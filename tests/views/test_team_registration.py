"""Who may register an address for a project, and take it out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from sharing.models import (
    HistoryEntry,
    MailAddress,
    OutgoingMail,
)
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.preferences import (
    PAGE,
    TEAM,
    open_link,
    register,
    share,
    written,
)
from tests.visitor import page_of

pytestmark = pytest.mark.django_db


def test_who_may_only_read_changes_nothing(
    fake: FakeCloud, sign_in: Callable[[str], Client], team: MailAddress, consumer: Party
) -> None:
    fake.user("reader", PASSWORD, projects=[consumer.project], roles=["reader"])
    reader = Party(sign_in("reader"), consumer.project, "reader")
    assert TEAM in page_of(PAGE, reader.client)
    assert register(reader, "mine@reader.test") == 403
    assert reader.client.post(f"{PAGE}end/", {"whose": "team"}).status_code == 403
    assert MailAddress.objects.get().is_in_use


def test_another_project_has_nothing_to_do_with_it(stranger: Party, team: MailAddress) -> None:
    assert TEAM not in page_of(PAGE, stranger.client)
    stranger.client.post(f"{PAGE}end/", {"whose": "team"})
    assert MailAddress.objects.get().is_in_use
    assert register(stranger, TEAM, project=team.project_id) == 409


def test_another_address_waits_for_its_link(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    assert register(consumer, "new@orchard.test") == 302
    share(producer, image, consumer)
    assert written() == [TEAM]
    open_link("new@orchard.test")
    team.refresh_from_db()
    assert team.ending == "replaced"


@pytest.mark.parametrize("email", ["", "nonsense", "@", "a@b\nBcc: c@d.test", "\0"])
def test_nonsense_is_said_at_the_field(consumer: Party, email: str) -> None:
    answer = consumer.client.post(f"{PAGE}team/", {"email": email, "is_shown": "on"})
    assert answer.status_code == 422
    assert 'name="is_shown"' in answer.content.decode()
    assert not MailAddress.objects.exists()


def test_taken_out_it_gets_nothing(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    consumer.client.post(f"{PAGE}end/", {"whose": "team"})
    share(producer, image, consumer)
    assert written() == []
    Client().post(f"/unsubscribe/{team.token}/", {"subscribe": "yes"})
    team.refresh_from_db()
    assert not team.is_in_use


def test_the_projects_own_history_says_who_registered_it(consumer: Party) -> None:
    register(consumer)
    consumer.client.post(f"{PAGE}end/", {"whose": "team"})
    entries = HistoryEntry.objects.order_by("pk")
    assert [(one.verb, one.detail) for one in entries] == [
        ("team_address_set", f"– → {TEAM}"),
        ("team_address_ended", TEAM),
    ]
    assert TEAM in page_of("/producer/history/", consumer.client)


def test_a_mail_that_could_not_be_delivered_is_said(consumer: Party, team: MailAddress) -> None:
    OutgoingMail.objects.create(
        kind="shared",
        project_id=consumer.project.id,
        to=TEAM,
        state="failed",
        last_error="550 no such user",
        next_attempt_at=timezone.now(),
    )
    assert "550 no such user" in page_of(PAGE, consumer.client)
