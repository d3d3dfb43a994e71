"""The old version goes on serving while the new one's migrations run (docs/deploy.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, CharField, Field

# What the old version's statements can live with.
HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.AddConstraint,
    operations.AlterModelOptions,
    operations.RunPython,
)


# What of a field is nothing to the database.
WORDS = {"blank", "choices", "default", "help_text", "validators", "verbose_name"}


def steps() -> Iterator[tuple[str, Operation, ProjectState]]:
    """Of all migrations but the first, in their order, with the state that each begins with."""
    loader = MigrationLoader(connection)
    names = sorted(name for app, name in loader.disk_migrations if app == "sharing")
    state = loader.project_state([("sharing", names[0])])
    for name in names[1:]:
        for operation in loader.disk_migrations["sharing", name].operations:
            yield f"{name}: {operation.describe()}", operation, state.clone()
            operation.state_forwards("sharing", state)


def is_harmless(operation: Operation, before: ProjectState) -> bool:
    if isinstance(operation, operations.AddField):
        field = operation.field  # the old version's INSERT does not name it
        return field.many_to_many or field.null or field.db_default is not NOT_PROVIDED
    if isinstance(operation, operations.AlterField):
        fields = before.models["sharing", operation.model_name_lower].fields
        return facts(fields[operation.name]) == facts(operation.field)
    return isinstance(operation, HARMLESS)


def facts(field: Field[Any, Any]) -> tuple[str, dict[str, Any]]:
    _name, path, _arguments, known = field.deconstruct()
    return path, {word: value for word, value in known.items() if word not in WORDS}


def test_no_migration_takes_away_what_the_old_version_uses(db: None) -> None:
    found = list(steps())
    assert len(found) > 50
    assert [what for what, operation, before in found if not is_harmless(operation, before)] == []


@pytest.mark.parametrize(
    "operation",
    [
        operations.RemoveField("share", "note"),
        operations.RenameField("share", "note", "words"),
        operations.DeleteModel("Share"),
        operations.AddField("share", "new", CharField(max_length=9, default="")),
        operations.AlterField("share", "note", CharField(max_length=9)),
        operations.RunSQL("SELECT 1"),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_would_stop_the_old_version_is_found(operation: Operation, db: None) -> None:
    *_, (_what, _last, state) = steps()
    assert not is_harmless(operation, state)
