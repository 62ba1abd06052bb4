"""What checkout remembers of Stripe's events, and how they belong together."""

from checkout.facts import LINKS, STORED
from messaging.eventset.event_set import EventSet

EVENTS = EventSet(LINKS, facts=STORED)
OWNER = "order_id"
# A session names order and payment, a charge its payment, a refund or dispute the charge and mostly the
# payment. The customer is not followed: all orders of one customer would become one.
FOLLOW = ("payment_intent_id", "charge_id")
