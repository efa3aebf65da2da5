"""The API's description, made from the same rows and bodies that serve it."""

from functools import cache
from typing import Any

import msgspec

from web.api_models import ErrorAnswer
from web.api_operations import OPERATIONS, Operation, Parameter

_SCHEMAS = "#/components/schemas/"
_PLACES = {
    "ref": "A contact: `id:<contact id>`, `facebook:<page id>:<psid>` or `viber:<bot>:<user id>`, URL-encoded; "
    "a Viber user id also as unpadded base64url.",
    "conversation": "A conversation's id: `<contact id>-<number>`.",
    "report": "A report's name, as `GET /api/v1/reports` lists them.",
}
_ERRORS = {
    "400": "The request cannot be used; the message says why.",
    "401": "No token, or a wrong one.",
    "404": "There is no such thing.",
    "409": "The contact or conversation is not as the caller thinks.",
    "413": "The body is too large.",
    "503": "The store does not answer; try again.",
}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Markdone", "version": "1", "description": "Contacts, their conversations and messages."},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "API_TOKEN"}},
            "schemas": _schemas(),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            *(_place(name) for name in _PLACES if f"{{{name}}}" in operation.path),
            *map(_parameter, operation.parameters),
        ],
        "responses": {
            str(operation.status): _answer("Done.", operation.answer),
            **({str(operation.later): _answer("Under way.", operation.answer)} if operation.later else {}),
            **{status: _answer(text, ErrorAnswer) for status, text in _ERRORS.items()},
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    return described


def _place(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PLACES[name],
        "schema": {"type": "string"},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _answer(description: str, answer: type[msgspec.Struct]) -> dict[str, Any]:
    return {"description": description, "content": _json(answer)}


def _json(shape: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _SCHEMAS + shape.__name__}}}


def _schemas() -> dict[str, Any]:
    shapes = [shape for operation in OPERATIONS for shape in (operation.answer, operation.body) if shape]
    _, schemas = msgspec.json.schema_components([*shapes, ErrorAnswer], ref_template=_SCHEMAS + "{name}")
    return schemas
