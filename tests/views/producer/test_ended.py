from __future__ import annotations

import pytest

from sharing.cloud.resources import Project
from sharing.models import HistoryEntry, OutgoingMail, Share
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record
from tests.views.producer.ends import ends, in_days, keys, member
from tests.views.producer.reading import element, said, source

__all__ = ["member"]


ENDED = "/producer/shares/ended/"
PART = {"HX-Request": "true", "HX-Target": "ended-shares"}


def test_on_the_day_it_waits_for_the_producer(
    producer: Party, consumer: Party, member: Share
) -> None:
    ends(1)
    assert "No share is past its day" in said(producer.client.get(ENDED))
    assert "should have ended" not in said(producer.client.get("/producer/"))
    ends(0)
    row = f'data-project="{consumer.project.id}"'
    assert "noble" in element(producer.client.get("/producer/"), "tr", row)
    shown = element(producer.client.get(ENDED), "tr", row)
    assert "noble" in shown
    assert "Waiting" in shown


def test_the_dashboard_waits_for_nobody_and_asks_afterwards(
    fake: FakeCloud, producer: Party, consumer: Party, member: Share
) -> None:
    ends(0)
    before = len(fake.calls)
    page = source(producer.client.get("/producer/"))
    assert fake.calls[before:] == []
    assert f'hx-get="{ENDED}" hx-trigger="load"' in page
    later = producer.client.get(ENDED, headers=PART)
    assert "<html" not in source(later)
    assert "Waiting" in element(later, "tr", f'data-project="{consumer.project.id}"')
    assert "hx-trigger" not in source(later)
    fake.remove_member(member.image_id, consumer.project)
    assert "are gone already" in source(producer.client.get(ENDED, headers=PART))


def test_what_another_tool_removed_has_ended(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.remove_member(image, consumer.project)
    assert "No share is past its day" in said(producer.client.get(ENDED))


def test_removes_all_that_are_ticked_at_once(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(-2)
    answer = producer.client.post(ENDED, {"share": keys(member, other), "do": "remove"})
    assert answer.status_code == 302
    assert "2 shares removed." in said(producer.client.get(ENDED))
    assert fake.member_status(image, consumer.project) is None
    assert fake.member_status(image, stranger.project) is None
    assert OutgoingMail.objects.get(kind="removed").to == "chen@orchard.test"
    assert HistoryEntry.objects.filter(verb="member_removed").count() == 2


def test_extends_those_that_are_ticked(
    fake: FakeCloud, producer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(0)
    form = {"share": keys(member), "do": "extend", "ends_on": in_days(30).isoformat()}
    assert producer.client.post(ENDED, form).status_code == 302
    member.refresh_from_db()
    other.refresh_from_db()
    assert (member.ends_on, other.ends_on) == (in_days(30), in_days(0))
    assert member.warned_days is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"do": "remove"}, "tick at least one"),
        ({"do": "extend"}, "Say until when."),
        ({"do": "extend", "ends_on": "2001-01-01"}, "not in the future"),
        ({"do": "explode"}, "is not one of these"),
        ({}, "Say what to do"),
    ],
)
def test_mistakes_are_said_and_the_ticks_stay(
    producer: Party, member: Share, form: dict[str, str], why: str
) -> None:
    ends(0)
    ticked = keys(member) if "tick" not in why else []
    answer = producer.client.post(ENDED, form | {"share": ticked})
    assert answer.status_code == 422
    assert why in said(answer)
    assert source(answer).count(" checked") == len(ticked)


@pytest.mark.parametrize("key", ["x", "../..", "\0", "/", "0" * 5000])
def test_nonsense_is_a_mistake(producer: Party, member: Share, key: str) -> None:
    ends(0)
    assert producer.client.post(ENDED, {"share": [key], "do": "remove"}).status_code == 422


def test_a_share_of_others_or_one_that_has_time_left_is_left_alone(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    ends(0)
    stranger.client.post(ENDED, {"share": keys(member), "do": "remove"})
    ends(5)
    answer = producer.client.post(ENDED, {"share": keys(member), "do": "remove"}, follow=True)
    assert "somebody else was faster" in said(answer)
    assert fake.member_status(image, consumer.project) == "pending"


def test_one_that_cannot_be_removed_stops_no_other(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(0)
    fake.remove_member(image, consumer.project)
    answer = producer.client.post(
        ENDED, {"share": keys(member, other), "do": "remove"}, follow=True
    )
    assert "1 share removed." in said(answer)
    assert "not a member of the image (any more)" in said(answer)


def test_who_may_not_is_told_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.fail("DELETE", "*", status=403)
    answer = producer.client.post(ENDED, {"share": keys(member), "do": "remove"}, follow=True)
    assert "does not allow you" in said(answer)
    assert fake.member_status(image, consumer.project) == "pending"


def test_while_the_image_api_is_away_the_dashboard_lists_them_all_the_same(
    fake: FakeCloud, producer: Party, consumer: Party, member: Share
) -> None:
    ends(0)
    fake.stop_glance()
    row = f'data-project="{consumer.project.id}"'
    assert "noble" in element(producer.client.get("/producer/"), "tr", row)
    assert "not available" in element(producer.client.get(ENDED, headers=PART), "tr", row)
    form = {"share": keys(member), "do": "remove"}
    assert producer.client.post(ENDED, form).status_code == 503
    assert Share.objects.get().removed_at is None


# All of them, eight at a time


@pytest.fixture
def others(fake: FakeCloud, producer: Party, image: str, member: Share) -> list[Share]:
    """Nine more, without contacts."""
    records = []
    for number in range(9):
        fake.member(image, f"{number:032x}")
        record = a_record(image, producer, Party(producer.client, project(number), ""))
        records.append(record)
    ends(0)
    return records


def project(number: int) -> Project:
    return Project(f"{number:032x}", "orchard")


def all_of(producer: Party, do: str, **form: str) -> str:
    form = {"every": "1", "as_of": in_days(0).isoformat(), "do": do, **form}
    return said(producer.client.post(ENDED, form, follow=True))


@pytest.mark.usefixtures("others")
def test_all_can_be_removed_without_ticking_each(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    assert "10 shares removed." in all_of(producer, "remove")
    assert fake.glance.images.images[image].members() == []
    assert HistoryEntry.objects.filter(verb="member_removed").count() == 10
    assert Share.objects.exclude(removed_at=None).count() == 10


@pytest.mark.usefixtures("others")
def test_all_can_be_extended(producer: Party) -> None:
    day = in_days(30)
    assert "10 shares extended." in all_of(producer, "extend", ends_on=day.isoformat())
    assert Share.objects.filter(ends_on=day, warned_days=None).count() == 10


def test_all_are_those_that_had_ended_when_the_page_was_made(
    producer: Party, others: list[Share]
) -> None:
    ends(-1)
    Share.objects.filter(pk=others[0].pk).update(ends_on=in_days(0))
    assert "9 shares removed." in all_of(producer, "remove", as_of=in_days(-1).isoformat())


def test_what_was_done_is_written_down_where_others_failed(
    fake: FakeCloud, producer: Party, image: str, others: list[Share]
) -> None:
    bad = others[4].project_id
    fake.fail("DELETE", f"*/members/{bad}", status=500, times=None)
    page = all_of(producer, "remove")
    assert "9 shares removed." in page
    assert f"gave no good answer: try it again. (noble → {bad})" in page
    assert Share.objects.get(removed_at=None).project_id == bad
    assert fake.member_status(image, bad) == "pending"


@pytest.mark.usefixtures("others")
def test_where_nothing_could_be_done_it_is_the_page_of_bad_weather(
    fake: FakeCloud, producer: Party
) -> None:
    fake.fail("DELETE", "*", status=500, times=None)
    form = {"every": "1", "as_of": in_days(0).isoformat(), "do": "remove"}
    assert producer.client.post(ENDED, form).status_code == 503
    assert not Share.objects.exclude(removed_at=None).exists()


def test_what_another_tool_removed_waits_for_nobody_any_more(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.remove_member(image, consumer.project)
    assert "noble" in said(producer.client.get("/producer/"))
    all_of(producer, "remove")
    assert "noble" not in said(producer.client.get("/producer/"))
    assert not OutgoingMail.objects.exists()


def test_a_deleted_image_has_no_shares_to_end(
    fake: FakeCloud, producer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.delete_image(image)
    assert "The image is gone" in all_of(producer, "remove")
    assert "should have ended" not in said(producer.client.get("/producer/"))


@pytest.mark.parametrize("do", ["remove", "extend"])
def test_of_a_private_image_the_shares_stay_for_when_it_is_shared_again(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share, do: str
) -> None:
    ends(0)
    fake.change_image(image, visibility="private")
    assert "visibility is “private”" in all_of(producer, do, ends_on=in_days(5).isoformat())
    assert Share.objects.get().removed_at is None
    fake.change_image(image, visibility="shared")
    assert "noble" in said(producer.client.get(ENDED))


@pytest.mark.parametrize("as_of", ["", "nonsense", "\0", "9999-12-31"])
def test_a_day_that_makes_no_sense_ends_nothing_early(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share, as_of: str
) -> None:
    ends(1)
    producer.client.post(ENDED, {"every": "1", "as_of": as_of, "do": "remove"})
    assert fake.member_status(image, consumer.project) == "pending"


def test_a_session_that_ended_leads_to_the_sign_in_and_keeps_the_ticks(
    fake: FakeCloud, producer: Party, member: Share
) -> None:
    ends(0)
    fake.expire_all()
    answer = producer.client.post(ENDED, {"share": keys(member), "do": "remove"})
    assert answer["Location"].startswith("/sign-in/")
    form = {"method": "password", "username": producer.name, "password": PASSWORD}
    producer.client.post("/sign-in/", form | {"domain": "Default"})
    assert source(producer.client.get(ENDED)).count(" checked") == 1
