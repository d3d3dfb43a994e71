from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import Project, normalise_project_id
from sharing.models import Listing, Question


class AccessRequestForm(forms.Form):
    """ "May our project have this image?" ``project`` is the one signed in for: then it is it."""

    project_id = forms.CharField(
        label=gettext_lazy("Project ID"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    message = forms.CharField(
        label=gettext_lazy("Message to the producer"),
        help_text=gettext_lazy("Who you are, and what you need the image for."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    accept_terms = forms.BooleanField(label=gettext_lazy("I have read the terms and accept them"))
    # Says that the page promised a verified request: see the view.
    signed_in = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        listing: Listing,
        project: Project | None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.listing = listing
        self.project = project
        self.typed_project_id = data.get("project_id", "") if data else ""
        if data is not None and project:
            data = data.copy()
            data["project_id"] = project.id
        super().__init__(data, initial={**(initial or {})})
        self._questions = list(listing.questions.all())
        for question in self._questions:
            self.fields[_answer_name(question)] = _answer_field(question)
        if not listing.terms:
            del self.fields["accept_terms"]
        if project:
            self._fix_project(project)
        else:
            self._explain_unverified()

    @property
    def answers(self) -> Sequence[Mapping[str, str]]:
        """What was answered, with the questions' wording as it is now."""
        return [
            {"question": question.text, "answer": self._answer(question)}
            for question in self._questions
        ]

    @property
    def answer_fields(self) -> Sequence[forms.BoundField]:
        return [self[_answer_name(question)] for question in self._questions]

    def _answer(self, question: Question) -> str:
        given = self.cleaned_data[_answer_name(question)]
        if question.kind == question.Kind.TICK:
            return _("yes") if given else _("no")
        return str(given)

    def clean_project_id(self) -> str:
        typed = self.typed_project_id if self.project else str(self.cleaned_data["project_id"])
        project_id = normalise_project_id(typed or str(self.cleaned_data["project_id"]))
        if project_id is None:
            raise forms.ValidationError(
                _("A project ID has 32 digits from 0 to 9 and a to f. A project's name is not it.")
            )
        if self.project and project_id != self.project.id:
            raise forms.ValidationError(
                _(
                    "You are signed in for the project %(name)s, and the form named %(typed)s. "
                    "Switch to that project, or send it again for this one."
                )
                % {"name": self.project.name, "typed": typed}
            )
        if project_id == self.listing.project_id:
            raise forms.ValidationError(
                _("This project owns the image: it has no need to ask for it.")
            )
        return project_id

    def _fix_project(self, project: Project) -> None:
        field = self.fields["project_id"]
        field.initial = self.initial["project_id"] = project.id
        field.widget.attrs["readonly"] = True
        self.initial["signed_in"] = "yes"

    def _explain_unverified(self) -> None:
        self.fields["project_id"].help_text = _(
            "32 digits from 0 to 9 and a to f. Dashes and capitals do no harm."
        )
        self.fields["email"].help_text = _(
            "We send a link to it first: the producer sees your request once you have opened it."
        )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def _answer_name(question: Question) -> str:
    return f"answer_{question.position}"


def _answer_field(question: Question) -> forms.Field:
    label, required = question.text, question.is_required
    if question.kind == Question.Kind.TICK:
        return forms.BooleanField(label=label, required=required)
    if question.kind == Question.Kind.CHOICE:
        choices = [("", _("Choose")), *((choice, choice) for choice in question.choice_list)]
        return forms.ChoiceField(label=label, required=required, choices=choices)
    return forms.CharField(
        label=label,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
