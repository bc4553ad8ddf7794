"""From Django's validation to the errors of the domain: one translation, for every verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.errors import FieldError, Invalid

#: Codes of Django's that say what the constraint is called rather than what is wrong.
_CODES = {"unique_together": "unique", "": "invalid"}

#: Field, code and sentence by name of a constraint.
_said: dict[str, tuple[str, str, str]] = {}


def invalid(problem: ValidationError, pointers: Mapping[str, str] | None = None) -> Invalid:
    """A validation error as ``Invalid``, with a JSON pointer for each field.

    Args:
        pointers: where a field stands in the request when that is not under its own name.
    """
    by_field = problem.error_dict if hasattr(problem, "error_dict") else {NON_FIELD_ERRORS: problem.error_list}
    return Invalid(
        [
            FieldError(_pointer(field, pointers or {}), _code(one), " ".join(one.messages))
            for field, errors in by_field.items()
            for one in errors
        ]
    )


def validate_one_line(text: str) -> None:
    """Refuse line breaks and other control characters in what is to stand on one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValidationError(_("Use plain text on one line."), code="one_line")


def check(row: models.Model, pointers: Mapping[str, str] | None = None) -> None:
    """The row can be saved: fields, uniqueness and constraints.

    What nobody types (ids, and rows that a verb was given) is not looked at as a field, and counts in constraints.

    Raises:
        Invalid: with everything that is wrong, not only the first thing.
    """
    errors: dict[str, Any] = {}
    untyped = {field.name for field in row._meta.concrete_fields if not field.editable or field.is_relation}
    for part in (lambda: row.clean_fields(exclude=untyped), row.clean):
        errors = _collected(part, errors)
    skip = {*errors, "public_id"}
    for part in (lambda: row.validate_unique(exclude=skip), lambda: _constraints(row, skip)):
        errors = _collected(part, errors)
    if errors:
        raise invalid(ValidationError(errors), pointers)


def check_fields(row: models.Model, pointer: str = "") -> list[FieldError]:
    """What is wrong with the fields of one row among many, without asking the database: it holds the rest.

    Args:
        pointer: where the row stands in the request.
    """
    untyped = {field.name for field in row._meta.concrete_fields if not field.editable or field.is_relation}
    try:
        row.clean_fields(exclude=untyped)
    except ValidationError as problem:
        found = invalid(problem).errors
        return [FieldError(f"{pointer}{one.pointer}", one.code, one.detail) for one in found]
    return []


def say(name: str, field: str, code: str, text: str) -> None:
    """Say what it means that a constraint of the database is violated, and at which field to tell it."""
    _said[name] = (field, code, text)


def _constraints(row: models.Model, skip: set[str]) -> None:
    errors: dict[str, list[ValidationError]] = {}
    for model, constraints in row.get_constraints():
        for constraint in constraints:
            try:
                constraint.validate(model, row, exclude=skip)
            except ValidationError as problem:
                field, code, text = _said.get(constraint.name, (NON_FIELD_ERRORS, "", ""))
                told = ValidationError(text, code=code) if text else problem
                errors.setdefault(field, []).append(told)
    if errors:
        raise ValidationError(errors)


def _collected(part: Callable[[], None], errors: dict[str, Any]) -> dict[str, Any]:
    try:
        part()
    except ValidationError as problem:
        collected: dict[str, Any] = problem.update_error_dict(errors)
        return collected
    return errors


def _pointer(field: str, pointers: Mapping[str, str]) -> str:
    if field in pointers:
        return pointers[field]
    return "" if field == NON_FIELD_ERRORS else f"/{field}"


def _code(problem: ValidationError) -> str:
    code = str(problem.code or "")
    return _CODES.get(code, code)
