"""Telling apart kinds of objects that have no member which says their kind."""

from typing import Any, get_args

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Closest:
    """Makes a union of models a choice of one by its members: few unknown, then few missing.

    An object that fits no kind is told about as the kind that it comes closest to, and among
    equals as the first.
    """

    def __get_pydantic_core_schema__(self, union: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A union that is tagged with the names of its kinds."""
        kinds = get_args(union)
        members: dict[str, frozenset[str]] = {kind.__name__: _members(kind) for kind in kinds}

        def closest(value: Any) -> str:
            if isinstance(value, BaseModel):
                return type(value).__name__
            names = frozenset(value if isinstance(value, dict) else ())
            distance = {kind: (len(names - m), len(m - names)) for kind, m in members.items()}
            return min(distance, key=lambda kind: distance[kind])

        choices = {kind.__name__: handler.generate_schema(kind) for kind in kinds}
        return core_schema.tagged_union_schema(choices, closest)


def _members(kind: type) -> frozenset[str]:
    return frozenset(kind.model_fields if issubclass(kind, BaseModel) else kind.__annotations__)
