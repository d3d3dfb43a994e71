"""After an image was replaced: who came late is carried over, and a mistake is taken back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.resources import Image, User, normalise_project_id
from sharing.models import BulkJob, BulkLine, BulkRow, Listing, Succession
from sharing.services import history, listings, refusals, rights, versions
from sharing.services.versions import NoSuccession
from sharing.session import Cloud

State = BulkRow.State


def late(*, cloud: Cloud, old: Image, new: Image, step: Succession) -> list[str]:
    """Projects that became members of the old image after its members were carried over, and have
    not the new one. Not those who rejected, nor those that a list to carry over had already.
    """
    known = set(BulkLine.objects.filter(job__succession=step).values_list("project_id", flat=True))
    known |= {member.project_id for member in versions.members_of(cloud, new)}
    return [
        member.project_id
        for member in versions.members_of(cloud, old)
        if not member.is_rejected
        and member.project_id not in known
        and normalise_project_id(member.project_id) == member.project_id
    ]


def late_by_page(*, cloud: Cloud, image: Image, place: versions.Place) -> list[str]:
    """``late`` of the newest step that the image is part of, asked for on its page; none where the
    other image is gone, or the older one was given up already."""
    step = place.successor or place.predecessor
    if step is None or step.retired_at or not image.is_shared:
        return []
    is_old = step.old_image_id == image.id
    try:
        other = cloud.images.get_image(step.new_image_id if is_old else step.old_image_id)
    except errors.NotFound:
        return []
    old, new = (image, other) if is_old else (other, image)
    return late(cloud=cloud, old=old, new=new, step=step)


def carry_late(*, cloud: Cloud, old: Image, new: Image, by: User) -> BulkJob:
    """A list of those who came late, to be looked over.

    Raises NotAllowed, NoSuccession, NotShared.
    """
    rights.require_member(cloud)
    step = _step(cloud, old, new)
    if not new.is_shared:
        raise refusals.NotShared(new.visibility)
    ids = late(cloud=cloud, old=old, new=new, step=step)
    job = versions.carry_over(cloud=cloud, step=step, new=new, project_ids=ids, by=by)
    if job is None:
        raise NoSuccession(_("All who have the old one have the new one, or are on its list."))
    return job


def undo(*, cloud: Cloud, old: Image, new: Image, by: User) -> None:
    """Take it back that ``new`` replaces ``old``: the listing goes back, the old one is shown in
    image lists again if this had hidden it, what a list had not done yet is left out.

    Shares that were made stay, and mails that were written. Raises NotAllowed, NoSuccession,
    ImageGone.
    """
    rights.require_member(cloud)
    step = _step(cloud, old, new)
    if step.retired_at:
        raise NoSuccession(_("The old one's members were removed already."))
    if versions.place(image_id=new.id, project_id=cloud.project.id).successor:
        raise NoSuccession(_("The newer one was replaced in its turn: take that back first."))
    if step.hid_old and old.is_hidden:
        versions.set_hidden(cloud, old, is_hidden=False)
    with transaction.atomic():
        if not Succession.objects.select_for_update().filter(pk=step.pk).exists():
            raise NoSuccession(_("This was taken back already."))
        if step.moved_listing:
            listings.go_on_with(cloud=cloud, old_image_id=new.id, image=old, by=by)
        else:
            listings.say_changed(project_id=old.owner, image_ids=(old.id, new.id))
        _end_lists(step)
        step.delete()
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.REPLACING_UNDONE,
            producer_project_id=old.owner,
            image_id=old.id,
            image_name=old.name,
            detail=f"→ {new.name or new.id}",
        )


def listing_to_move_back(place: versions.Place) -> Listing | None:
    """The listing that an undoing would give back to the older image."""
    step = place.predecessor
    if not step or not step.moved_listing:
        return None
    if Listing.objects.filter(image_id=step.old_image_id).exists():
        return None
    mine = Listing.objects.filter(project_id=step.producer_project_id)
    return mine.filter(image_id=step.new_image_id).first()


def _step(cloud: Cloud, old: Image, new: Image) -> Succession:
    step = Succession.objects.filter(
        producer_project_id=cloud.project.id, old_image_id=old.id, new_image_id=new.id
    ).first()
    if step is None:
        raise NoSuccession(_("This image does not replace that one (any more)."))
    return step


def _end_lists(step: Succession) -> None:
    """A row that is under way is finished by whoever works on it."""
    step.jobs.filter(started_at=None).delete()
    BulkRow.objects.filter(job__succession=step, state__in=(State.WAITING, State.FAILED)).update(
        state=State.LEFT_OUT,
        words=str(_("The new version was taken back.")),
        finished_at=timezone.now(),
    )
