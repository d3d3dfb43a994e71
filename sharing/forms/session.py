from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class SignInForm(forms.Form):
    # The browser would ask for both methods' fields.
    use_required_attribute = False
    METHODS = (
        ("password", gettext_lazy("Password")),
        ("application_credential", gettext_lazy("Application credential")),
    )
    NEEDED: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "password": ("username", "password", "domain"),
        "application_credential": ("application_credential_id", "application_credential_secret"),
    }

    method = forms.ChoiceField(
        label=gettext_lazy("Sign in with"),
        choices=METHODS,
        initial="password",
        widget=forms.RadioSelect,
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    domain = forms.CharField(
        label=gettext_lazy("Domain"), max_length=255, required=False, initial="Default"
    )
    application_credential_id = forms.CharField(
        label=gettext_lazy("Application credential ID"), max_length=255
    )
    application_credential_secret = forms.CharField(
        label=gettext_lazy("Application credential secret"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_domain(self) -> str:
        return self.cleaned_data["domain"] or "Default"

    def clean(self) -> dict[str, Any]:
        """What the other method would need is not missed."""
        data = super().clean() or {}
        for method, names in self.NEEDED.items():
            if method != data.get("method"):
                for name in names:
                    self.errors.pop(name, None)
        return data


class OnceInput(forms.PasswordInput):
    """Readable while it is typed, and never shown again: the next try needs another one."""

    input_type = "text"


class PasscodeForm(forms.Form):
    """Apps show the number in groups: spaces do not matter."""

    passcode = forms.CharField(
        label=gettext_lazy("One-time passcode"),
        max_length=40,
        help_text=gettext_lazy("The number that your app or token shows now."),
        widget=OnceInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "passcode",
            }
        ),
    )

    def clean_passcode(self) -> str:
        passcode = "".join(str(self.cleaned_data["passcode"]).split())
        if not re.fullmatch(r"[0-9]{4,12}", passcode):
            raise forms.ValidationError(_("A passcode has digits only, usually six."))
        return passcode
