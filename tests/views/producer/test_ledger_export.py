from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from sharing.models import Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record
from tests.views.producer.reading import source
from tests.views.producer.shared import CSV, JSON, URL, members, share

EXPORTS = Path(__file__).parents[3] / "docs" / "exports.md"


def in_csv(party: Party, **query: str) -> list[dict[str, str]]:
    answer = party.client.get(CSV, query)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def in_json(party: Party, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = party.client.get(JSON, query).json()["shares"]
    return found


def test_the_csv_has_what_the_page_finds(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    members(fake, image, 1, status="accepted")
    share(producer, image, consumer.project.id, email="chen@orchard.test", note='a;b,\n"c"')
    [row] = in_csv(producer, status="pending")
    assert (row["image_id"], row["image_name"]) == (image, "debian-12")
    assert (row["project_id"], row["status"]) == (consumer.project.id, "pending")
    assert (row["contact"], row["shared_by"]) == ("chen@orchard.test", producer.name)
    assert (row["last_mail"], row["last_mail_state"]) == ("shared", "queued")
    assert row["note"] == 'a;b,\n"c"'
    assert row["shared_at"].endswith("Z")
    assert len(in_csv(producer)) == 2


@pytest.mark.parametrize(
    "note", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "  =1", "=cmd|' /C calc'!A0", "＝1", "-=1"]
)
def test_the_csv_escapes_formulas(
    fake: FakeCloud, producer: Party, consumer: Party, note: str
) -> None:
    image = fake.image(producer.project, name=note)
    fake.member(image, note)
    a_record(image, producer, consumer, note=note)
    fake.member(image, consumer.project)
    for row in in_csv(producer):
        for value in row.values():
            assert not value.lstrip().startswith(("=", "+", "-", "@", "＝")), value
    kept = {row["note"] for row in in_csv(producer)}
    assert f"'{note}" in kept


def test_both_files_have_the_reason_of_a_rejection(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    members(fake, image, 1, status="rejected")
    share(producer, image, consumer.project.id)
    url = reverse("share-status", args=[image])
    consumer.client.post(url, {"status": "rejected", "reason": "=1+1"})
    said = {consumer.project.id: "=1+1", f"{1:032x}": ""}
    assert {row["project_id"]: row["reason"] for row in in_json(producer)} == said
    assert [row["reason"] for row in in_csv(producer, sort="-shared")] == ["'=1+1", ""]
    consumer.client.post(url, {"status": "accepted"})
    assert {row["reason"] for row in in_json(producer)} == {""}


def test_the_json_has_what_the_page_finds(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    members(fake, image, 1)
    share(producer, image, consumer.project.id, note="=1+1", ends_on="2030-01-31")
    Share.objects.update(ends_on="2030-01-31")
    rows = in_json(producer, sort="-shared")
    assert [row["project_id"] for row in rows] == [consumer.project.id, f"{1:032x}"]
    assert rows[0]["ends_on"] == "2030-01-31"
    assert rows[0]["note"] == "=1+1"
    assert rows[0]["is_put_back"] is False
    assert rows[1]["answered_at"] is None


@pytest.mark.parametrize("url", [CSV, JSON])
def test_a_file_is_complete_or_not_there(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    bad = fake.image(producer.project)
    fake.fail("GET", f"/v2/images/{bad}/members", status=500, times=None)
    assert producer.client.get(url).status_code == 503


def test_the_buttons_file_has_the_mark_by_which_spreadsheets_know_utf_8(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image = fake.image(producer.project, name="Grünes Öl – 緑")
    fake.member(image, consumer.project)
    page = source(producer.client.get(URL))
    assert f'href="{CSV}?sort=image&amp;mark=1"' in page
    marked = producer.client.get(CSV, {"mark": "1"}).content
    assert marked.startswith(b"\xef\xbb\xbf")
    assert marked.decode("utf-8-sig") == producer.client.get(CSV).content.decode()
    assert in_csv(producer)[0]["image_name"] == "Grünes Öl – 緑"
    assert in_json(producer)[0]["image_name"] == "Grünes Öl – 緑"


def test_the_columns_are_those_of_the_documentation(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    documented = re.findall(r"^\| `(\w+)` \|", EXPORTS.read_text(), re.MULTILINE)
    assert list(in_csv(producer)[0]) == documented
    assert list(in_json(producer)[0]) == documented
