"""Whether the webhook endpoints at Stripe send what the services need."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.stripe.needed import OLDEST_VERSION, is_before, needed_types

EVERY_TYPE = "*"
"""In the types of an endpoint: all that Stripe has."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook endpoint as Stripe has it. `version` is the API version of what it sends; None: unknown."""

    endpoint_id: str
    url: str
    enabled: bool
    version: str | None
    event_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class EndpointReview:
    """What is wrong with our endpoints: needed types that no enabled one sends; ids of endpoints."""

    missing: tuple[str, ...]
    too_old: tuple[str, ...]
    disabled: tuple[str, ...]


def review_endpoints(endpoints: Iterable[Endpoint], path: str) -> EndpointReview:
    """Return what is wrong with the endpoints whose address ends in this path. The others are not ours."""
    ours = [each for each in endpoints if each.url.partition("?")[0].rstrip("/").endswith(path)]
    enabled = [each for each in ours if each.enabled]
    versions = [each.version for each in enabled if each.version is not None]
    sent = frozenset[str]().union(*(each.event_types for each in enabled))
    missing = frozenset() if EVERY_TYPE in sent else needed_types(max(versions, default=None)) - sent
    return EndpointReview(
        missing=tuple(sorted(missing)),
        too_old=tuple(
            each.endpoint_id
            for each in enabled
            if each.version is not None and is_before(each.version, OLDEST_VERSION)
        ),
        disabled=tuple(each.endpoint_id for each in ours if not each.enabled),
    )
