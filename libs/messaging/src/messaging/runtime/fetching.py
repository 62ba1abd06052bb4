"""Controls which assigned partitions the client may fetch. Nothing else pauses or resumes partitions."""

from collections.abc import Collection, Iterable

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from messaging.runtime.partitions import Place

log = structlog.stdlib.get_logger(__name__)


class Fetching:
    """Applies to the client which partitions should be paused *now*.

    The client keeps a partition paused until it is explicitly resumed, even while the partition belongs to
    another consumer. So this class does not remember pauses to undo later: the set of paused partitions is
    computed in every turn of the loop, and the state of a newly assigned partition is always applied.
    """

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._told: dict[Place, bool | None] = {}

    def assigned(self, places: Iterable[Place]) -> None:
        """Handle assigned partitions. It is unknown whether the client has them paused."""
        self._told |= dict.fromkeys(places)

    def removed(self, places: Iterable[Place]) -> None:
        """Handle revoked or lost partitions."""
        for place in places:
            self._told.pop(place, None)

    def forget(self, place: Place) -> None:
        """Apply the partition's state again at the next turn, in case the client lost it."""
        if place in self._told:
            self._told[place] = None

    def pause_all(self) -> None:
        """Pause every assigned partition."""
        self._apply(self._told.keys())

    def pause_only(self, held: Collection[Place]) -> None:
        """Pause the held partitions and resume all others."""
        self._apply(held)

    def _apply(self, paused: Collection[Place]) -> None:
        for change, wanted in ((self._consumer.pause, True), (self._consumer.resume, False)):
            places = [
                place
                for place, told in self._told.items()
                if told is not wanted and (place in paused) is wanted
            ]
            if not places:
                continue
            try:
                change([TopicPartition(*place) for place in places])
            except KafkaException as error:
                # Tried again at the next turn.
                log.warning("the client did not pause or resume partitions", error=str(error))
            else:
                self._told |= dict.fromkeys(places, wanted)
