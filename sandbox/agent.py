"""Reads a Dialogflow agent from the folder that its export unpacks to.

Source: exported agents, and cloud.google.com/dialogflow/es export and import, read 2026-11-22.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_AGENT = Path(__file__).parent / "agent"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of "Action and parameters". `value` is a constant, `$other` or `#context.other`."""

    name: str
    value: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the agent understands and what it says then. Context names are in lower case."""

    id: str
    name: str
    input_contexts: frozenset[str]
    events: frozenset[str]
    phrases: tuple[str, ...]
    is_fallback: bool
    uses_webhook: bool
    ends_interaction: bool
    action: str
    output_contexts: tuple[tuple[str, int], ...]  # name, lifespan in turns
    parameters: tuple[Parameter, ...]
    messages: tuple[dict[str, Any], ...]  # as exported


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent in one language."""

    name: str
    language: str
    intents: tuple[Intent, ...]


def read_agent(folder: Path = SAMPLE_AGENT) -> Agent:
    """Read the agent in `folder`. Raises ValueError, naming the file, when it is not an exported agent."""
    settings = _read_json(folder / "agent.json")
    language = settings.get("language", "en")
    paths = sorted(path for path in (folder / "intents").glob("*.json") if "_usersays_" not in path.stem)
    intents = [_read_intent(path, language) for path in paths]
    return Agent(settings.get("displayName", folder.name), language, tuple(i for i in intents if i is not None))


def _read_intent(path: Path, language: str) -> Intent | None:
    raw = _read_json(path)
    if raw.get("priority", 500_000) < 0:
        return None  # switched off in the console
    try:
        response = (raw.get("responses") or [{}])[0]
        return Intent(
            id=raw["id"],
            name=raw["name"],
            input_contexts=frozenset(name.lower() for name in raw.get("contexts", [])),
            events=frozenset(event["name"] for event in raw.get("events", [])),
            phrases=_read_phrases(path.with_name(f"{path.stem}_usersays_{language}.json")),
            is_fallback=bool(raw.get("fallbackIntent")),
            uses_webhook=bool(raw.get("webhookUsed")),
            ends_interaction=bool(raw.get("endInteraction")),
            action=response.get("action") or "",
            output_contexts=tuple(
                (context["name"].lower(), int(context.get("lifespan", 5)))
                for context in response.get("affectedContexts", [])
            ),
            parameters=tuple(
                Parameter(item["name"], item.get("value") or item.get("defaultValue") or "", bool(item.get("required")))
                for item in response.get("parameters", [])
            ),
            messages=tuple(m for m in response.get("messages", []) if m.get("lang", language) == language),
        )
    except (KeyError, TypeError, AttributeError) as e:
        raise ValueError(f"{path} is not an intent as Dialogflow exports it: {type(e).__name__} {e}") from e


def _read_phrases(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()  # a fallback or an event alone has none
    return tuple("".join(part["text"] for part in phrase["data"]) for phrase in _read_json(path))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as e:
        raise ValueError(f"{path} cannot be read as part of an exported agent: {e}") from e
