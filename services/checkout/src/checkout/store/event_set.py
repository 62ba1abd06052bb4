"""The event set of checkout: Stripe's events about orders, and the links between them."""

from checkout.facts import LINKS, STORED
from messaging.eventset.event_set import EventSet

EVENTS = EventSet(LINKS, facts=STORED)
OWNER = "order_id"
# A session names order and payment, a charge its payment, a refund or dispute the charge and mostly the
# payment. The customer is not followed: that would load the events
# of all orders of the customer for each of them.
FOLLOW = ("payment_intent_id", "charge_id")
