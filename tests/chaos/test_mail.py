"""No mail is lost and none is doubled, whatever happens to workers, mail server and database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.databases import Database, database
from tests.chaos.office import Mail, Office
from tests.chaos.unkind import Plan, Post
from tests.live.processes import comes_true

SENDING, SWEEP = "sharing.tasks.send_mail", "sharing.tasks.sweep_mail"
SEED = 20
MAILS = 1000
WORKERS = 3
LAST_MAILS = 20
# The database is away when fewer than so many are left.
AWAY_AT = (700, 300)
PATIENCE = 400.0


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_each_mail_arrives_once_whatever_happens(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as base, Post(Plan(SEED)) as post:
        office = Office(tmp_path, base, post.port.address, SEED)
        try:
            office.open(MAILS, WORKERS)
            seconds = work_among_the_killers(office, base)
            mails = {mail.message_id: mail for mail in office.mails()}
            assert soon(lambda: office.jobs("RUNNING")[SENDING] == 0)  # those of the killed, too
            waiting = office.jobs("READY")
            office.lose_the_regular_jobs()
            assert soon(lambda: office.jobs("READY").keys() == waiting.keys())
            office.check()
        finally:
            office.close()
    report(office, post, mails, seconds)

    assert len(mails) == MAILS
    assert Counter(mail.state for mail in mails.values()).keys() == {"sent", "failed"}
    assert_none_is_lost(post, mails)
    assert_none_is_doubled(office, post)
    assert_refusals_are_told(office, post, mails)
    assert_only_regular_jobs_wait(waiting)
    assert_it_was_really_unkind(office, post)


def work_among_the_killers(office: Office, base: Database) -> float:
    """Until all mails are settled: every second a worker is killed, until a few mails are left that
    wait for their next try; and now and then the database is away."""
    began, away_at = time.monotonic(), [*AWAY_AT]
    while left := office.unsettled():
        seconds = time.monotonic() - began
        assert seconds < PATIENCE, f"{left} mails are not settled\n{office.logs()[-3000:]}"
        time.sleep(office.pause())
        if away_at and left < away_at[0]:
            base.go_away_for_a_moment()
            away_at.pop(0)
        if left > LAST_MAILS:
            office.kill_one()
    assert not away_at
    return time.monotonic() - began


def soon(condition: Callable[[], bool]) -> bool:
    return comes_true(condition, seconds=90)


def assert_none_is_lost(post: Post, mails: dict[str, Mail]) -> None:
    sent = {name for name, mail in mails.items() if mail.state == "sent"}
    assert sent <= post.acknowledged.keys()
    assert post.taken.keys() <= mails.keys()


def assert_none_is_doubled(office: Office, post: Post) -> None:
    """But those that were being sent at a kill, or whose taking the server never told."""
    for name, copies in post.taken.items():
        untold = copies - post.acknowledged[name]
        assert copies <= 1 + office.killed_sending[name] + untold, (name, post.story[name])


def assert_refusals_are_told(office: Office, post: Post, mails: dict[str, Mail]) -> None:
    refused = {mail.to: mail.last_error for mail in mails.values() if mail.state == "failed"}
    senders = {to: words for to, words in refused.items() if words in post.senders_refused}
    recipients = {to: words for to, words in refused.items() if to not in senders}
    assert recipients == {to: post.refused[to] for to in recipients}
    assert post.refused.keys() <= refused.keys()
    assert len(set(senders.values())) == len(senders)
    unheard = len(post.senders_refused) - len(senders)
    assert unheard <= office.kills


def assert_only_regular_jobs_wait(waiting: Counter[str]) -> None:
    """Each for its next turn; several workers may have asked for it at the same moment."""
    assert SWEEP in waiting
    assert SENDING not in waiting
    assert all(count <= WORKERS for count in waiting.values()), waiting


def assert_it_was_really_unkind(office: Office, post: Post) -> None:
    assert office.kills >= 10
    assert office.killed_sending
    assert len(post.done) >= 15


def report(office: Office, post: Post, mails: dict[str, Mail], seconds: float) -> None:
    twice = {name: copies for name, copies in post.taken.items() if copies > 1}
    at_a_kill = sorted(twice.keys() & office.killed_sending.keys())
    print(f"{len(mails)} mails settled in {seconds:.0f} s, {office.kills} workers killed,")
    print(f"{office.killed_sending.total()} of them while sending; the server: {dict(post.done)}")
    print(f"states: {Counter(mail.state for mail in mails.values())}")
    print(f"more than once: {len(twice)}, of them being sent at a kill: {at_a_kill}")
