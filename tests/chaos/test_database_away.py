"""A worker whose database goes away while the mail server has the mail in its hand."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.databases import database
from tests.chaos.office import Office
from tests.chaos.unkind import Plan, Post
from tests.live.processes import comes_true

# Fewer than workers: one of them has nothing to do while the database is away.
MAILS, WORKERS = 2, 3


class Thoughtful(Plan):
    """Takes every mail, and thinks it over before it says so."""

    def for_connection(self, _number: int) -> str:
        return ""

    def for_sender(self, _number: int) -> bool:
        return False

    def for_mail(self, _recipient: str, _attempt: int) -> str:
        return "taken, then thought over"


def test_it_writes_down_what_was_sent_once_the_database_is_back(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as base, Post(Thoughtful(1)) as post:
        office = Office(tmp_path, base, post.port.address, seed=1)
        try:
            office.open(MAILS, WORKERS)
            assert comes_true(lambda: post.taken.total() > 0)
            base.go_away_for_a_moment()
            assert comes_true(lambda: office.unsettled() == 0, seconds=60)
            mails = office.mails()
            office.check()
        finally:
            office.close()
    assert {mail.state for mail in mails} == {"sent"}
    assert post.taken == dict.fromkeys((mail.message_id for mail in mails), 1)
