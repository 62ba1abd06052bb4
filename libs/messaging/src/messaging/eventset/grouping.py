"""Which events belong to which owner."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from messaging.eventset.event import Event, F


def group_by_owner(
    events: Collection[Event[F]],
    owners: Collection[str],
    owner: str,
    follow: Collection[str],
    across: Collection[str],
) -> dict[str, list[Event[F]]]:
    """Return the events of each owner, as `search_by_owner` does, but faster.

    Nearly every link belongs to one owner, and most events name their owner: those need no search. Falls back
    to the full search as soon as a link belongs to two owners.
    """
    result: dict[str, list[Event[F]]] = {name: [] for name in owners}
    whose: dict[tuple[str, str], str] = {}
    waiting: list[Event[F]] = []
    for event in events:
        name = event.links.get(owner)
        if name not in result:
            waiting.append(event)
            continue
        result[name].append(event)
        for link in event.links.items():
            if link[0] in follow and whose.setdefault(link, name) != name:
                return search_by_owner(events, owners, owner, follow, across)
    if any(owner in event.links for event in waiting):
        return search_by_owner(events, owners, owner, follow, across)
    while waiting:
        left = []
        for event in waiting:
            links = [link for link in event.links.items() if link[0] in follow]
            names = {whose[link] for link in links if link in whose}
            if len(names) > 1:
                return search_by_owner(events, owners, owner, follow, across)
            if not names:
                left.append(event)
                continue
            (name,) = names
            result[name].append(event)
            whose.update(dict.fromkeys(links, name))
        if len(left) == len(waiting):
            break
        waiting = left
    return result


def search_by_owner(
    events: Iterable[Event[F]],
    owners: Collection[str],
    owner: str,
    follow: Collection[str],
    across: Collection[str],
) -> dict[str, list[Event[F]]]:
    """Return the events of each owner: those that name it, and those reached from them through links.

    `owner` is the link that names an owner, `follow` the links to follow. An event that names another owner
    counts only if it is reached through one of the links `across`.
    """
    by_link: dict[tuple[str, str], list[Event[F]]] = defaultdict(list)
    for event in events:
        for link in event.links.items():
            if link[0] == owner or link[0] in follow:
                by_link[link].append(event)
    result = {}
    for name in owners:
        reached, mine = {(owner, name)}, {}
        ahead = [(owner, name)]
        while ahead:
            link = ahead.pop()
            for event in by_link[link]:
                counts = event.links.get(owner) in (None, name) or link[0] in across
                if event.id in mine or not counts:
                    continue
                mine[event.id] = event
                onward = {step for step in event.links.items() if step[0] in follow} - reached
                reached |= onward
                ahead += onward
        result[name] = list(mine.values())
    return result
