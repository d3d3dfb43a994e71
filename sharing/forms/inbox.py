from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import STATUSES

LABELS = {
    "pending": gettext_lazy("Decide later"),
    "accepted": gettext_lazy("Show in my image list"),
    "rejected": gettext_lazy("Hide from my image list"),
}


class ImagesField(forms.Field):
    """The IDs of images, each once, in the order in which they came."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        texts: list[str] = super().clean(value)
        try:
            return list(dict.fromkeys(str(uuid.UUID(text)) for text in texts))
        except ValueError:
            raise forms.ValidationError(
                _("One of these is not an image's ID. Load the page again and choose once more."),
                code="invalid",
            ) from None


class AnswerForm(forms.Form):
    """The answer for one share. ``project`` is the one whose page the button stood on."""

    status = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        choices=[(status, LABELS[status]) for status in STATUSES],
        error_messages={
            "required": gettext_lazy("Say what to do: show, hide or decide later."),
            "invalid_choice": gettext_lazy(
                "“%(value)s” is not an answer: show, hide or decide later."
            ),
        },
    )
    project = forms.CharField(required=False, max_length=64)

    def __init__(self, data: QueryDict | None = None, *, project_id: str) -> None:
        super().__init__(data)
        self._project_id = project_id

    @property
    def is_for_another_project(self) -> bool:
        """The project was switched, in another window, since the page was loaded."""
        return (self.data.get("project") or self._project_id) != self._project_id


class AnswersForm(AnswerForm):
    image = ImagesField(
        label=gettext_lazy("Images"),
        error_messages={"required": gettext_lazy("Nothing is selected: tick at least one image.")},
    )
