"""The contract files of this member: examples, generated documents, released snapshots."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas.contracts.asyncapi import document
from schemas.contracts.compatibility import breaks
from schemas.contracts.jsonschema import event_schema, stripe_schemas
from schemas.events import EVENTS
from schemas.stripe.needed import NEEDED_SINCE, NEEDED_TYPES, OLDEST_VERSION
from schemas.topics import DAY_MS, TOPICS, stripe_topic

ROOT = Path(__file__).resolve().parents[3]
"""schemas/ in the repository: the package is used from there, installed editable."""
EXAMPLES = ROOT / "examples"
GENERATED = ROOT / "generated"
RELEASED = ROOT / "released"


def render(value: Any) -> str:
    """Stable text, so that a diff shows the change and nothing else."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def generated() -> dict[str, str]:
    """Every generated file's name and text."""
    files = {f"{event_type}.schema.json": render(event_schema(event_type)) for event_type in EVENTS}
    files |= {f"stripe.{kind}.schema.json": render(schema) for kind, schema in stripe_schemas().items()}
    files["asyncapi.json"] = render(document(version("masterji-schemas")))
    files["topics.md"] = topics_table()
    files["stripe-event-types.md"] = event_types_list()
    return files


def event_types_list() -> str:
    """The event types that a webhook endpoint must send, for people."""
    lines = [
        "<!-- Generated from schemas/src/schemas/stripe/needed.py by `python -m schemas generate`. -->",
        "",
        "# Event types that a webhook endpoint must send",
        "",
        f"Use API version {OLDEST_VERSION} or newer.",
        *(f"`{name}` is needed from version {since} on." for name, since in NEEDED_SINCE.items()),
        "",
        "| types | consumers |",
        "|---|---|",
    ]
    for topic in dict.fromkeys(map(stripe_topic, NEEDED_TYPES)):
        types = [f"`{event_type}`" for event_type in NEEDED_TYPES if stripe_topic(event_type) == topic]
        lines.append(f"| {', '.join(types)} | {', '.join(TOPICS[topic].consumers)} |")
    return "\n".join(lines) + "\n"


def topics_table() -> str:
    """The table of topics, for people."""
    lines = [
        "<!-- Generated from schemas/src/schemas/topics.py by `python -m schemas generate`. -->",
        "",
        "# Topics",
        "",
        "| topic | key | kept | partitions | producers | consumers | what it carries |",
        "|---|---|---|---|---|---|---|",
    ]
    for topic in TOPICS.values():
        kept = "newest of each key" if topic.cleanup == "compact" else f"{topic.retention_ms // DAY_MS} days"
        cells = (
            f"`{topic.name}`",
            topic.key,
            kept,
            str(topic.partitions),
            ", ".join(topic.producers),
            ", ".join(topic.consumers) or "none yet",
            topic.description,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(folder: Path = GENERATED) -> list[str]:
    """Write the generated files, remove what is generated no longer, and name what changed."""
    files = generated()
    changed = drift(folder)
    folder.mkdir(exist_ok=True)
    for name in changed:
        if name in files:
            (folder / name).write_text(files[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def drift(folder: Path = GENERATED) -> list[str]:
    """The names of generated files that are missing, stale, or no longer generated."""
    files = generated()
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.*")}
    return sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))


def broken(released: Path = RELEASED) -> list[str]:
    """How the current contracts break the released ones, one sentence each."""
    found = []
    for path in sorted(released.glob("*.schema.json")):
        event_type = path.name.removesuffix(".schema.json")
        if event_type not in EVENTS:
            found.append(f"{event_type}: the type is gone; messages of it are still in the log")
            continue
        old = json.loads(path.read_text(encoding="utf-8"))
        found += [f"{event_type}: {sentence}" for sentence in breaks(old, event_schema(event_type))]
    return found


def release(folder: Path = RELEASED) -> list[str]:
    """Take the current contracts as the released ones and name what changed; refuses what breaks them."""
    problems = broken(folder)
    if problems:
        raise ValueError("; ".join(problems))
    folder.mkdir(exist_ok=True)
    changed = []
    for event_type in EVENTS:
        path, text = folder / f"{event_type}.schema.json", render(event_schema(event_type))
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path.name)
    return changed
