from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sharing.cloud.resources import normalise_project_id
from sharing.models import Listing
from sharing.services.images import VISIBILITIES
from sharing.services.listings import Words

MOST_TAGS = 10
LONGEST_TAG = 40


class LongTextField(forms.CharField):
    """Several lines. A browser counts a line break as one character and sends two."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return "\n".join((text or "").splitlines())


class EndField(forms.DateField):
    """A day to come, at most ten years away."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and day <= timezone.localdate():
            raise forms.ValidationError(_("This day is not in the future."), code="past")
        if day and day > timezone.localdate() + timedelta(days=3653):
            raise forms.ValidationError(_("This is more than ten years away."), code="far")
        return day


class MemberForm(forms.Form):
    project_id = forms.CharField(
        label=gettext_lazy("Project ID"),
        max_length=64,
        help_text=gettext_lazy(
            "32 hex digits: “openstack project show”, or the dashboard, has it."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Recommended: the cloud itself tells them nothing."),
    )
    note = LongTextField(
        rows=2,
        label=gettext_lazy("Note to the consumer"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Stands in the mail and in their inbox."),
    )

    ends_on = EndField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The last day, if there is to be one. Nothing ends by itself."),
    )

    def clean_project_id(self) -> str:
        project_id = normalise_project_id(self.cleaned_data["project_id"])
        if project_id is None:
            raise forms.ValidationError(
                _(
                    "This is not a project ID, which has 32 hex digits. The cloud would take it "
                    "all the same, and nobody could ever accept."
                ),
                code="project_id",
            )
        return project_id


class ContactForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    notify = forms.BooleanField(label=gettext_lazy("Write to them now"), required=False)


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visibility"), choices=[(name, name) for name in VISIBILITIES]
    )


class ListingForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("One or two sentences: they stand on the card in the catalogue."),
    )
    description = LongTextField(
        rows=12,
        label=gettext_lazy("Description"),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy(
            "Markdown: # heading, **bold**, - list, `code`, [link](https://…). No HTML or pictures."
        ),
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact e-mail"),
        max_length=254,
        help_text=gettext_lazy("Public. Requests and answers are sent here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    terms = LongTextField(
        rows=4,
        label=gettext_lazy("Terms"),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy("Whoever asks for the image must accept them."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("With commas between them: base, gpu, lts"),
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=Listing.State.choices,
        widget=forms.HiddenInput,
        error_messages={
            "required": gettext_lazy("Say what to do with it: draft, published or withdrawn."),
            "invalid_choice": gettext_lazy(
                "“%(value)s” is no state: draft, published or withdrawn."
            ),
        },
    )

    def clean_tags(self) -> tuple[str, ...]:
        given = (" ".join(tag.lower().split()) for tag in self.cleaned_data["tags"].split(","))
        tags = tuple(dict.fromkeys(tag for tag in given if tag))
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(
                ngettext("At most %(n)d tag.", "At most %(n)d tags.", MOST_TAGS) % {"n": MOST_TAGS}
            )
        if any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(
                _("A tag has at most %(n)d characters.") % {"n": LONGEST_TAG}
            )
        return tags

    @property
    def words(self) -> Words:
        data = self.cleaned_data
        return Words(
            title=data["title"],
            summary=data["summary"],
            description=data["description"],
            contact_email=data["contact_email"],
            terms=data["terms"],
            tags=data["tags"],
        )


class PreviewForm(ListingForm):
    """A preview is of the words: what is to become of them need not be said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].required = False


class DecisionForm(forms.Form):
    DECISIONS = (
        ("approve", gettext_lazy("Approve and share")),
        ("ask", gettext_lazy("Ask for more")),
        ("decline", gettext_lazy("Decline")),
    )

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=DECISIONS,
        widget=forms.HiddenInput,
        error_messages={
            "required": gettext_lazy("Say what to do: approve, ask or decline."),
            "invalid_choice": gettext_lazy("“%(value)s” is no decision: approve, ask or decline."),
        },
    )
    reason = LongTextField(
        rows=2,
        label=gettext_lazy("Your question, or your reason"),
        max_length=200,
        help_text=gettext_lazy("Sent to the requester. Not needed to approve."),
    )
    ends_on = EndField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("To approve for a time: the last day."),
    )
    use_required_attribute = False  # one form, three buttons: to approve, nothing need be said

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        decision = data.get("decision", "") if data else ""
        missing = {"ask": _("Say what you want to know."), "decline": _("Say why.")}
        reason = self.fields["reason"]
        reason.required = decision != "approve"
        reason.error_messages["required"] = missing.get(decision, _("This is needed."))


class BulkDecisionForm(DecisionForm):
    """One decision, with one reason, on several requests. A question is asked of one at a time."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        decision = self.fields["decision"]
        if isinstance(decision, forms.ChoiceField):
            decision.choices = [one for one in self.DECISIONS if one[0] != "ask"]
