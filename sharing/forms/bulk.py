from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import Image
from sharing.forms.producer import LongTextField
from sharing.models import Group
from sharing.services import lists

_MEBIBYTE = 1024 * 1024


class ListForm(forms.Form):
    """A list of projects, pasted or as a file; ``lines`` are what was read."""

    needs_lines = True

    rows = LongTextField(
        rows=8,
        label=gettext_lazy("Projects"),
        required=False,
        help_text=gettext_lazy(
            "One line for each: project ID, e-mail, note. Commas, semicolons, tabs or spaces "
            "between; the last two may be left out."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        help_text=gettext_lazy("With or without a header. At most 5,000 lines and 2 MiB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: Sequence[lists.Line] = ()
        self.fields["rows"].widget.attrs |= {
            "spellcheck": "false",
            "autocapitalize": "none",
            "class": "mono",
        }

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file and (file.size or 0) > lists.LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has %(size)d MiB, and may have %(most)d: make several lists of it.")
                % {
                    "size": -(-(file.size or 0) // _MEBIBYTE),
                    "most": lists.LARGEST_FILE // _MEBIBYTE,
                }
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.lines = self._read(cleaned)
        return cleaned

    def _read(self, cleaned: Mapping[str, Any]) -> Sequence[lists.Line]:
        file, rows = cleaned["file"], cleaned["rows"]
        if file and rows.strip():
            self.add_error("file", _("Give either a file or lines, not both."))
            return ()
        if not file and not rows.strip() and not self.needs_lines:
            return ()
        try:
            return lists.parse(lists.decode(file.read()) if file else rows)
        except lists.Unreadable as refusal:
            self.add_error("file" if file else "rows", str(refusal))
            return ()


class BulkForm(ListForm):
    """A list of projects to share with; ``choices`` are the images to choose from, if any."""

    note = LongTextField(
        rows=2,
        label=gettext_lazy("Note to all of them"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("For those whose line has no note of its own."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        choices: Sequence[Image] | None = None,
        groups: Iterable[Group] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, files, **kwargs)
        self._groups = {str(group.pk): group for group in groups}
        if self._groups:
            self.fields["group"] = forms.ChoiceField(
                label=_("Or a group"),
                required=False,
                choices=[("", _("none"))] + [(pk, one.name) for pk, one in self._groups.items()],
            )
        if choices is not None:
            self.fields["image"] = forms.MultipleChoiceField(
                label=_("Images"),
                choices=[(image.id, image.name or image.id) for image in choices],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Choose one image at least.")},
            )

    @property
    def chosen_group(self) -> Group | None:
        """The group that was chosen instead of a list."""
        return self._groups.get(self.cleaned_data.get("group", ""))

    def _read(self, cleaned: Mapping[str, Any]) -> Sequence[lists.Line]:
        if not cleaned.get("group"):
            return super()._read(cleaned)
        if cleaned["file"] or cleaned["rows"].strip():
            self.add_error("group", _("Choose either a group or a list, not both."))
        return ()


class GroupForm(ListForm):
    """A group's name, and who is in it from the start."""

    needs_lines = False
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    field_order = ("name", "rows", "file")


class RenameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)


class CorrectionForm:
    """The fields of the lines that stood on a page: ``project_id-7``, ``email-7``, ``note-7``, and
    ``drop`` with the numbers of those to leave out."""

    FIELDS = ("project_id", "email", "note")

    def __init__(self, data: QueryDict) -> None:
        self.changes: dict[int, dict[str, str]] = {}
        self.drop = {int(number) for number in data.getlist("drop") if _is_number(number)}
        for key, value in data.items():
            name, _dash, number = key.rpartition("-")
            if name in self.FIELDS and _is_number(number):
                fields = self.changes.setdefault(int(number), {})
                fields[name] = str(value).replace("\x00", " ")[:10_000]


def _is_number(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 8
