from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sharing.cloud.resources import STATUSES, MemberStatus
from sharing.services.drawers import AGES, SORTS, Question

# At once: more would take longer than a browser's patience.
MOST = 500
_LONGEST = 200  # of what is typed; more is cut off

LABELS = {
    "pending": gettext_lazy("Decide later"),
    "accepted": gettext_lazy("Show in my image list"),
    "rejected": gettext_lazy("Hide from my image list"),
}


class TrayForm(forms.Form):
    """What of a drawer is wanted, from an address that anyone may have made up."""

    q = forms.CharField(required=False)
    producer = forms.CharField(required=False)
    os = forms.CharField(required=False)
    age = forms.CharField(required=False)
    sort = forms.CharField(required=False)

    def question(self) -> Question:
        """What can be understood of it; a value that makes no sense counts as not given."""
        self.is_valid()
        given = {name: str(self.cleaned_data.get(name, ""))[:_LONGEST] for name in self.fields}
        for name, values in (("age", AGES), ("sort", SORTS)):
            if given[name] not in values:
                given[name] = ""
        return Question(**given | {"sort": given["sort"] or "newest"})


class ImagesField(forms.Field):
    """The IDs of images, each once, in the order in which they came."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        texts: list[str] = super().clean(value)
        try:
            found = list(dict.fromkeys(str(uuid.UUID(text)) for text in texts or ()))
        except ValueError:
            raise forms.ValidationError(
                _("One of these is not an image's ID. Load the page again and choose once more."),
                code="invalid",
            ) from None
        if len(found) > MOST:
            words = ngettext(
                "Choose at most %(n)d image at once.", "Choose at most %(n)d images at once.", MOST
            )
            raise forms.ValidationError(words % {"n": MOST}, code="too_many")
        return found


class AnswerForm(forms.Form):
    """The answer for one share. ``project`` is the one whose page the button stood on, and ``was``
    how the share stood there, if the page says so."""

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
    was = forms.ChoiceField(required=False, choices=[(status, status) for status in STATUSES])

    def __init__(self, data: QueryDict | None = None, *, project_id: str) -> None:
        super().__init__(data)
        self._project_id = project_id

    def is_overtaken(self, now: MemberStatus) -> bool:
        """Whether somebody has answered otherwise since the page was made."""
        was = self.cleaned_data["was"]
        return bool(was) and now not in {was, self.cleaned_data["status"]}

    @property
    def is_for_another_project(self) -> bool:
        """The project was switched, in another window, since the page was loaded."""
        return (self.data.get("project") or self._project_id) != self._project_id


class ShareAnswerForm(AnswerForm):
    """On the share's own page, where there is room for a word to the producer."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("The producer gets it with your answer. It goes with hiding only."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, *, project_id: str, typed: str = "") -> None:
        super().__init__(data, project_id=project_id)
        self.fields["reason"].initial = typed


class AnswersForm(AnswerForm):
    """``every`` is the mark of all that was found in the drawer: instead of those that are ticked,
    all of it."""

    image = ImagesField(
        label=gettext_lazy("Images"),
        required=False,
        error_messages={"required": gettext_lazy("Nothing is selected: tick at least one image.")},
    )
    every = forms.CharField(required=False, max_length=64)

    def clean_image(self) -> list[str]:
        found: list[str] = self.cleaned_data["image"]
        if not found and not self.data.get("every"):
            field = self.fields["image"]
            raise forms.ValidationError(field.error_messages["required"], code="required")
        return found
