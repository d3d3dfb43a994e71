from __future__ import annotations

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy

from sharing.forms.producer import LongTextField
from sharing.services.producers import Profile


class ProfileForm(forms.Form):
    """What a producer says of itself; all of it is public."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("The project’s own name always stands beside it."),
    )
    description = LongTextField(
        rows=8,
        label=gettext_lazy("Description"),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy(
            "Markdown: # heading, **bold**, - list, `code`, [link](https://…). No HTML or pictures."
        ),
    )
    website = forms.URLField(
        label=gettext_lazy("Website"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("It begins with https:// or http://."),
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact e-mail"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Public."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_website(self) -> str:
        website = str(self.cleaned_data["website"])
        if website:
            URLValidator(schemes=["http", "https"])(website)
        return website

    @property
    def profile(self) -> Profile:
        return Profile(**self.cleaned_data)
