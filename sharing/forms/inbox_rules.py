from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import normalise_project_id
from sharing.models import InboxRule


class InboxRuleForm(forms.Form):
    """A producer, by its project's ID, and what is answered to all that it shares."""

    producer = forms.CharField(
        label=gettext_lazy("Project ID of the producer"),
        help_text=gettext_lazy("It stands on each share of theirs, and is theirs to tell."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    always = forms.ChoiceField(
        label=gettext_lazy("What it shares"),
        choices=[
            (InboxRule.Answer.ACCEPTED, gettext_lazy("Always show in my image list")),
            (InboxRule.Answer.REJECTED, gettext_lazy("Always hide from my image list")),
        ],
        initial=InboxRule.Answer.ACCEPTED,
        widget=forms.RadioSelect,
    )

    def clean_producer(self) -> str:
        project_id = normalise_project_id(str(self.cleaned_data["producer"]))
        if project_id is None:
            raise forms.ValidationError(
                _("A project ID has 32 digits from 0 to 9 and a to f. A project's name is not it.")
            )
        return project_id


class AlwaysForm(forms.Form):
    """One button of a producer's menu: a rule, or "none" to let a person decide again.

    ``project`` is the one whose page the button stood on.
    """

    NONE = "none"

    always = forms.ChoiceField(choices=[*InboxRule.Answer.choices, (NONE, "")])
    project = forms.CharField(required=False, max_length=64)
