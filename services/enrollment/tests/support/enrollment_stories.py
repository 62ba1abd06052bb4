"""What enrollment makes of the messages that Stripe and checkout send about one user."""

from __future__ import annotations

import json
from collections.abc import Sequence

from enrollment_messages import DAY, at
from enrollment_plans import Plans
from msgspec.structs import replace

from enrollment.domain import Decision, Policy, decide
from enrollment.facts import event_of
from enrollment.store.tables import FACTS
from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts
from messaging.message import Message


class Story(Plans):
    """The messages about one user, and the access that follows from them."""

    @property
    def events(self) -> list[Event[Facts]]:
        """The events that enrollment stores for the messages."""
        return decode_all(self.messages)

    def decide(self, t: float = 10 * DAY, policy: Policy | None = None) -> Decision:
        """Return the decision of the rules at `t`."""
        return decide(self.user, chronological(self.events), at(t), policy or Policy())

    def states(self, t: float = 10 * DAY, policy: Policy | None = None) -> dict[str, str]:
        """Return the state of access by course at `t`."""
        return {access.course_id: access.state for access in self.decide(t, policy).access}

    def can_learn(self, course: str, t: float = 10 * DAY, policy: Policy | None = None) -> bool:
        """Return whether the user has access to the course at `t`."""
        return any(
            access.access for access in self.decide(t, policy).access if access.course_id in (course, "*")
        )


def decode_all(messages: Sequence[Message]) -> list[Event[Facts]]:
    """Return the events for the messages that enrollment does not ignore."""
    return [event for message in messages if (event := event_of(message)) is not None]


def stored_without(story: Story, *names: str) -> list[Event[Facts]]:
    """Return the story's events in chronological order, stored by a release that did not keep these facts."""

    def without(event: Event[Facts]) -> Event[Facts]:
        stored = json.loads(FACTS.encode(event.facts))
        kept = {name: value for name, value in stored.items() if name not in names}
        return replace(event, facts=FACTS.decode(event.type, json.dumps(kept)))

    return chronological(map(without, story.events))
