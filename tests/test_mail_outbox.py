"""No mail is lost, and none is sent twice that need not be."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from sharing import mail, outbox, tasks
from sharing.models import OutgoingMail
from tests.chaos.writing import write
from tests.postbox import PostBox, work
from tests.visitor import a_listing, a_request

pytestmark = pytest.mark.django_db
BUSY = smtplib.SMTPDataError(451, b"try later")
NOBODY = smtplib.SMTPRecipientsRefused({"chen@orchard.test": (550, b"no such user")})
GREYLISTED = smtplib.SMTPRecipientsRefused({"chen@orchard.test": (450, b"greylisted")})


@pytest.fixture(autouse=True)
def post_box(settings: Settings) -> Iterator[list[Exception]]:
    settings.EMAIL_BACKEND = "tests.postbox.PostBox"
    PostBox.refusals.clear()
    yield PostBox.refusals
    PostBox.refusals.clear()


def a_mail() -> OutgoingMail:
    mail.declined(a_request(a_listing(), "declined", reason="No."))
    return OutgoingMail.objects.latest("pk")


def later(**ago: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**ago), tick=False)


def state(one: OutgoingMail) -> str:
    one.refresh_from_db()
    return one.state


def test_a_worker_sends_it_once() -> None:
    one = a_mail()
    work()
    work()
    assert state(one) == "sent"
    assert (one.attempts, len(django_mail.outbox)) == (1, 1)
    assert one.sent_at is not None


def test_what_is_rolled_back_tells_nobody() -> None:
    with transaction.atomic():
        a_mail()
        transaction.set_rollback(True)
    work()
    assert not OutgoingMail.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert django_mail.outbox == []


def test_it_is_tried_again_ever_later_and_then_failed(post_box: list[Exception]) -> None:
    post_box.extend([BUSY] * 7)
    one = a_mail()
    moment, waits = timezone.now() + timedelta(seconds=1), []
    while state(one) == "queued":
        with time_machine.travel(moment, tick=False):
            work()
        one.refresh_from_db()
        waits.append((one.next_attempt_at - moment).total_seconds() / 60)
        moment = one.next_attempt_at
    assert waits[:6] == [1, 5, 30, 2 * 60, 8 * 60, 24 * 60]
    assert (one.state, one.attempts) == ("failed", 7)
    assert one.last_error == "451 try later"
    assert one.can_be_retried


def test_before_its_time_it_is_not_tried_again(post_box: list[Exception]) -> None:
    post_box.append(BUSY)
    one = a_mail()
    work()
    with later(seconds=58):
        work()
    assert state(one) == "queued"
    with later(seconds=61):
        work()
    assert state(one) == "sent"
    assert (one.attempts, one.last_error) == (2, "")


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (NOBODY, "550 no such user"),
        (smtplib.SMTPDataError(554, b"spam"), "554 spam"),
        (smtplib.SMTPSenderRefused(553, b"not from you", "portal@portal.test"), "553 not from you"),
        (ValueError("cannot be written"), "cannot be written"),
    ],
)
def test_a_no_for_ever_is_failed_at_once(
    refusal: Exception, reason: str, post_box: list[Exception]
) -> None:
    post_box.append(refusal)
    one = a_mail()
    work()
    assert state(one) == "failed"
    assert one.last_error == reason
    with later(days=3):
        work()
    assert django_mail.outbox == []


@pytest.mark.parametrize(
    "refusal",
    [
        GREYLISTED,
        BUSY,
        ConnectionRefusedError("refused"),
        TimeoutError(),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPAuthenticationError(535, b"the operator's mistake"),
        smtplib.SMTPSenderRefused(530, b"sign in first", "portal@portal.test"),
        smtplib.SMTPSenderRefused(452, b"disk full", "portal@portal.test"),
    ],
)
def test_what_may_pass_is_tried_again(refusal: Exception, post_box: list[Exception]) -> None:
    post_box.append(refusal)
    one = a_mail()
    work()
    assert state(one) == "queued"
    assert one.last_error
    with later(minutes=2):
        work()
    assert state(one) == "sent"


def test_a_failed_one_starts_anew_when_told_to(post_box: list[Exception]) -> None:
    post_box.append(NOBODY)
    one = a_mail()
    work()
    one.refresh_from_db()
    mail.send_again(one)
    work()
    assert state(one) == "sent"
    assert one.attempts == 1


def test_one_written_alone_does_not_wait_for_a_long_list() -> None:
    write(4)
    listed = OutgoingMail.objects.filter(kind="shared")
    tasks.send_mails.call([one.pk for one in listed])
    alone = a_mail()
    work()
    order = [message.to[0] for message in django_mail.outbox]
    assert order.index(alone.to) < min(order.index(one.to) for one in listed)


# A worker is killed


def test_killed_before_it_took_the_mail() -> None:
    one = a_mail()
    DBTaskResult.objects.all().delete()  # its job died with it
    with later(minutes=2):
        tasks.sweep_mail.call()
        work()
    assert state(one) == "sent"


def test_killed_while_it_sent_the_mail() -> None:
    one = a_mail()
    DBTaskResult.objects.all().delete()
    assert outbox.claim(one.pk)
    with later(minutes=4):
        tasks.sweep_mail.call()
        work()
        assert state(one) == "sending"  # it may still be alive
    with later(minutes=6):
        tasks.sweep_mail.call()
        work()
    assert state(one) == "sent"
    assert len(django_mail.outbox) == 1


def test_killed_after_it_sent_the_mail_it_is_sent_once_more() -> None:
    one = a_mail()
    DBTaskResult.objects.all().delete()
    taken = outbox.claim(one.pk)
    assert taken
    outbox.hand_over(taken)
    with later(minutes=6):
        tasks.sweep_mail.call()
        work()
        tasks.sweep_mail.call()
        work()
    assert state(one) == "sent"
    assert len(django_mail.outbox) == 2
    ids = {message.message()["Message-ID"] for message in django_mail.outbox}
    assert len(ids) == 1  # a reader's mail program can tell


def test_killed_while_much_else_waits() -> None:
    lost, other = a_mail(), a_mail()
    DBTaskResult.objects.filter(args_kwargs__args=[lost.pk]).delete()  # its job died with it
    with later(minutes=2):
        tasks.sweep_mail.call()
        waiting = DBTaskResult.objects.filter(status="READY", task_path="sharing.tasks.send_mail")
        jobs = sorted(job.args_kwargs["args"] for job in waiting)
        assert jobs == [[lost.pk], [other.pk]]  # and the other has no second one


def test_the_job_of_a_killed_worker_is_given_up() -> None:
    one = a_mail()
    job = DBTaskResult.objects.get()
    job.claim("killed")
    with later(minutes=9):
        tasks.sweep_mail.call()
        job.refresh_from_db()
        assert job.status == "RUNNING"  # its worker may still be at it
    with later(minutes=11):
        tasks.sweep_mail.call()
        work()
        job.refresh_from_db()
        assert (job.status, job.exception_class_path) == ("FAILED", "sharing.tasks.WorkerLost")
    assert state(one) == "sent"


def test_slow_beyond_its_lease_it_changes_nothing() -> None:
    one = a_mail()
    DBTaskResult.objects.all().delete()
    slow = outbox.claim(one.pk)
    assert slow
    with later(minutes=6):
        tasks.sweep_mail.call()
        work()
    assert outbox.settle(slow, BUSY) is None
    assert state(one) == "sent"


def test_two_workers_do_not_take_the_same_mail() -> None:
    one = a_mail()
    assert outbox.claim(one.pk)
    assert outbox.claim(one.pk) is None


def test_the_sweep_comes_again_and_is_there_once() -> None:
    tasks.ensure_sweep()
    tasks.ensure_sweep()
    for minutes in (2, 4, 6):
        with later(minutes=minutes):
            work()
            waiting = DBTaskResult.objects.filter(status="READY")
            assert [one.task_path for one in waiting] == ["sharing.tasks.sweep_mail"]


def test_the_sweep_leaves_alone_what_is_on_its_way(post_box: list[Exception]) -> None:
    post_box.append(BUSY)
    a_mail()
    work()
    before = DBTaskResult.objects.filter(status="READY").count()
    tasks.sweep_mail.call()
    again = DBTaskResult.objects.filter(status="READY").exclude(
        task_path="sharing.tasks.sweep_mail"
    )
    assert again.count() == before
