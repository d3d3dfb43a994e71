from __future__ import annotations

from django.db import models
from django.urls import reverse


class Group(models.Model):
    """A named list of consumers that a producer keeps, to share with in one step."""

    producer_project_id = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["producer_project_id", "name"], name="one_group_per_name"
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.pk])


class GroupMember(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    project_id = models.CharField(max_length=32)
    email = models.EmailField(blank=True)
    note = models.TextField(blank=True, max_length=2000)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["group", "project_id"], name="once_in_a_group"),
        )
