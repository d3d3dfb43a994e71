from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.forms.producer import EndField

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{32}")


class EndForm(forms.Form):
    """The day on which one share is to end; empty for none."""

    ends_on = EndField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty for no end. Both sides get a mail 14 and 3 days before."),
    )


class KeysField(forms.Field):
    """Shares as ``image ID/project ID``, each once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        texts: list[str] = super().clean(value)
        if not all(_KEY.fullmatch(text) for text in texts):
            raise forms.ValidationError(
                _("One of these is not a share. Load the page again and choose once more."),
                code="invalid",
            )
        return list(dict.fromkeys(texts))


class EndedForm(forms.Form):
    """What to do with several shares whose day has come."""

    share = KeysField(
        label=gettext_lazy("Shares"),
        error_messages={"required": gettext_lazy("Nothing is selected: tick at least one share.")},
    )
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
        if data.get("do") == "extend" and not data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Say until when."))
        return data
