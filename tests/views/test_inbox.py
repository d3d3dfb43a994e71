import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, inbox

DRAWERS = ("pending", "accepted", "rejected")


@pytest.mark.parametrize("status", DRAWERS)
def test_each_status_has_its_drawer(
    fake: FakeCloud, producer: Party, consumer: Party, status: str
) -> None:
    shares = {one: a_share(fake, producer, consumer, one) for one in DRAWERS}
    page = inbox(consumer.client, status)
    assert [image_id in page for image_id in shares.values()] == [one == status for one in shares]
    marks = f'data-image="{shares[status]}" data-project="{consumer.project.id}"'
    assert f'{marks} data-status="{status}"' in page


@pytest.mark.parametrize("status", ["", "pending", "nonsense", "Accepted", "\x00", "removed"])
def test_any_other_drawer_is_the_first(
    fake: FakeCloud, producer: Party, consumer: Party, status: str
) -> None:
    assert a_share(fake, producer, consumer) in inbox(consumer.client, status)


def test_it_counts_all_drawers(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    for status in ("pending", "pending", "pending", "accepted", "accepted"):
        a_share(fake, producer, consumer, status)
    page = inbox(consumer.client)
    for word, count in (("Waiting", 3), ("In my list", 2), ("Hidden", 0)):
        assert f'{word} <span class="count">{count}</span>' in page


@pytest.mark.parametrize("status", DRAWERS)
def test_an_empty_drawer_says_what_to_do(consumer: Party, status: str) -> None:
    page = inbox(consumer.client, status)
    assert 'class="empty"' in page
    assert "<form" not in page.partition('id="tray"')[2]


def test_a_letter_has_the_images_facts(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    a_share(
        fake,
        producer,
        consumer,
        os_distro="ubuntu",
        os_version="24.04",
        architecture="aarch64",
        min_disk=10,
        min_ram=2048,
        size=3 * 1024**3,
    )
    page = inbox(consumer.client)
    for fact in ("noble", "Ubuntu 24.04", "aarch64", "qcow2", "3.0\xa0GiB", "10 GiB", "2048 MiB"):
        assert fact in page


def test_facts_that_nobody_knows_are_no_errors(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, name="", size=None, status="queued")
    fake.change_image(image_id, disk_format=None, container_format=None)
    page = inbox(consumer.client)
    assert f">{image_id}</a></h2>" in page
    assert "Queued" in page


def test_a_letter_made_elsewhere_names_the_project_and_the_apis_time(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    page = inbox(consumer.client)
    assert f'data-copy="{producer.project.id}"' in page
    assert "just now" in page


def test_a_letter_made_here_has_the_note_and_our_time(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    shared_at = timezone.now() - timedelta(days=3)
    a_record(image_id, producer, consumer, note="For <you> & yours", shared_at=shared_at)
    page = inbox(consumer.client)
    assert "For &lt;you&gt; &amp; yours" in page
    assert "3\xa0days ago" in page
    assert not [call for call in fake.calls if "/members/" in call]


def test_the_record_of_a_share_that_was_withdrawn_is_not_of_the_next(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer, note="Long ago", removed_at=timezone.now())
    assert "Long ago" not in inbox(consumer.client)


def test_a_published_listing_names_the_producer_and_is_linked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    listing = a_listing_of(a_share(fake, producer, consumer), producer)
    page = inbox(consumer.client)
    assert f'<a href="{listing.get_absolute_url()}">Acme Images</a>' in page


@pytest.mark.parametrize("hidden", [{"state": "draft"}, {"unavailable_since": timezone.now()}])
def test_an_unpublished_listing_names_the_producer_only(
    fake: FakeCloud, producer: Party, consumer: Party, hidden: dict[str, object]
) -> None:
    listing = a_listing_of(a_share(fake, producer, consumer), producer, **hidden)
    page = inbox(consumer.client)
    assert "<strong>Acme Images</strong>" in page
    assert listing.get_absolute_url() not in page


def test_a_letter_without_a_listing_names_a_producer_who_has_another_one(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    a_listing_of(fake.image(producer.project), producer)
    assert "<strong>Acme Images</strong>" in inbox(consumer.client)


def test_a_hidden_image_is_there_and_marked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    assert a_share(fake, producer, consumer, os_hidden=True) in inbox(consumer.client)
    assert "Superseded" in inbox(consumer.client)


def test_my_own_images_are_no_letters(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    mine = fake.image(consumer.project)
    fake.member(mine, producer.project)
    assert mine not in inbox(consumer.client)


def test_what_was_answered_does_not_wait_in_a_second_row(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, "accepted")
    fake.member(image_id, consumer.project)  # two at once made two rows (trap 2)
    assert image_id in inbox(consumer.client, "accepted")
    assert image_id not in inbox(consumer.client, "pending")


def test_the_pages_of_the_inbox_have_a_navigation_of_their_own(consumer: Party) -> None:
    links = re.findall(r'<a href="(/inbox/[^"]*)" aria-current="page"', inbox(consumer.client))
    assert links[:2] == ["/inbox/", "/inbox/"]  # in the site's, and in its own
    assert 'aria-label="Producer"' not in inbox(consumer.client)


def test_an_admin_is_told_that_the_portal_filters(fake: FakeCloud, producer: Party) -> None:
    home = fake.project("operators")
    fake.user("root", PASSWORD, projects=[home], roles=["admin", "member"])
    admin = Party(Client(), home, "root")
    admin.client.post(reverse("sign-in"), {"method": "password", "username": "root",
                                           "password": PASSWORD, "domain": "Default"})  # fmt: skip
    mine, others = (a_share(fake, producer, party) for party in (admin, producer))
    page = inbox(admin.client)
    assert "admin role" in page
    assert (mine in page, others in page) == (True, False)


def test_nobody_else_is_told_so(consumer: Party) -> None:
    assert "admin role" not in inbox(consumer.client)


def test_strangers_and_producers_see_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert image_id not in inbox(stranger.client)
    assert image_id not in inbox(producer.client)


def test_nobody_signs_in_first(db: None) -> None:
    answer = Client().get("/inbox/?status=accepted")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/sign-in/?next=%2Finbox%2F%3Fstatus%3Daccepted",
    )


def test_there_are_25_on_a_page_newest_share_first(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    made = [a_share(fake, producer, consumer, name=f"image {n}") for n in range(26)]
    oldest = timezone.now() - timedelta(days=400)
    a_record(made[25], producer, consumer, shared_at=oldest)  # the newest image, shared long ago
    assert inbox(consumer.client).count("data-image=") == 25
    last = inbox(consumer.client, page="2")
    assert last.count("data-image=") == 1
    assert made[25] in last


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1e9", "", "\x00", "9" * 400])
def test_a_page_that_is_none_is_no_error(
    fake: FakeCloud, producer: Party, consumer: Party, page: str
) -> None:
    assert a_share(fake, producer, consumer) in inbox(consumer.client, page=page)


def test_25_letters_take_no_more_queries_than_two(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(25):
        a_record(a_share(fake, producer, consumer), producer, consumer)
    # The session, whether there is a feed, the shares, the listings, the rules, what was answered.
    with django_assert_num_queries(6):
        assert inbox(consumer.client).count("data-image=") == 25


def test_only_the_shown_page_asks_when_it_was_shared(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for _ in range(27):
        a_share(fake, producer, consumer)
    inbox(consumer.client, page="2")
    assert len([call for call in fake.calls if "/members/" in call]) == 2


def test_htmx_gets_the_tray_and_the_counts(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    headers = {"HX-Request": "true", "HX-Target": "tray"}
    answer = consumer.client.get("/inbox/", headers=headers)
    part = answer.content.decode().strip()
    assert part.startswith('<div id="tray"')
    assert 'Waiting <span class="count">1</span>' in part
    assert 'id="messages"' in part
    assert "HX-Target" in answer["Vary"]


def test_the_page_without_htmx_varies_as_well(consumer: Party) -> None:
    answer = consumer.client.get("/inbox/")
    assert b"<!DOCTYPE html>" in answer.content
    assert {"HX-Request", "HX-Target"} <= set(answer["Vary"].split(", "))


def test_a_share_withdrawn_while_we_look_has_no_time(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.fail("GET", f"/v2/images/{image_id}/members/*", status=404)
    assert image_id in inbox(consumer.client)


def test_another_projects_shares_are_another_inbox(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    homes = [fake.project("one"), fake.project("two")]
    fake.user("both", PASSWORD, projects=homes)
    client = sign_in("both")
    image_id = a_share(fake, producer, Party(client, homes[1], "both"))
    assert image_id not in inbox(client)
    client.post(reverse("scope"), {"project_id": homes[1].id, "next": "/inbox/"})
    assert image_id in inbox(client)
