"""What a list says before anything is carried out: line by line, against the members there are.

Nothing of it is kept: the members and their statuses are the Image API's, asked for at each look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Member, normalise_project_id
from sharing.models import BulkImage, BulkJob, BulkLine
from sharing.services import contacts, lists, refusals
from sharing.session import Cloud


@dataclass(slots=True)
class Checked:
    """A line and what is to be said of it.

    ``wrong``: what must be corrected, by field. ``twice_of``: the earlier line that says the same.
    ``members``: where it is a member already. ``targets``: the images it will be carried out for.
    ``has_rejected``: the version before, whose members are carried over. ``email``: its own, else
    the contact that is held; ``held`` is that one.
    """

    line: BulkLine
    email: str = ""
    held: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    twice_of: int = 0
    members: list[tuple[BulkImage, Member]] = field(default_factory=list)
    targets: list[BulkImage] = field(default_factory=list)
    has_rejected: bool = False
    is_over_quota: bool = False
    wants_no_mail: bool = False
    has_own_address: bool = False  # that the project registered itself

    @property
    def state(self) -> str:
        if self.wrong:
            return "wrong"
        return "ready" if self.targets else "left_out"

    @property
    def wants_a_contact(self) -> bool:
        """It will be carried out, and nobody would hear of it."""
        return bool(self.targets) and not self.email and not self.has_own_address

    @property
    def is_new_contact(self) -> bool:
        return bool(self.held) and self.email.lower() != self.held.lower()

    def why_not(self, image: BulkImage) -> str:
        """Why it is left out for this image."""
        if self.wrong:
            return " ".join(self.wrong.values())
        if self.twice_of:
            return _("The same project stands in line %(n)d.") % {"n": self.twice_of}
        if self.has_rejected:
            return _("It rejected the version before.")
        for where, member in self.members:
            if where.pk == image.pk:
                return _("Already a member: %(status)s.") % {"status": member.status}
        return _("Left out.")


@dataclass(frozen=True, slots=True)
class Review:
    """``lines``: those that are wrong first, then those left out, then the rest, each as listed.
    ``problems``: images that take no members now, and why. ``room``: what is left of the quota."""

    lines: Sequence[Checked]
    images: Sequence[BulkImage]
    problems: Sequence[tuple[BulkImage, str]]
    over_quota: int

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.lines)

    @property
    def wrong(self) -> int:
        return self.count("wrong")

    @property
    def left_out(self) -> int:
        return self.count("left_out")

    @property
    def ready(self) -> int:
        return self.count("ready")

    @property
    def without_contact(self) -> int:
        return sum(one.wants_a_contact for one in self.lines)

    @property
    def shares(self) -> int:
        return sum(len(one.targets) for one in self.lines)


def review(*, cloud: Cloud, job: BulkJob) -> Review:
    """Look at every line. One call for each image: its members. Raises Unavailable."""
    images = list(job.images.all())
    known, problems = _members(cloud, images)
    lines = list(job.lines.all())
    held = contacts.emails(
        producer_project_id=job.producer_project_id, project_ids=[x.project_id for x in lines]
    )
    checked = [_check(cloud, line, held.get(line.project_id, "")) for line in lines]
    _mark_repeated(checked)
    _mark_reach(job, checked)
    rejected = _rejected(cloud, job)
    for one in checked:
        one.has_rejected = one.line.project_id in rejected
        if not (one.wrong or one.twice_of or one.has_rejected):
            _place(one, images, known)
    over = _mark_over_quota(checked, {pk: len(members) for pk, members in known.items()})
    order = {"wrong": 0, "left_out": 1, "ready": 2}
    checked.sort(key=lambda one: (order[one.state], one.line.number))
    return Review(checked, images, problems, over)


def wrong_fields(*, cloud: Cloud, line: BulkLine | lists.Line) -> dict[str, str]:
    """What must be corrected in a line, by field."""
    wrong: dict[str, str] = {}
    if normalise_project_id(line.project_id) is None:
        wrong["project_id"] = _("Not a project ID: that has 32 hex digits.")
    elif line.project_id == cloud.project.id:
        wrong["project_id"] = _("This is your own project: it has the image already.")
    if line.email:
        try:
            validate_email(line.email)
        except ValidationError:
            wrong["email"] = _("Not an e-mail address.")
        if len(line.email) > 254:
            wrong["email"] = _("An e-mail address has at most 254 characters.")
    if len(line.note) > lists.LONGEST_NOTE:
        wrong["note"] = _("A note has at most 2000 characters.")
    return wrong


def _check(cloud: Cloud, line: BulkLine, held: str) -> Checked:
    wrong = wrong_fields(cloud=cloud, line=line)
    return Checked(line, email=line.email or held, held=held, wrong=wrong)


def _mark_repeated(checked: Iterable[Checked]) -> None:
    first: dict[str, int] = {}
    for one in checked:
        if not one.wrong:
            earlier = first.setdefault(one.line.project_id, one.line.number)
            one.twice_of = earlier if earlier != one.line.number else 0


def _mark_reach(job: BulkJob, checked: Sequence[Checked]) -> None:
    silent = contacts.silent(
        producer_project_id=job.producer_project_id, emails=[one.email for one in checked]
    )
    own = contacts.own_addresses(
        producer_project_id=job.producer_project_id,
        project_ids={one.line.project_id for one in checked if not one.email},
    )
    for one in checked:
        one.wants_no_mail = one.email.lower() in silent
        one.has_own_address = one.line.project_id in own


def _place(
    one: Checked, images: Sequence[BulkImage], known: Mapping[int, Mapping[str, Member]]
) -> None:
    for image in images:
        member = known.get(image.pk, {}).get(one.line.project_id)
        if member:
            one.members.append((image, member))
        else:
            one.targets.append(image)


def _rejected(cloud: Cloud, job: BulkJob) -> set[str]:
    """Who rejected the version before, if this list carries its members over."""
    step = job.succession
    if step is None:
        return set()
    try:
        before = cloud.images.list_members(step.old_image_id)
    except (errors.NotFound, errors.Forbidden):
        return set()
    return {member.project_id for member in before if member.is_rejected}


def _mark_over_quota(checked: Iterable[Checked], taken: dict[int, int]) -> int:
    """Those lines for which there may be no room; how many.

    A cloud's quota cannot be asked for (trap 9), so its operator says it here; 0: there is none.
    """
    if not settings.IMAGE_MEMBER_QUOTA:
        return 0
    for one in checked:
        for image in one.targets:
            taken[image.pk] = taken.get(image.pk, 0) + 1
            one.is_over_quota = one.is_over_quota or taken[image.pk] > settings.IMAGE_MEMBER_QUOTA
    return sum(one.is_over_quota for one in checked)


def _members(
    cloud: Cloud, images: Sequence[BulkImage]
) -> tuple[dict[int, dict[str, Member]], list[tuple[BulkImage, str]]]:
    answers = gather(cloud.images.list_members, [image.image_id for image in images])
    known: dict[int, dict[str, Member]] = {}
    problems: list[tuple[BulkImage, str]] = []
    for image, answer in zip(images, answers, strict=True):
        match answer:
            case errors.NotFound():
                problems.append((image, str(refusals.ImageGone())))
            case errors.Forbidden():
                problems.append(
                    (image, _("It takes no members now: its visibility is not shared."))
                )
            case errors.CloudError():
                raise answer
            case _:
                known[image.pk] = {member.project_id: member for member in answer}
    return known, problems
