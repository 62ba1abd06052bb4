"""A client for a running stack: catalog, purchase, access, mail, report. The demo and the tests use it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from devstack import loopback
from devstack.tokens import TokenIssuer

Json = dict[str, Any]
GOOD_CARD = "4242424242424242"


@dataclass(frozen=True)
class User:
    """A user with a token."""

    id: str
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The Authorization header, for any service."""
        return {"Authorization": f"Bearer {self.token}"}


class StackClient:
    """Calls the services of one stack. Every method raises httpx.HTTPError if the call fails."""

    def __init__(self, status: Mapping[str, Any], issuer: TokenIssuer, terms_version: str) -> None:
        self.status = status
        self.stripe = str(status["stripe_api_base"])
        self.inbox = str(status["inbox"])
        self._issuer = issuer
        self._terms = terms_version
        self.http = loopback.client(timeout=30.0)

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def url(self, service: str, path: str = "") -> str:
        """Return the address of a path of a service."""
        return f"{self.status['services'][service]['url']}{path}"

    def user(self, user_id: str | None = None, email: str | None = None, *roles: str) -> User:
        """Create a user with the given roles, under a new id if none is given."""
        identity = user_id or f"usr_{uuid.uuid4().hex[:12]}"
        address = email or f"{identity}@example.com"
        return User(identity, address, self._issuer.token(identity, address, roles))

    def put_course(self, course_id: str, body: Json) -> Json:
        """Create or replace a course in the catalog, as an administrator."""
        admin = self.user("usr_admin", "admin@example.com", "admin")
        return self._json("PUT", self.url("checkout", f"/v1/admin/courses/{course_id}"), admin, json=body)

    def checkout(self, user: User, course_id: str, **more: Any) -> Json:
        """Order a course: {order_id, session_id, url, expires_at}."""
        body = {"course_id": course_id, "terms_version": self._terms, **more}
        return self._json("POST", self.url("checkout", "/v1/checkout/sessions"), user, json=body)

    def pay(self, session_id: str, card: str = GOOD_CARD, **more: Any) -> Json:
        """Pay a session in the sandbox: {status, events, acknowledged, error, …}."""
        return self.control("POST", f"/checkout/sessions/{session_id}/pay", {"card": card, **more})

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call one of the sandbox's controls."""
        answer = self.http.request(method, f"{self.stripe}/_sandbox{path}", json=body or {}, timeout=90.0)
        return dict(_checked(answer).json())

    def deliveries(self, **query: Any) -> list[Json]:
        """Return the sandbox's webhook deliveries, newest first."""
        answer = self.http.get(f"{self.stripe}/_sandbox/deliveries", params=query)
        answer.raise_for_status()
        return list(answer.json()["data"])

    def order(self, user: User, order_id: str) -> Json:
        """Return one of the user's orders."""
        return self._json("GET", self.url("checkout", f"/v1/orders/{order_id}"), user)

    def access(self, user: User, course_id: str) -> Json:
        """Return whether the user has access to the course now."""
        query = {"user_id": user.id, "course_id": course_id}
        return self._json("GET", self.url("enrollment", "/v1/access"), user, params=query)

    def enrollments(self, user: User) -> list[Json]:
        """Return the user's courses (first page)."""
        answer = self._json("GET", self.url("enrollment", f"/v1/users/{user.id}/enrollments"), user)
        return list(answer["items"])

    def mails(self, to: str) -> list[Json]:
        """Return the mails to one address, newest first, without their bodies."""
        answer = self.http.get(f"{self.inbox}/api/messages", params={"to": to})
        answer.raise_for_status()
        return list(answer.json()["messages"])

    def mail(self, mail_id: int) -> Json:
        """Return one mail with its bodies and headers."""
        answer = self.http.get(f"{self.inbox}/api/messages/{mail_id}")
        answer.raise_for_status()
        return dict(answer.json())

    def sales(self, currency: str, granularity: str = "day", **query: Any) -> Json:
        """Return the sales report, as an analyst."""
        analyst = self.user("usr_analyst", "analyst@example.com", "analyst")
        parameters = {"currency": currency, "granularity": granularity, **query}
        return self._json("GET", self.url("reporting", "/v1/reports/sales"), analyst, params=parameters)

    def refund(self, order_id: str, amount: int | None = None, reason: str = "requested_by_customer") -> Json:
        """Refund an order, as an administrator. Without an amount, refund everything that is left."""
        admin = self.user("usr_admin", "admin@example.com", "admin")
        body = {"amount": amount, "reason": reason}
        return self._json("POST", self.url("checkout", f"/v1/orders/{order_id}/refunds"), admin, json=body)

    def _json(self, method: str, url: str, user: User, **request: Any) -> Json:
        answer = self.http.request(method, url, headers=user.headers, **request)
        return dict(_checked(answer).json())


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        # The body states the reason; httpx would show only the status.
        message = f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer
