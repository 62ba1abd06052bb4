"""Reads the webhook endpoints of the account at Stripe."""

from stripe import StripeClient

from checkout.domain.endpoints import Endpoint


async def read_endpoints(client: StripeClient) -> list[Endpoint]:
    """Return the endpoints of the key's mode, live or test. Raises stripe.StripeError."""
    page = await client.v1.webhook_endpoints.list_async({"limit": 100})
    found = [endpoint async for endpoint in page.auto_paging_iter()]
    # An endpoint without a version of its own gets events in the default version of the account.
    default = None
    if any(endpoint.api_version is None for endpoint in found):
        default = await _default_version(client)
    return [
        Endpoint(
            endpoint_id=endpoint.id,
            url=endpoint.url,
            enabled=endpoint.status == "enabled",
            version=endpoint.api_version or default,
            event_types=frozenset(endpoint.enabled_events),
        )
        for endpoint in found
    ]


async def _default_version(client: StripeClient) -> str | None:
    """The version in which Stripe rendered the newest event; None if it keeps no event."""
    newest = await client.v1.events.list_async({"limit": 1})
    return newest.data[0].api_version if newest.data else None
