from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import Image
from sharing.forms.producer import LongTextField


class ReplaceForm(forms.Form):
    """Which image is replaced, and what its consumers hear of it."""

    old = forms.ChoiceField(label=gettext_lazy("It replaces"))
    note = LongTextField(
        rows=4,
        label=gettext_lazy("What is new"),
        max_length=2000,
        help_text=gettext_lazy(
            "Stands in the mail to those who are carried over, and on the listing."
        ),
    )
    removal_on = forms.DateField(
        label=gettext_lazy("Removal of the old one announced for"),
        required=False,
        help_text=gettext_lazy("The mail names the day. Nothing is removed by itself."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hides_old = forms.BooleanField(
        label=gettext_lazy("Hide the old image from all image lists now"),
        required=False,
        help_text=gettext_lazy("Who knows its ID can boot from it all the same."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, images: Sequence[Image], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["old"] = forms.ChoiceField(
            label=_("It replaces"),
            choices=[(one.id, f"{one.name or one.id} ({one.id[:8]})") for one in images],
        )

    def clean_removal_on(self) -> date | None:
        day: date | None = self.cleaned_data["removal_on"]
        if day and day <= timezone.localdate():
            raise forms.ValidationError(_("Name a day that is still to come."))
        return day
