"""Groups of consumers: the lists that a producer keeps."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from sharing.models import Group, GroupMember
from sharing.services import bulk_review, lists, refusals, rights
from sharing.session import Cloud

MOST_MEMBERS = lists.MOST_LINES
_ERRORS_SHOWN = 10


class NameTaken(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("You have a group of this name already."))


class WrongLines(refusals.Refusal):
    """``str()`` names the first of them, and what is wrong with each."""


def of_project(*, project_id: str) -> QuerySet[Group]:
    """The project's groups by name, each with the number of its members as ``size``."""
    mine = Group.objects.filter(producer_project_id=project_id)
    return mine.annotate(size=Count("members")).order_by("name")


def create(*, cloud: Cloud, name: str, lines: Sequence[lists.Line] = ()) -> Group:
    """Raises NotAllowed, NameTaken, WrongLines: then nothing is kept."""
    rights.require_member_now(cloud)
    try:
        with transaction.atomic():
            group = Group.objects.create(producer_project_id=cloud.project.id, name=name)
            _put(cloud, group, lines)
    except IntegrityError as error:
        raise NameTaken from error
    return group


def rename(*, cloud: Cloud, group: Group, name: str) -> None:
    """Raises NotAllowed, NameTaken."""
    rights.require_member_now(cloud)
    group.name = name
    try:
        with transaction.atomic():
            group.save(update_fields=["name", "updated_at"])
    except IntegrityError as error:
        raise NameTaken from error


def put(*, cloud: Cloud, group: Group, lines: Sequence[lists.Line]) -> None:
    """Add consumers; of one that is in it already, the address and the note are replaced.

    All of the lines or none. Raises NotAllowed, WrongLines, TooMany.
    """
    rights.require_member_now(cloud)
    _put(cloud, group, lines)


def take_out(*, cloud: Cloud, group: Group, project_ids: Sequence[str]) -> int:
    """Only from the group: what is shared with them stays shared. How many there were.

    Raises NotAllowed.
    """
    rights.require_member_now(cloud)
    count, _by_model = group.members.filter(project_id__in=project_ids).delete()
    return count


def delete(*, cloud: Cloud, group: Group) -> None:
    """What is shared with its members stays shared. Raises NotAllowed."""
    rights.require_member_now(cloud)
    group.delete()


def as_lines(*, group: Group) -> list[lists.Line]:
    """The group as a list to share with."""
    return [
        lists.Line(number, one.project_id, one.email, one.note)
        for number, one in enumerate(group.members.all(), 1)
    ]


def to_csv(*, group: Group) -> str:
    return lists.to_csv(group.members.values_list("project_id", "email", "note"))


def _put(cloud: Cloud, group: Group, lines: Sequence[lists.Line]) -> None:
    wrong = [(line.number, words) for line in lines if (words := _wrong(cloud, line))]
    if wrong:
        said = " ".join(
            _("Line %(n)d: %(words)s") % {"n": n, "words": words}
            for n, words in wrong[:_ERRORS_SHOWN]
        )
        more = len(wrong) - _ERRORS_SHOWN
        raise WrongLines(f"{said} " + _("And %(n)d more.") % {"n": more} if more > 0 else said)
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=group.pk)
        # The last line of several about one project is what holds.
        given = {line.project_id: line for line in lines}
        GroupMember.objects.bulk_create(
            [
                GroupMember(group=group, project_id=x.project_id, email=x.email, note=x.note)
                for x in given.values()
            ],
            update_conflicts=True,
            unique_fields=("group", "project_id"),
            update_fields=("email", "note"),
            batch_size=500,
        )
        if group.members.count() > MOST_MEMBERS:
            raise refusals.TooMany(_("A group has at most %(n)d members.") % {"n": MOST_MEMBERS})
        group.save(update_fields=["updated_at"])


def _wrong(cloud: Cloud, line: lists.Line) -> str:
    return " ".join(bulk_review.wrong_fields(cloud=cloud, line=line).values())
