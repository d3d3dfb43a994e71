from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.forms.producer import EndField

_PROJECT = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{32}")


class EndForm(forms.Form):
    """The day on which one share is to end; empty for none."""

    ends_on = EndField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty for no end. Both sides get a mail 14 and 3 days before."),
    )


class NamesField(forms.Field):
    """Several values of one form, each once, and each of them of a shape."""

    widget = forms.MultipleHiddenInput

    def __init__(self, shape: re.Pattern[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shape = shape

    def clean(self, value: Any) -> list[str]:
        texts: list[str] = super().clean(value) or []
        if not all(self._shape.fullmatch(text) for text in texts):
            raise forms.ValidationError(
                _("One of these is not a share. Load the page again and choose once more."),
                code="invalid",
            )
        return list(dict.fromkeys(texts))


class EndsForm(forms.Form):
    """One day for several shares of an image; or no end any more."""

    project = NamesField(
        _PROJECT,
        label=gettext_lazy("Shares"),
        error_messages={"required": gettext_lazy("Nothing is selected: tick at least one share.")},
    )
    do = forms.ChoiceField(
        choices=[("set", gettext_lazy("Set the end")), ("clear", gettext_lazy("No end"))]
    )
    ends_on = EndField(label=gettext_lazy("Until"), required=False)
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("do") == "set" and not data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Say until when."))
        return data

    @property
    def day(self) -> date | None:
        """Of a valid form; None is no end."""
        day: date | None = self.cleaned_data["ends_on"]
        return day if self.cleaned_data["do"] == "set" else None


class EndedForm(forms.Form):
    """What to do with several shares whose day has come."""

    share = NamesField(_KEY, label=gettext_lazy("Shares"), required=False)
    # All that had ended by the day on which the page was made, ticked or not.
    every = forms.BooleanField(label=gettext_lazy("All of them"), required=False)
    as_of = forms.DateField(widget=forms.HiddenInput, required=False)
    do = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[("remove", gettext_lazy("Remove")), ("extend", gettext_lazy("Extend"))],
        error_messages={
            "required": gettext_lazy("Say what to do: remove or extend."),
            "invalid_choice": gettext_lazy("“%(value)s” is not one of these: remove or extend."),
        },
    )
    ends_on = EndField(label=gettext_lazy("Extend until"), required=False)
    use_required_attribute = False  # one form, two buttons: to remove, no day need be named

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("share") and not data.get("every") and "share" not in self.errors:
            self.add_error("share", _("Nothing is selected: tick at least one share."))
        if data.get("do") == "extend" and not data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Say until when."))
        return data
