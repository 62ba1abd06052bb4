"""The running stack as its users see it: catalog, purchase, access, mail, report. For demo and tests."""

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
    """Somebody with a token."""

    id: str
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Authorization for any service."""
        return {"Authorization": f"Bearer {self.token}"}


class StackClient:
    """HTTP to each service of one stack. Every method raises httpx.HTTPError for what is not a success."""

    def __init__(self, status: Mapping[str, Any], issuer: TokenIssuer, terms_version: str) -> None:
        self.status = status
        self.stripe = str(status["stripe_api_base"])
        self.inbox = str(status["inbox"])
        self._issuer = issuer
        self._terms = terms_version
        self.http = loopback.client(timeout=30.0)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def url(self, service: str, path: str = "") -> str:
        """An address of a service."""
        return f"{self.status['services'][service]['url']}{path}"

    def user(self, user_id: str | None = None, email: str | None = None, *roles: str) -> User:
        """Somebody with the given roles; a new person where no id is given."""
        identity = user_id or f"usr_{uuid.uuid4().hex[:12]}"
        address = email or f"{identity}@example.com"
        return User(identity, address, self._issuer.token(identity, address, roles))

    def put_course(self, course_id: str, body: Json) -> Json:
        """Put a course into the catalog, as an administrator."""
        admin = self.user("usr_admin", "admin@example.com", "admin")
        return self._json("PUT", self.url("checkout", f"/v1/admin/courses/{course_id}"), admin, json=body)

    def checkout(self, user: User, course_id: str, **more: Any) -> Json:
        """Order a course: {order_id, session_id, url, expires_at}."""
        body = {"course_id": course_id, "terms_version": self._terms, **more}
        return self._json("POST", self.url("checkout", "/v1/checkout/sessions"), user, json=body)

    def pay(self, session_id: str, card: str = GOOD_CARD, **more: Any) -> Json:
        """Pay on the sandbox: {status, events, acknowledged, error, …}."""
        return self.control("POST", f"/checkout/sessions/{session_id}/pay", {"card": card, **more})

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        """One of the sandbox's controls."""
        answer = self.http.request(method, f"{self.stripe}/_sandbox{path}", json=body or {}, timeout=90.0)
        return dict(_checked(answer).json())

    def deliveries(self, **query: Any) -> list[Json]:
        """The sandbox's webhook deliveries, newest first."""
        answer = self.http.get(f"{self.stripe}/_sandbox/deliveries", params=query)
        answer.raise_for_status()
        return list(answer.json()["data"])

    def order(self, user: User, order_id: str) -> Json:
        """One of the user's orders."""
        return self._json("GET", self.url("checkout", f"/v1/orders/{order_id}"), user)

    def access(self, user: User, course_id: str) -> Json:
        """Whether the user may learn the course now."""
        query = {"user_id": user.id, "course_id": course_id}
        return self._json("GET", self.url("enrollment", "/v1/access"), user, params=query)

    def enrollments(self, user: User) -> list[Json]:
        """The user's courses (first page)."""
        answer = self._json("GET", self.url("enrollment", f"/v1/users/{user.id}/enrollments"), user)
        return list(answer["items"])

    def mails(self, to: str) -> list[Json]:
        """Mails to one address, newest first, without their bodies."""
        answer = self.http.get(f"{self.inbox}/api/messages", params={"to": to})
        answer.raise_for_status()
        return list(answer.json()["messages"])

    def mail(self, mail_id: int) -> Json:
        """One mail with its bodies and headers."""
        answer = self.http.get(f"{self.inbox}/api/messages/{mail_id}")
        answer.raise_for_status()
        return dict(answer.json())

    def sales(self, currency: str, granularity: str = "day", **query: Any) -> Json:
        """The sales report, as an analyst."""
        analyst = self.user("usr_analyst", "analyst@example.com", "analyst")
        parameters = {"currency": currency, "granularity": granularity, **query}
        return self._json("GET", self.url("reporting", "/v1/reports/sales"), analyst, params=parameters)

    def refund(self, order_id: str, amount: int | None = None, reason: str = "requested_by_customer") -> Json:
        """Give money back, as an administrator; everything that is left without an amount."""
        admin = self.user("usr_admin", "admin@example.com", "admin")
        body = {"amount": amount, "reason": reason}
        return self._json("POST", self.url("checkout", f"/v1/orders/{order_id}/refunds"), admin, json=body)

    def _json(self, method: str, url: str, user: User, **request: Any) -> Json:
        answer = self.http.request(method, url, headers=user.headers, **request)
        return dict(_checked(answer).json())


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        # The service's own sentence says more than the status.
        sentence = f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
        raise httpx.HTTPStatusError(sentence, request=answer.request, response=answer)
    return answer
