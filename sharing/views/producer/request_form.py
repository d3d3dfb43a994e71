"""What the producer decides about a listing's requests beforehand: the form's questions, the
waiting time, and the standing rule."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.forms.request_form import QuestionForm, Questions, RuleForm, WaitingForm, asked_in
from sharing.http import SignedInRequest
from sharing.models import Listing, Rule
from sharing.services import request_forms, rights, rules
from sharing.views.access import only_post, own_listing, signed_in


@signed_in
def edit(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    listing = own_listing(request, str(image_id))
    if request.method != "POST":
        return _page(request, listing)
    rights.require_member(request.cloud)
    waiting, questions = WaitingForm(request.POST), Questions(request.POST)
    if not (waiting.is_valid() and questions.is_valid()):
        return _page(request, listing, waiting=waiting, questions=questions, status=422)
    request_forms.save(
        cloud=request.cloud,
        listing=listing,
        answer_days=waiting.cleaned_data["answer_days"],
        questions=asked_in(questions),
        by=request.cloud.user,
    )
    messages.success(request, _("Saved: the next requester sees it."))
    return redirect("request-form", image_id)


@only_post
@signed_in
def set_rule(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    listing = own_listing(request, str(image_id))
    rights.require_member(request.cloud)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _page(request, listing, rule=form, status=422)
    is_on = form.cleaned_data["is_on"]
    rules.save(
        cloud=request.cloud, listing=listing, is_on=is_on, lists=form.lists, by=request.cloud.user
    )
    messages.success(request, _("The rule is on.") if is_on else _("The rule is off."))
    return redirect("request-form", image_id)


def _page(
    request: SignedInRequest,
    listing: Listing,
    *,
    waiting: WaitingForm | None = None,
    questions: BaseFormSet[QuestionForm] | None = None,
    rule: RuleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = drafts.take(request, request.path)
    if typed and not questions:
        waiting, questions = WaitingForm(typed), Questions(typed)
    typed_rule = drafts.take(request, reverse("rule", args=[listing.image_id]))
    context = {
        "listing": listing,
        "waiting": waiting or WaitingForm(initial={"answer_days": listing.answer_days}),
        "questions": questions or Questions(initial=list(listing.questions.values())),
        "rule": rule or (RuleForm(typed_rule) if typed_rule else _rule_form(listing)),
    }
    return render(request, "producer/request_form.html", context, status=status)


def _rule_form(listing: Listing) -> RuleForm:
    return RuleForm.showing(Rule.objects.filter(listing=listing).first())
