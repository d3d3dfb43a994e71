from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry, OutgoingMail, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import share_url
from tests.views.producer.conftest import Ask
from tests.views.producer.ends import ends, in_days, member
from tests.views.producer.reading import said, source

__all__ = ["member"]


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-end", args=[image, consumer.project.id])


def test_a_share_gets_an_end(producer: Party, consumer: Party, url: str, member: Share) -> None:
    day = in_days(60)
    answer = producer.client.post(url, {"ends_on": day.isoformat()})
    assert answer.status_code == 302
    assert Share.objects.get().ends_on == day
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.detail) == ("end_date_set", f"– → {day}")
    assert f'datetime="{day}"' in source(producer.client.get(answer["Location"]))
    shown = source(consumer.client.get(share_url(member.image_id)))
    assert "Shared until" in shown
    assert f'datetime="{day}"' in shown


def test_the_end_can_be_taken_away(producer: Party, url: str, member: Share) -> None:
    ends(10)
    assert producer.client.post(url, {"ends_on": ""}).status_code == 302
    assert Share.objects.get().ends_on is None


def test_a_share_of_another_tool_can_have_an_end(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    producer.client.post(url, {"ends_on": in_days(5).isoformat()})
    assert Share.objects.get().ends_on == in_days(5)


def test_who_shares_can_say_until_when_and_the_mail_says_it(
    producer: Party, consumer: Party, image: str
) -> None:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(
        reverse("members", args=[image]), form | {"ends_on": in_days(30).isoformat()}
    )
    mail = OutgoingMail.objects.get(kind="shared")
    assert "Shared until" in mail.text
    assert "Shared until" in mail.html
    assert str(in_days(30).year) in mail.text


def test_shared_anew_it_has_no_end(
    producer: Party, consumer: Party, image: str, url: str, member: Share
) -> None:
    ends(10)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    producer.client.post(reverse("members", args=[image]), {"project_id": consumer.project.id})
    assert Share.objects.get().ends_on is None


@pytest.mark.parametrize(
    "typed", ["yesterday", "0000-00-00", "2001-01-01", "9999-12-31", "\0", "x" * 500, "2030-02-30"]
)
def test_what_is_no_day_to_come_is_said_at_the_field(
    producer: Party, url: str, member: Share, typed: str
) -> None:
    answer = producer.client.post(url, {"ends_on": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in source(answer)
    assert Share.objects.get().ends_on is None


def test_today_is_too_late_to_begin_with(producer: Party, url: str, member: Share) -> None:
    answer = producer.client.post(url, {"ends_on": in_days(0).isoformat()})
    assert "not in the future" in said(answer)


def test_who_may_set_it(
    producer: Party, consumer: Party, stranger: Party, url: str, member: Share
) -> None:
    form = {"ends_on": in_days(9).isoformat()}
    for party in (consumer, stranger):
        assert party.client.post(url, form).status_code == 404
    assert Share.objects.get().ends_on is None


def test_who_is_no_member_has_no_end(producer: Party, url: str) -> None:
    assert producer.client.post(url, {"ends_on": in_days(9).isoformat()}).status_code == 404


def test_a_cloud_that_is_away_loses_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, member: Share
) -> None:
    fake.stop_glance()
    assert producer.client.post(url, {"ends_on": in_days(9).isoformat()}).status_code == 503
    fake.start_glance()
    page = producer.client.get(reverse("producer-share", args=[image, consumer.project.id]))
    assert f'value="{in_days(9)}"' in source(page)


# Several at once, on the image's page


@pytest.fixture
def many(image: str) -> str:
    return reverse("members-end", args=[image])


def test_one_day_for_all_that_are_ticked_and_none_again(
    fake: FakeCloud, producer: Party, stranger: Party, image: str, many: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    both = [member.project_id, stranger.project.id]
    day = in_days(30)
    form = {"project": both, "do": "set", "ends_on": day.isoformat()}
    page = said(producer.client.post(many, form, follow=True))
    assert "2 shares end on" in page
    assert set(Share.objects.values_list("ends_on", flat=True)) == {day}
    assert HistoryEntry.objects.filter(verb="end_date_set").count() == 2
    page = said(producer.client.post(many, {"project": both, "do": "clear"}, follow=True))
    assert "2 shares have no end." in page
    assert set(Share.objects.values_list("ends_on", flat=True)) == {None}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"do": "set", "ends_on": "2001-01-01"}, "not in the future"),
        ({"do": "set"}, "Say until when."),
        ({"do": "explode"}, "Select a valid choice"),
        ({"do": "set", "ends_on": "\0"}, "Enter a valid date"),
    ],
)
def test_mistakes_keep_the_ticks(
    producer: Party, many: str, member: Share, form: dict[str, str], why: str
) -> None:
    answer = producer.client.post(many, form | {"project": member.project_id})
    assert answer.status_code == 422
    assert why in said(answer)
    assert source(answer).count(" checked") == 1


@pytest.mark.parametrize("project", ["x", "\0", "F" * 32, "a/b", "9" * 5000])
def test_nonsense_is_no_share(producer: Party, many: str, member: Share, project: str) -> None:
    form = {"project": project, "do": "clear"}
    assert producer.client.post(many, form).status_code == 422


def test_nothing_ticked_is_said(producer: Party, many: str, member: Share) -> None:
    answer = producer.client.post(many, {"do": "clear"})
    assert answer.status_code == 422
    assert "tick at least one" in said(answer)


def test_of_what_is_no_member_nothing_is_written_down(
    producer: Party, many: str, member: Share
) -> None:
    form = {"project": "a" * 32, "do": "set", "ends_on": in_days(9).isoformat()}
    assert "0 shares end on" in said(producer.client.post(many, form, follow=True))
    assert Share.objects.count() == 1


def test_of_a_private_image_none_can_be_set(
    fake: FakeCloud, producer: Party, image: str, many: str, member: Share
) -> None:
    fake.change_image(image, visibility="private")
    form = {"project": member.project_id, "do": "clear"}
    answer = producer.client.post(many, form)
    assert answer.status_code == 422
    assert "visibility is “private”" in said(answer)


def test_only_the_owner_sets_them(
    consumer: Party, stranger: Party, many: str, member: Share
) -> None:
    form = {"project": member.project_id, "do": "set", "ends_on": in_days(9).isoformat()}
    for party in (consumer, stranger):
        assert party.client.post(many, form).status_code == 404
    assert Share.objects.get().ends_on is None


def test_while_the_cloud_is_away_what_was_typed_is_kept(
    fake: FakeCloud, producer: Party, image_page: str, many: str, member: Share
) -> None:
    fake.stop_glance()
    day = in_days(9).isoformat()
    form = {"project": member.project_id, "do": "set", "ends_on": day}
    assert producer.client.post(many, form).status_code == 503
    fake.start_glance()
    page = source(producer.client.get(image_page))
    assert f'value="{day}"' in page
    assert page.count(" checked") == 1


# With a decision


def test_approving_can_name_the_end(producer: Party, ask: Ask) -> None:
    day = in_days(40)
    url = reverse("decision", args=[ask().pk])
    answer = producer.client.post(url, {"decision": "approve", "ends_on": day.isoformat()})
    assert answer.status_code == 302
    assert Share.objects.get().ends_on == day
    assert "Shared until" in OutgoingMail.objects.get(kind="shared").text


def test_approving_a_member_again_can_give_it_an_end(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, ask: Ask
) -> None:
    fake.member(image, consumer.project, "accepted")
    url = reverse("decision", args=[ask().pk])
    form = {"decision": "approve", "ends_on": in_days(40).isoformat()}
    assert producer.client.post(url, form).status_code == 302
    assert Share.objects.get().ends_on == in_days(40)


def test_a_day_that_is_past_is_said_beside_the_decision(producer: Party, ask: Ask) -> None:
    url = reverse("decision", args=[ask().pk])
    answer = producer.client.post(url, {"decision": "approve", "ends_on": "2001-01-01"})
    assert answer.status_code == 422
    assert "not in the future" in said(answer)
    assert not Share.objects.exists()


# Where the form stood


def test_the_form_leads_back_to_where_it_stood(
    producer: Party, image: str, image_page: str, url: str, member: Share
) -> None:
    share_page = reverse("producer-share", args=[image, member.project_id])
    form = {"ends_on": in_days(9).isoformat()}
    for page in (share_page, image_page):
        referer = {"Referer": f"http://testserver{page}"}
        assert producer.client.post(url, form, headers=referer)["Location"] == page
        wrong = producer.client.post(url, {"ends_on": "2001-01-01"}, headers=referer)
        assert wrong.status_code == 422
        assert ("Membership" in said(wrong)) == (page == share_page)
    assert producer.client.post(url, form)["Location"] == image_page
    away = {"Referer": f"https://evil.test{share_page}"}
    assert producer.client.post(url, form, headers=away)["Location"] == image_page
