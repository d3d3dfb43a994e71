"""What the producer decides about a listing's requests: questions, waiting time, rule, notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import DomainNameValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import normalise_project_id
from sharing.forms.producer import LongTextField
from sharing.models import Question, Rule
from sharing.services.request_forms import MOST_QUESTIONS, Asked

LISTS = ("allow_domains", "allow_projects", "deny_domains", "deny_projects")


class WaitingForm(forms.Form):
    answer_days = forms.IntegerField(
        label=gettext_lazy("Usually answered within (days)"),
        min_value=1,
        max_value=90,
        required=False,
        help_text=gettext_lazy("Stands on the request form and on the request’s page."),
    )


class QuestionForm(forms.Form):
    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Empty: no question."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=Question.Kind.choices, required=False
    )
    choices = LongTextField(
        rows=3,
        label=gettext_lazy("Choices, one to a line"),
        max_length=1000,
        required=False,
    )
    is_required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lines = [line.strip() for line in data.get("choices", "").splitlines()]
        data["choices"] = "\n".join(dict.fromkeys(filter(None, lines)))
        data["kind"] = data.get("kind") or Question.Kind.TEXT
        is_choice = data["kind"] == Question.Kind.CHOICE
        if data.get("text") and is_choice and "\n" not in data["choices"]:
            self.add_error("choices", _("A choice needs two lines at least."))
        return data


Questions = forms.formset_factory(
    QuestionForm,
    extra=2,
    max_num=MOST_QUESTIONS,
    absolute_max=MOST_QUESTIONS + 2,
    validate_max=True,
)


def asked_in(questions: forms.BaseFormSet[QuestionForm]) -> list[Asked]:
    """The questions that were filled in; a row without a text is none."""
    return [Asked(**form.cleaned_data) for form in questions if form.cleaned_data.get("text")]


class RuleForm(forms.Form):
    is_on = forms.BooleanField(
        label=gettext_lazy("Approve by itself what this rule allows"), required=False
    )
    allow_domains = LongTextField(
        rows=3,
        label=gettext_lazy("E-mail domains to approve"),
        max_length=5000,
        required=False,
        help_text=gettext_lazy(
            "One to a line: example.org. The requester is sent a link, and the address counts once "
            "it was opened."
        ),
    )
    allow_projects = LongTextField(
        rows=3,
        label=gettext_lazy("Projects to approve"),
        max_length=5000,
        required=False,
        help_text=gettext_lazy("Project IDs, one to a line."),
    )
    deny_domains = LongTextField(
        rows=3, label=gettext_lazy("E-mail domains never"), max_length=5000, required=False
    )
    deny_projects = LongTextField(
        rows=3, label=gettext_lazy("Projects never"), max_length=5000, required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in LISTS:
            entries = data.get(name, "").replace(",", " ").split()
            checked = [(entry, _checked(name, entry)) for entry in entries]
            wrong = next((entry for entry, right in checked if not right), None)
            if wrong is not None:
                text = _("“%(entry)s” does not belong here.") % {"entry": wrong[:64]}
                self.add_error(name, text)
            data[name] = list(dict.fromkeys(right for _entry, right in checked if right))
        return data

    @property
    def lists(self) -> dict[str, list[str]]:
        return {name: self.cleaned_data[name] for name in LISTS}

    @classmethod
    def showing(cls, rule: Rule | None) -> RuleForm:
        names = ("is_on", *LISTS)
        return cls(initial={name: getattr(rule, name) for name in names} if rule else None)


class NoteForm(forms.Form):
    text = LongTextField(rows=2, label=gettext_lazy("Note"), max_length=2000)


def _checked(name: str, entry: str) -> str:
    """The entry as it is kept; empty when it is no domain, or no project's ID."""
    if name.endswith("projects"):
        return normalise_project_id(entry) or ""
    domain = entry.lower().removeprefix("@")
    try:
        DomainNameValidator()(domain)
    except forms.ValidationError:
        return ""
    return domain
