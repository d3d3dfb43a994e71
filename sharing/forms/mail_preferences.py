from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from sharing.models import Subscription, When

_KINDS = {
    "shared": (
        gettext_lazy("Shared"),
        gettext_lazy("A producer shares an image with the project."),
    ),
    "reminder": (
        gettext_lazy("Reminder"),
        gettext_lazy("A producer still waits for the project’s answer."),
    ),
    "new_version": (
        gettext_lazy("New version"),
        gettext_lazy("An image that the project has is replaced by a newer one."),
    ),
    "ends_soon": (
        gettext_lazy("Ending soon"),
        gettext_lazy("The last day of a share is near."),
    ),
    "removed": (
        gettext_lazy("Removed"),
        gettext_lazy("An image is not shared any more, or was deleted."),
    ),
}


class _OfProject(forms.Form):
    """``project`` is the one whose page the form stood on."""

    project = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        project_id: str,
        initial: Mapping[str, Any] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        super().__init__(data, initial={"project": project_id, **(initial or {})}, auto_id=auto_id)
        self._project_id = project_id

    @property
    def is_for_another_project(self) -> bool:
        """The project was switched, in another window, since the page was loaded."""
        return (self.data.get("project") or self._project_id) != self._project_id


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of mail with its radio buttons: value, words, whether it is chosen."""

    name: str
    label: str
    help_text: str
    error: str
    buttons: list[tuple[str, str, bool]]


class SubscriptionForm(_OfProject):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        help_text=gettext_lazy("A new one gets a mail first, with a link that confirms it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Subscription.KINDS:
            label, help_text = _KINDS[kind]
            self.fields[kind] = forms.ChoiceField(
                label=label, help_text=help_text, choices=When.choices, initial=When.AT_ONCE
            )

    def rows(self) -> Iterator[Row]:
        for kind in Subscription.KINDS:
            field = self[kind]
            yield Row(
                field.html_name,
                str(field.label),
                str(field.help_text),
                " ".join(str(error) for error in field.errors),
                [(value, str(words), field.value() == value) for value, words in When.choices],
            )

    @property
    def choices(self) -> dict[str, str]:
        return {kind: self.cleaned_data[kind] for kind in Subscription.KINDS}


class TeamAddressForm(_OfProject):
    email = forms.EmailField(
        label=gettext_lazy("The team’s e-mail address"),
        max_length=254,
        help_text=gettext_lazy("A list or a shared mailbox. It gets a mail first, with a link."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    is_shown = forms.BooleanField(
        label=gettext_lazy("Producers who share with this project may read it"),
        required=False,
        help_text=gettext_lazy("Otherwise they only read that there is one."),
    )


class WhoseForm(_OfProject):
    """``whose``: the signed-in person's own address, or the team's."""

    whose = forms.ChoiceField(choices=[("own", "own"), ("team", "team")])
