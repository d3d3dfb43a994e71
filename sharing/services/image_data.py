"""The producer's verbs on an image and its bytes: create it, fill it, let the cloud fetch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.errors import CloudError
from sharing.cloud.resources import Formats, Image, ImportTask, User
from sharing.cloud.transport import Download
from sharing.services import history, refusals
from sharing.session import Cloud

_WITHOUT_DATA = {"queued", "importing", "uploading"}
_LEFT_OUT = "…"  # at the end of an address that is not written down whole
_LONGEST_DETAIL = 400


class NotTaken(refusals.Refusal):
    """The API does not take what was written; ``reason`` is its own words."""

    def __init__(self, reason: str) -> None:
        text = _("The cloud does not take this. It says: %(reason)s") % {"reason": reason[:300]}
        super().__init__(text)


class OverQuota(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("Your project has used up what this cloud allows it for images."))


class WrongFormat(refusals.Refusal):
    """The image takes no other file after this: its page says so, and what to do."""

    def __init__(self, disk_format: str) -> None:
        super().__init__(
            _("The file is not in the disk format “%(format)s”: its bytes say otherwise.")
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


class NoData(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The image has no data yet: there is nothing to download."))


class NotHandedOut(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The cloud does not hand out the data of this image now."))


@dataclass(frozen=True, slots=True)
class Fetch:
    """The cloud's last try to fetch an image's data. For a moment after it was asked to, the image
    is queued as before: only the task knows.

    ``url`` is empty when it is not known, or not whole.
    """

    task: ImportTask
    url: str

    @property
    def is_under_way(self) -> bool:
        return self.task.is_under_way

    @property
    def has_failed(self) -> bool:
        return self.task.has_failed


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
    _record(cloud, image, by, history.Verb.IMAGE_UPLOADED, detail=_without_secrets(url))


def download(*, cloud: Cloud, image: Image) -> Download:
    """The image's bytes. Raises NoData, NotHandedOut."""
    try:
        return cloud.images.download(image.id)
    except errors.NotFound as error:
        raise NoData from error
    except errors.Forbidden as error:
        raise NotHandedOut from error


def last_fetch(*, cloud: Cloud, image: Image) -> Fetch | None:
    """None for an image that has its data, or that the cloud never tried to fetch."""
    if image.status not in _WITHOUT_DATA:
        return None
    try:
        tasks = cloud.images.list_import_tasks(image.id)
    except (errors.NotFound, errors.Forbidden):
        return None
    if not tasks:
        return None
    return Fetch(tasks[-1], _last_address(image))


def can_fetch(*, cloud: Cloud, image: Image) -> bool:
    """Whether the cloud would fetch the data of this image from an address."""
    return image.status == "queued" and not image.checksum and cloud.images.can_import()


def _last_address(image: Image) -> str:
    entry = history.last(verb=history.Verb.IMAGE_UPLOADED, image_id=image.id)
    if entry is None or entry.producer_project_id != image.owner:
        return ""
    return "" if entry.detail.endswith(_LEFT_OUT) else entry.detail


def _without_secrets(url: str) -> str:
    """What of an address may be written down: a password or a signature may not."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    is_whole = host == parts.netloc and not parts.query and len(url) < _LONGEST_DETAIL
    shown = urlunsplit((parts.scheme, host, parts.path, "", ""))
    return shown if is_whole else shown[:_LONGEST_DETAIL] + _LEFT_OUT


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
