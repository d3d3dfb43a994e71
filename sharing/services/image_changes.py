"""The producer's verb on an image's record: change its facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.resources import Image, User
from sharing.services import history, refusals
from sharing.services.image_data import NotTaken
from sharing.session import Cloud

# The form's names of the facts, by the API's.
FACTS = {
    "name": "name",
    "min_disk": "min_disk",
    "min_ram": "min_ram",
    "protected": "is_protected",
    "os_hidden": "is_hidden",
    "tags": "tags",
}
SYSTEM = ("os_distro", "os_version", "architecture")


class ChangedMeanwhile(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(
            _("Somebody changed the image at the same moment. Look at it again before you save.")
        )


def change(
    *, cloud: Cloud, image: Image, facts: Mapping[str, Any], properties: Mapping[str, str], by: User
) -> Image:
    """Make the image's record what is given: ``facts`` by the API's names, and all its custom
    ``properties``. Only what differs from ``image`` is sent.

    Raises NotTaken, ChangedMeanwhile, ImageGone, NotAllowed.
    """
    steps = _steps(image, facts, properties)
    if not steps:
        return image
    try:
        changed = cloud.images.change_image(image.id, steps)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Conflict as error:
        raise ChangedMeanwhile from error
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error
    except (errors.Invalid, errors.QuotaExceeded) as error:
        raise NotTaken(error.message) from error
    names = ", ".join(sorted({step["path"].removeprefix("/") for step in steps}))
    _record(cloud, changed, by, history.Verb.IMAGE_CHANGED, names)
    return changed


def _steps(
    image: Image, facts: Mapping[str, Any], properties: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A JSON patch. What must be of some type is replaced; a property may come and go."""
    steps: list[dict[str, Any]] = []
    for name, attribute in FACTS.items():
        old, new = getattr(image, attribute), facts[name]
        if (sorted(old) != sorted(new)) if name == "tags" else old != new:
            steps.append({"op": "replace", "path": f"/{name}", "value": new})
    before = {**image.properties, **{name: getattr(image, name) for name in SYSTEM}}
    before = {name: value for name, value in before.items() if value or name not in SYSTEM}
    after = {**properties, **{name: facts[name] for name in SYSTEM if facts[name]}}
    for name, value in after.items():
        if before.get(name) != value:
            steps.append({"op": "add", "path": _pointer(name), "value": value})
    steps += [{"op": "remove", "path": _pointer(name)} for name in before if name not in after]
    return steps


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


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
