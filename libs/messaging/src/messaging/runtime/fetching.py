"""Which assigned partitions the client may fetch: the only place that pauses and resumes while it works."""

from collections.abc import Collection, Iterable

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from messaging.runtime.partitions import Place

log = structlog.stdlib.get_logger(__name__)


class Fetching:
    """Brings the client in line with what should be paused *now*.

    The client keeps a partition paused until it is resumed by name, also while the partition belongs to
    another consumer. So no pause is remembered here as something to undo: what should be paused is computed
    at every turn, and a partition that was just assigned is told its state whatever it was before.
    """

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._told: dict[Place, bool | None] = {}

    def assigned(self, places: Iterable[Place]) -> None:
        """The partitions were assigned. Whether the client has paused them is not known."""
        self._told |= dict.fromkeys(places)

    def removed(self, places: Iterable[Place]) -> None:
        """The partitions were revoked or lost."""
        for place in places:
            self._told.pop(place, None)

    def forget(self, place: Place) -> None:
        """Tell the client again, in case it lost what it was told."""
        if place in self._told:
            self._told[place] = None

    def pause_all(self) -> None:
        """Let the client fetch nothing."""
        self._apply(self._told.keys())

    def pause_only(self, held: Collection[Place]) -> None:
        """Let the client fetch every assigned partition but those held."""
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
                # Told again at the next turn.
                log.warning("the client did not pause or resume partitions", error=str(error))
            else:
                self._told |= dict.fromkeys(places, wanted)
