"""The producer's verbs on an image and its bytes: create it, fill it, let the cloud fetch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.errors import CloudError
from sharing.cloud.resources import Formats, Image, User
from sharing.services import history, refusals
from sharing.session import Cloud


class NotTaken(refusals.Refusal):
    """The API does not take what was written; ``reason`` is its own words."""

    def __init__(self, reason: str) -> None:
        text = _("The cloud does not take this. It says: %(reason)s") % {"reason": reason[:300]}
        super().__init__(text)


class OverQuota(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("Your project has used up what this cloud allows it for images."))


class WrongFormat(refusals.Refusal):
    def __init__(self, disk_format: str) -> None:
        super().__init__(
            _(
                "The file is not in the disk format “%(format)s”: its bytes say otherwise. This "
                "image takes no other file now. Delete it, and create one with the format that "
                "the file has."
            )
            % {"format": disk_format}
        )


class HasData(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The image has its data already, or is just getting them."))


class BrokenOff(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(
            _("The upload broke off before its end. The image is still there: try again.")
        )


def formats(*, cloud: Cloud) -> Formats:
    """The formats this cloud takes."""
    return cloud.images.get_formats()


def create(*, cloud: Cloud, facts: Mapping[str, Any], by: User) -> Image:
    """A new image without data; ``facts`` by the API's names.

    Raises NotTaken, OverQuota, NotAllowed.
    """
    try:
        image = cloud.images.create_image(facts)
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error
    except errors.QuotaExceeded as error:
        raise OverQuota from error
    except (errors.Invalid, errors.Conflict) as error:
        raise NotTaken(error.message) from error
    _record(cloud, image, by, history.Verb.IMAGE_CREATED)
    return image


def upload(*, cloud: Cloud, image: Image, body: Iterable[bytes], by: User) -> None:
    """Fill a queued image. ``body`` raises ``Interrupted`` when it ends too early; then the image
    is queued again, as if nothing had been sent.

    Raises WrongFormat, HasData, BrokenOff, OverQuota, ImageGone, NotAllowed.
    """
    try:
        cloud.images.upload(image.id, body)
    except errors.Interrupted as error:
        raise BrokenOff from error
    except errors.WrongFormat as error:
        raise WrongFormat(image.disk_format) from error
    except CloudError as error:
        raise _refusal(error) from error
    _record(cloud, image, by, history.Verb.IMAGE_UPLOADED)


def fetch(*, cloud: Cloud, image: Image, url: str, by: User) -> None:
    """Let the cloud fetch the bytes from ``url``; the portal itself never does.

    Raises NotTaken, HasData, OverQuota, ImageGone, NotAllowed.
    """
    try:
        cloud.images.import_image(image.id, url)
    except errors.Invalid as error:
        raise NotTaken(error.message) from error
    except CloudError as error:
        raise _refusal(error) from error
    _record(cloud, image, by, history.Verb.IMAGE_UPLOADED, detail=url)


def failed_fetch(*, cloud: Cloud, image: Image) -> str:
    """Why the cloud's last try to fetch the image failed; empty when it did not."""
    if image.status not in {"queued", "importing"}:
        return ""
    try:
        tasks = cloud.images.list_import_tasks(image.id)
    except (errors.NotFound, errors.Forbidden):
        return ""
    return (tasks[-1].message or _("no reason was given")) if _failed(tasks) else ""


def _failed(tasks: tuple[Any, ...]) -> bool:
    return bool(tasks) and tasks[-1].has_failed


def _refusal(error: CloudError) -> Exception:
    """What an answer to new data means; the error itself when it is no refusal."""
    match error:
        case errors.Conflict():
            return HasData()
        case errors.QuotaExceeded():
            return OverQuota()
        case errors.NotFound():
            return refusals.ImageGone()
        case errors.Forbidden():
            return refusals.NotAllowed()
        case errors.Invalid():
            return NotTaken(error.message)
    return error


def _record(cloud: Cloud, image: Image, by: User, verb: history.Verb, detail: str = "") -> None:
    history.record(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name[:255],
        detail=detail,
    )
