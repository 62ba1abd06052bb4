"""The event set of checkout: orders placed, Stripe's events about them, and the links between them."""

from checkout.facts import LINKS, STORED
from messaging.eventset.event_set import EventSet

EVENTS = EventSet(LINKS, facts=STORED)
OWNER = "order_id"
# An order names its session, a session its payment and mostly the order, a charge its payment, a refund or
# dispute the charge and mostly the payment. The customer is not followed: that would load the events
# of all orders of the customer for each of them.
FOLLOW = ("session_id", "payment_intent_id", "charge_id")
