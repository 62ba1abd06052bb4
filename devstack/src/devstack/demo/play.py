"""The steps of the demo: catalog, sign-in, checkout, payment, and the effects of the payment."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from devstack.client import Json, StackClient, User
from devstack.demo.catalog import COURSES
from devstack.demo.observe import Check, Purchase, TopicReader, checks, observe, orders_in
from devstack.errors import DevstackError

COURSE = "python-from-zero"
CURRENCY = "usd"
OBSERVE_SECONDS = 30.0
BY_HAND_SECONDS = 900.0


@dataclass
class Report:
    """Prints each step, and records whether all steps were observed."""

    say: Callable[[str], None]
    complete: bool = True

    def seen(self, milliseconds: float, name: str, what: str) -> None:
        """Print a step that was observed."""
        self.say(f"  ✓ {milliseconds:>7.0f} ms  {name:<20} {what}")

    def missed(self, name: str, why: str) -> None:
        """Print a step that was not observed."""
        self.complete = False
        self.say(f"  ✗            {name:<20} {why}")


class Demo:
    """One purchase on a running stack."""

    def __init__(
        self, client: StackClient, kafka: str, say: Callable[[str], None], stop: Callable[[], bool]
    ) -> None:
        self._client = client
        self._kafka = kafka
        self._report = Report(say)
        self._stop = stop

    def play(self) -> bool:
        """Play all steps. Returns whether every step was observed."""
        self._report.say("A purchase, from the catalog to the report:")
        self._timed("catalog filled", self._fill_catalog)
        user = self._client.user()
        self._timed("signed in", lambda: self._sign_in(user))
        before = orders_in(self._client.sales(CURRENCY))
        order = self._timed("checkout session", lambda: self._order(user))
        self._timed("payment page opens", lambda: self._open(order))
        reader = TopicReader(self._kafka, "stripe.checkout")
        try:
            self._pay_and_watch(user, order, before, reader)
        finally:
            reader.close()
        return self._report.complete

    def _timed(self, name: str, step: "Callable[[], tuple[str, Json]]") -> Json:
        started = time.monotonic()
        what, result = step()
        self._report.seen((time.monotonic() - started) * 1000, name, what)
        return result

    def _fill_catalog(self) -> tuple[str, Json]:
        for course_id, body in COURSES.items():
            self._client.put_course(course_id, body)
        return f"{len(COURSES)} courses with prices in 4 currencies", {}

    def _sign_in(self, user: User) -> tuple[str, Json]:
        answer = self._client.http.post(self._client.url("checkout", "/session"), headers=user.headers)
        if not answer.cookies:
            raise DevstackError(
                f"The storefront did not accept the token: {answer.status_code} {answer.text}"
            )
        self._client.http.cookies.clear()
        return f"{user.email} has a session cookie", {}

    def _order(self, user: User) -> tuple[str, Json]:
        order = self._client.checkout(user, COURSE, currency=CURRENCY)
        return f"{order['order_id']} for {COURSE}", order

    def _open(self, order: Json) -> tuple[str, Json]:
        self._client.http.get(order["url"]).raise_for_status()
        return str(order["url"]), {}

    def _pay_and_watch(self, user: User, order: Json, before: int, reader: TopicReader) -> None:
        paid = time.monotonic()
        events = self._pay(order)
        completed = next(
            (event["id"] for event in events if event["type"] == "checkout.session.completed"), ""
        )
        ids = [event["id"] for event in events]
        purchase = Purchase(user, COURSE, CURRENCY, order["order_id"], ids, before)
        expected = checks(self._client, purchase, reader.look_for(completed))
        seconds = OBSERVE_SECONDS
        if not events:  # Stripe itself: the user pays by hand, and Stripe's deliveries cannot be read
            expected, seconds = expected[2:], BY_HAND_SECONDS
        self._watch(expected, paid, seconds)

    def _pay(self, order: Json) -> list[Json]:
        if "/c/pay/" not in order["url"] or not order["url"].startswith(self._client.stripe or "-"):
            self._report.say(f"  Open this page and pay with the card 4242 4242 4242 4242: {order['url']}")
            return []
        started = time.monotonic()
        paid = self._client.pay(order["session_id"], "4242424242424242")
        if paid["status"] != "succeeded":
            raise DevstackError(f"The sandbox refused the payment: {paid['error']}")
        elapsed = (time.monotonic() - started) * 1000
        self._report.seen(elapsed, "paid", f"card 4242 …; the sandbox created {len(paid['events'])} events")
        return list(paid["events"])

    def _watch(self, expected: list[Check], since: float, seconds: float) -> None:
        self._report.say("  and after the payment:")
        with ThreadPoolExecutor(max_workers=len(expected)) as pool:
            pending = {pool.submit(self._timed_result, check, since, seconds): check for check in expected}
            for done in as_completed(pending):
                result, milliseconds = done.result()
                name = pending[done].name
                if result is None:
                    self._report.missed(name, f"not observed within {seconds:g} s")
                else:
                    self._report.seen(milliseconds, name, result)

    def _timed_result(self, check: Check, since: float, seconds: float) -> tuple[str | None, float]:
        result = observe(check, seconds, self._stop)
        return result, (time.monotonic() - since) * 1000
