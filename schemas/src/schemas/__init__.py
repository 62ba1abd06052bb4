"""Contracts: typed events, topics and Stripe's objects.

- `schemas.topics`: the table of topics, and the routing of Stripe's event types;
- `schemas.events`: our own events;
- `schemas.stripe`: Stripe's events, read in part and alike for all API versions;
- `schemas.rules`: what sessions, refunds and disputes mean for an order;
- `schemas.money`: minor units, exponents, exact spreading;
- `schemas.times`: the time of an event, to and from `datetime`.
"""
