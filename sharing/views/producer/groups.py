"""Groups of consumers: kept, changed, imported and exported."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.forms.bulk import GroupForm, ListForm, RenameForm
from sharing.http import SignedInRequest
from sharing.models import Group
from sharing.partials import render_page
from sharing.services import groups, refusals
from sharing.views.access import only_post, own_group, signed_in
from sharing.views.producer.bulk import csv_answer

MEMBERS_ON_A_PAGE = 100


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    form = GroupForm(initial=_typed(request, request.path))
    if request.method == "POST":
        form = GroupForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                name = form.cleaned_data["name"]
                group = groups.create(cloud=request.cloud, name=name, lines=form.lines)
            except groups.NameTaken as refusal:
                form.add_error("name", str(refusal))
            except refusals.Refusal as refusal:
                form.add_error("rows", str(refusal))
            else:
                messages.success(request, _("The group is kept."))
                return redirect(group)
    context = {"groups": groups.of_project(project_id=request.cloud.project.id), "form": form}
    status = 422 if form.is_bound else 200
    return render_page(request, "producer/groups.html", context, status=status)


@signed_in
def show(request: SignedInRequest, group_id: int) -> HttpResponse:
    """The group; a POST gives it another name."""
    group = own_group(request, group_id)
    if request.method != "POST":
        return _page(request, group)
    form, name = RenameForm(request.POST), group.name
    if form.is_valid():
        try:
            groups.rename(cloud=request.cloud, group=group, name=form.cleaned_data["name"])
        except groups.NameTaken as refusal:
            group.name = name
            form.add_error("name", str(refusal))
        else:
            return redirect(group)
    return _page(request, group, rename=form)


@only_post
@signed_in
def put(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = own_group(request, group_id)
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            groups.put(cloud=request.cloud, group=group, lines=form.lines)
        except refusals.Refusal as refusal:
            form.add_error("file" if form.cleaned_data["file"] else "rows", str(refusal))
        else:
            messages.success(request, _("The group is kept."))
            return redirect(group)
    return _page(request, group, form=form)


@only_post
@signed_in
def take_out(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = own_group(request, group_id)
    count = groups.take_out(
        cloud=request.cloud, group=group, project_ids=request.POST.getlist("project")
    )
    said = ngettext(
        "%(n)d project was taken out of the group. What it has, it keeps.",
        "%(n)d projects were taken out of the group. What they have, they keep.",
        count,
    )
    messages.success(request, said % {"n": count})
    return redirect(group)


@only_post
@signed_in
def delete(request: SignedInRequest, group_id: int) -> HttpResponse:
    groups.delete(cloud=request.cloud, group=own_group(request, group_id))
    messages.success(request, _("The group is deleted. What is shared stays shared."))
    return redirect("groups")


@signed_in
def export(request: SignedInRequest, group_id: int) -> HttpResponse:
    group = own_group(request, group_id)
    return csv_answer(groups.to_csv(group=group), f"group-{group.pk}.csv")


def _page(
    request: SignedInRequest,
    group: Group,
    *,
    form: ListForm | None = None,
    rename: RenameForm | None = None,
) -> HttpResponse:
    typed = _typed(request, reverse("group-members", args=[group.pk]))
    pages = Paginator(group.members.all(), MEMBERS_ON_A_PAGE)
    context = {
        "group": group,
        "page": pages.get_page(request.GET.get("page", "")),
        "form": form or ListForm(initial=typed),
        "rename": rename
        or RenameForm(initial={"name": group.name} | _typed(request, group.get_absolute_url())),
    }
    status = 422 if form or rename else 200
    return render_page(request, "producer/group.html", context, status=status)


def _typed(request: SignedInRequest, path: str) -> dict[str, object]:
    """What was typed before the sign-in."""
    draft = drafts.take(request, path)
    return dict(draft.dict()) if draft else {}
