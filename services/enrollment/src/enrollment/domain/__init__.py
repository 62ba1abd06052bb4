"""Who may learn what: pure rules over the set of events of one user.

No Kafka, no SQL, no HTTP and no Stripe library in here.

`decide` is the whole of it: events in, `Decision` out. The parts, from the facts to the answer:

    kinds          what an event is about
    book           the events of one user, sorted into the things they tell of
    payments       what has happened to one payment since: refunded, disputed, reported as fraud
    sessions       the Checkout Sessions of each order
    orders         grants of order lines
    subscriptions  grants of subscriptions
    administration grants by hand
    decision       access per course, duplicates, the next moment at which time alone changes something
    history        which event led to which decision
"""

from enrollment.domain.decision import Decision, decide
from enrollment.domain.types import ALL_COURSES, Access, Cause, Grant, Policy, State, Unfulfilled

__all__ = [
    "ALL_COURSES",
    "Access",
    "Cause",
    "Decision",
    "Grant",
    "Policy",
    "State",
    "Unfulfilled",
    "decide",
]
