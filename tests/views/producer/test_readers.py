"""Someone with the role reader sees everything of the project and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import (
    AccessRequest,
    BulkJob,
    Contact,
    Group,
    HistoryEntry,
    Listing,
    OutgoingMail,
    Producer,
    RequestNote,
    Rule,
    Share,
)
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import LISTING
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said, source

WHY = "It takes the role “member”"


@pytest.fixture
def reader(fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]) -> Client:
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    return sign_in("rita")


@pytest.mark.parametrize("name", ["producer", "requests", "mail", "profile"])
def test_a_page_says_why_nothing_can_be_changed(reader: Client, name: str) -> None:
    assert WHY in said(reader.get(reverse(name)))


@pytest.mark.parametrize("name", ["producer-image", "listing-edit", "request-form"])
def test_a_page_of_an_image_says_so_too(reader: Client, listing: Listing, name: str) -> None:
    assert WHY in said(reader.get(reverse(name, args=[listing.image_id])))


@pytest.mark.parametrize("name", ["producer", "requests", "mail", "profile"])
def test_a_member_reads_nothing_of_it(producer: Party, name: str) -> None:
    assert WHY not in said(producer.client.get(reverse(name)))


def test_the_buttons_are_grey(reader: Client, ask: Ask) -> None:
    ask()
    page = source(reader.get(reverse("requests")))
    assert page.count(" disabled>") >= 3


def test_a_listing_stays_as_it_is(reader: Client, listing: Listing) -> None:
    url = reverse("listing-edit", args=[listing.image_id])
    answer = reader.post(url, LISTING | {"title": "Mine now"})
    assert answer.status_code == 403
    assert "takes the role “member”" in said(answer)
    assert not Listing.objects.filter(title="Mine now").exists()


def test_no_listing_is_made(reader: Client, image: str) -> None:
    assert reader.post(reverse("listing-edit", args=[image]), LISTING).status_code == 403
    assert not Listing.objects.exists()


@pytest.mark.parametrize("decision", ["approve", "ask", "decline"])
def test_no_decision_is_taken(reader: Client, ask: Ask, decision: str) -> None:
    asked = ask()
    form = {"decision": decision, "reason": "Because."}
    answer = reader.post(reverse("decision", args=[asked.pk]), form)
    assert answer.status_code == 403
    assert AccessRequest.objects.get().state == "open"


@pytest.mark.parametrize("name", ["request-form", "rule"])
def test_no_question_and_no_rule_is_saved(reader: Client, listing: Listing, name: str) -> None:
    form = {"answer_days": "3", "is_on": "on", "form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}
    for sent in (form, {}):
        answer = reader.post(reverse(name, args=[listing.image_id]), sent)
        assert answer.status_code == 403
        assert "takes the role “member”" in said(answer)
    assert not Rule.objects.exists()
    listing.refresh_from_db()
    assert listing.answer_days is None


def test_no_decision_is_taken_on_many_no_note_kept_and_no_rule_run(
    reader: Client, listing: Listing, ask: Ask
) -> None:
    asked = ask()
    Rule.objects.create(listing=listing, is_on=True, allow_projects=asked.project_id)
    ticked = {"request": asked.pk, "decision": "decline", "reason": "No."}
    assert reader.post(reverse("decisions"), ticked).status_code == 403
    note = reverse("request-note", args=[asked.pk])
    assert reader.post(note, {"text": "Mine"}).status_code == 403
    assert reader.post(reverse("rules-run")).status_code == 403
    assert not RequestNote.objects.exists()
    assert AccessRequest.objects.get().state == "open"


def test_a_page_of_a_reader_asks_for_no_rule(reader: Client, listing: Listing, ask: Ask) -> None:
    Rule.objects.create(listing=listing, is_on=True, allow_projects=ask().project_id)
    for name in ("producer", "requests"):
        assert reverse("rules-run") not in source(reader.get(reverse(name)))
    headers = {"HX-Request": "true", "HX-Target": "rules"}
    assert reader.post(reverse("rules-run"), headers=headers).status_code == 286
    assert AccessRequest.objects.get().state == "open"


def test_no_contact_is_changed(
    fake: FakeCloud, reader: Client, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    url = reverse("member-contact", args=[image, consumer.project.id])
    answer = reader.post(url, {"email": "mine@evil.test"})
    assert answer.status_code == 403
    assert "takes the role “member”" in said(answer)
    assert not Contact.objects.exists()


def test_no_mail_is_sent_again(reader: Client, ask: Ask) -> None:
    ask()
    OutgoingMail.objects.update(state="failed")
    url = reverse("mail-retry", args=[OutgoingMail.objects.get().pk])
    assert reader.post(url).status_code == 403
    assert OutgoingMail.objects.get().state == "failed"


def test_no_profile_is_saved(reader: Client) -> None:
    assert reader.post(reverse("profile"), {"name": "Mine"}).status_code == 403
    assert not Producer.objects.exists()
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("name", ["groups", "bulk", "shares-ended", "image-new"])
def test_a_page_of_the_workshop_says_so_too(reader: Client, name: str) -> None:
    assert WHY in said(reader.get(reverse(name)))


def test_nobody_is_reminded(
    fake: FakeCloud, producer: Party, reader: Client, consumer: Party, image: str
) -> None:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(reverse("members", args=[image]), form)
    before = OutgoingMail.objects.count()
    one = reader.post(reverse("member-remind", args=[image, consumer.project.id]))
    every = reader.post(reverse("members-remind", args=[image]))
    assert {one.status_code, every.status_code} <= {403, 422}
    assert OutgoingMail.objects.count() == before


def test_no_end_is_set(fake: FakeCloud, reader: Client, consumer: Party, image: str) -> None:
    fake.member(image, consumer.project)
    url = reverse("member-end", args=[image, consumer.project.id])
    assert reader.post(url, {"ends_on": "2099-01-01"}).status_code in (403, 422)
    assert not Share.objects.exists()


def test_no_group_is_made_or_changed(producer: Party, reader: Client, consumer: Party) -> None:
    producer.client.post(reverse("groups"), {"name": "Orchards"})
    group = Group.objects.get()
    rows = {"rows": consumer.project.id}
    for name, form in (("group", {"name": "Mine"}), ("group-members", rows), ("group-delete", {})):
        answer = reader.post(reverse(name, args=[group.pk]), form)
        assert answer.status_code in (403, 422), name
    assert reader.post(reverse("groups"), {"name": "Mine"}).status_code in (403, 422)
    assert [one.name for one in Group.objects.all()] == ["Orchards"]
    assert not group.members.exists()


def test_no_list_is_begun(reader: Client, consumer: Party, image: str) -> None:
    url = reverse("members-bulk", args=[image])
    assert reader.post(url, {"rows": consumer.project.id}).status_code in (403, 422)
    assert not BulkJob.objects.exists()


def test_of_an_image_only_the_download_is_left(reader: Client, image: str) -> None:
    page = source(reader.get(reverse("producer-image", args=[image])))
    assert reverse("image-download", args=[image]) in page
    for name in ("image-edit", "image-delete", "replaces"):
        assert f'href="{reverse(name, args=[image])}"' not in page
    assert page.count('aria-describedby="read-only" disabled') == 3
    assert 'id="read-only"' in page


@pytest.mark.parametrize("name", ["image-edit", "image-delete"])
def test_the_forms_of_an_image_are_grey(reader: Client, image: str, name: str) -> None:
    page = source(reader.get(reverse(name, args=[image])))
    assert '<fieldset class="form" disabled>' in page
    assert WHY in page


def test_a_share_and_its_ledger_are_there_to_be_read(
    fake: FakeCloud, reader: Client, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    share = reverse("producer-share", args=[image, consumer.project.id])
    for url in (reverse("shares"), share, reverse("producer-image", args=[image])):
        page = reader.get(url)
        assert WHY in said(page)
        main = source(page).partition("<main")[2].replace(' method="get"', "")
        posts = main.partition('<form method="post"')[2] or main
        assert " disabled>" in posts
        assert consumer.project.id in main
    assert reader.get(reverse("shares-csv")).status_code == 200


def test_no_end_of_many_is_set_and_nothing_is_settled(
    fake: FakeCloud, reader: Client, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    form = {"project": consumer.project.id, "do": "set", "ends_on": "2030-01-01"}
    assert reader.post(reverse("members-end", args=[image]), form).status_code == 403
    settle = {"every": "1", "as_of": "2030-01-01", "do": "remove"}
    assert reader.post(reverse("shares-ended"), settle).status_code == 403
    assert reader.post(reverse("shares-remind")).status_code == 403
    assert not Share.objects.exists()
