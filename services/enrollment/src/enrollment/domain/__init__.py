"""Decides who has access to which course: pure rules over the set of events of one user.

It uses no Kafka, SQL, HTTP or Stripe library.

`decide` is the entry point: it takes events and returns a `Decision`. The modules, from facts to decision:

    kinds          the kind of object that an event is about
    facts          what the rules read of an event
    book           the events of one user, grouped by object
    payments       refunds, disputes and fraud warnings of each payment
    sessions       the Checkout Sessions of each order
    orders         grants of order lines
    subscriptions  grants of subscriptions
    administration grants by administrators
    decision       access per course, duplicates, and when the decision changes without an event
    gaps           paid orders without a grant, and events whose order is a guess
    enrollment     access as stored, at a later time
    announcing     what is announced of a change
    history        which event led to which decision
"""

from enrollment.domain.decision import Decision, decide
from enrollment.domain.types import ALL_COURSES, NO_ACCESS, Access, Cause, Grant, Policy, State, Unfulfilled

__all__ = [
    "ALL_COURSES",
    "NO_ACCESS",
    "Access",
    "Cause",
    "Decision",
    "Grant",
    "Policy",
    "State",
    "Unfulfilled",
    "decide",
]
