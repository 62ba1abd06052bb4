"""The tables of checkout: the only place where they are declared.

Amounts are in the minor unit of the row's currency. A test compares these tables with the migrations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.naming import conv

from checkout.store.event_set import EVENTS
from messaging.eventset import derivation
from messaging.outbox import rows as outbox_rows
from processkit.postgres.tables import TIME, checked, metadata, optional, required

METADATA = metadata()
REVISION = "0009"
"""The newest revision in migrations/versions, which creates these tables."""

events = EVENTS.declare(METADATA)
owners = derivation.declare(METADATA)
outbox = outbox_rows.declare(METADATA)


courses = Table(
    "courses",
    METADATA,
    Column("course_id", Text, primary_key=True),
    *required(Text, "title"),
    *optional(Text, "category"),
    Column("description", Text, nullable=False, server_default=text("''")),
    checked(Integer, "access_days", "> 0"),
    *required(Boolean, "active"),
    *required(BigInteger, "version"),
    *required(TIME, "created_at", "updated_at"),
)
Index("courses_on_sale", courses.c.title, courses.c.course_id, postgresql_where=courses.c.active)

course_prices = Table(
    "course_prices",
    METADATA,
    Column("course_id", Text, ForeignKey(courses.c.course_id, ondelete="cascade"), primary_key=True),
    checked(Text, "currency", "~ '^[a-z]{3}$'", primary_key=True),
    checked(BigInteger, "amount", "> 0", nullable=False),
)

orders = Table(
    "orders",
    METADATA,
    Column("order_id", Text, primary_key=True),
    *required(Text, "user_id", "email", "locale"),
    *optional(Text, "country"),
    *required(Text, "currency"),
    # Before tax.
    checked(BigInteger, "amount_total", ">= 0", nullable=False),
    *required(Text, "terms_version"),
    *required(TIME, "terms_accepted_at"),
    *optional(Text, "promo_code"),
    *required(Text, "success_url", "cancel_url"),
    *optional(Text, "customer_id"),
    # Part of the idempotency key: grows when Stripe has definitely refused a call.
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    *required(TIME, "session_expires_at"),
    Column("session_id", Text, unique=True),
    # Whether no session pays the order but this one: false for orders of earlier releases.
    Column("only_its_session", Boolean, nullable=False, server_default=true()),
    checked(
        Text,
        "state",
        "in ('open', 'processing', 'paid', 'partially_refunded', 'refunded', 'disputed', 'charged_back',"
        " 'failed', 'expired')",
        nullable=False,
        server_default=text("'open'"),
    ),
    *optional(TIME, "closed_at"),
    *optional(Text, "closed_reason", "mismatch", "dispute", "payment_intent_id", "charge_id", "receipt_url"),
    Column("amount_refunded", BigInteger, nullable=False, server_default=text("0")),
    *required(TIME, "created_at"),
    *optional(TIME, "paid_at", "failed_at", "expired_at", "refunded_at"),
    # The mismatch that an operator has reviewed; any other is listed again.
    *optional(Text, "reviewed_mismatch"),
    *optional(TIME, "reviewed_at"),
    *optional(Text, "reviewed_by", "review_note"),
    # Whether a bank returned a refund, also one that was made in Stripe's dashboard.
    Column("refund_failed", Boolean, nullable=False, server_default=false()),
    # The total of the session that pays the order, with tax; null until it is paid.
    checked(BigInteger, "amount_paid", ">= 0"),
    checked(
        BigInteger,
        "amount_tax",
        ">= 0",
        nullable=False,
        server_default=text("0"),
    ),
    # What disputes of the payment hold or have taken.
    checked(BigInteger, "amount_disputed", ">= 0", nullable=False, server_default=text("0")),
    # When Stripe is asked again what became of the payment; null: it has not been asked yet.
    *optional(TIME, "next_reread_at"),
    # When an operator reviewed that the order waits; it is listed again after a while.
    *optional(TIME, "wait_reviewed_at"),
)
Index("orders_of_user", orders.c.user_id, orders.c.created_at.desc(), orders.c.order_id.desc())
Index(
    "orders_without_session",
    orders.c.created_at,
    postgresql_where=text("state = 'open' and session_id is null"),
)
Index(
    "orders_waiting",
    orders.c.next_reread_at,
    postgresql_where=text("state in ('open', 'processing') or dispute is not null"),
)
Index("orders_mismatched", orders.c.created_at, postgresql_where=orders.c.mismatch.is_not(None))

# A bundle is one line for each of its courses, so that the unique index on courses guards these too.
order_lines = Table(
    "order_lines",
    METADATA,
    Column("line_id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey(orders.c.order_id), nullable=False),
    Column(
        "position",
        SmallInteger,
        CheckConstraint("position between 1 and 200", name=conv("order_lines_position")),
        nullable=False,
    ),
    *required(Text, "user_id"),
    checked(Text, "kind", "in ('course', 'bundle', 'plan')", nullable=False),
    *optional(Text, "course_id", "bundle_id", "plan_id", "category"),
    *required(Text, "title"),
    Column("description", Text, nullable=False, server_default=text("''")),
    checked(BigInteger, "list_amount", ">= 0", nullable=False),
    Column("discount_amount", BigInteger, nullable=False, server_default=text("0")),
    *optional(Integer, "access_days"),
    # Whether the buyer cannot order the same again. Follows from the order's state.
    Column("holds", Boolean, nullable=False, server_default=true()),
    *optional(Text, "bundle_title"),
    # The line's share of orders.amount_paid.
    checked(BigInteger, "paid_amount", ">= 0"),
    checked(
        BigInteger,
        "amount_refunded",
        ">= 0",
        nullable=False,
        server_default=text("0"),
    ),
    # When the line was refunded in full.
    *optional(TIME, "refunded_at"),
    UniqueConstraint("order_id", "position"),
    CheckConstraint("discount_amount between 0 and list_amount", name=conv("order_lines_check")),
    CheckConstraint(
        """
        case kind
            when 'course' then course_id is not null and bundle_id is null and plan_id is null
            when 'bundle' then course_id is not null and bundle_id is not null and plan_id is null
            else plan_id is not null and bundle_id is null
        end""",
        name=conv("order_lines_names"),
    ),
)
# One order in {open, processing, paid} for user and course, and for user and plan.
one_per_course = Index(
    "order_lines_one_holds",
    order_lines.c.user_id,
    order_lines.c.course_id,
    unique=True,
    postgresql_where=order_lines.c.holds & order_lines.c.course_id.is_not(None),
)
one_per_plan = Index(
    "order_lines_one_plan_holds",
    order_lines.c.user_id,
    order_lines.c.plan_id,
    unique=True,
    postgresql_where=order_lines.c.holds & order_lines.c.plan_id.is_not(None),
)

refunds = Table(
    "refunds",
    METADATA,
    Column("refund_id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey(orders.c.order_id), nullable=False),
    # The key of the request: an order has one refund per key. It is the stated reason, unless the caller
    # named the request by an Idempotency-Key.
    *required(Text, "reason"),
    checked(BigInteger, "amount", "> 0", nullable=False),
    *required(Text, "currency"),
    Column("status", Text, nullable=False, server_default=text("'requested'")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("stripe_refund_id", Text, unique=True),
    *required(Text, "requested_by"),
    *required(TIME, "requested_at"),
    # Checkout makes the refund automatically.
    Column("automatic", Boolean, nullable=False, server_default=false()),
    Column("line_ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # What the refund waits for, or Stripe's code.
    *optional(Text, "note"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    *optional(TIME, "next_try_at"),
    # When an operator reviewed the refund; null again when its status changes. The other two keep the last
    # reviewer and their note.
    *optional(TIME, "reviewed_at"),
    *optional(Text, "reviewed_by", "review_note"),
    # The reason, where `reason` is an Idempotency-Key.
    *optional(Text, "stated_reason"),
    UniqueConstraint("order_id", "reason"),
)
Index(
    "refunds_due",
    refunds.c.next_try_at,
    postgresql_where=refunds.c.automatic & refunds.c.next_try_at.is_not(None),
)
Index(
    "refunds_open",
    refunds.c.requested_at,
    postgresql_where=text("status not in ('succeeded', 'canceled', 'dropped')"),
)

customers = Table(
    "customers",
    METADATA,
    Column("user_id", Text, primary_key=True),
    *required(Text, "customer_id"),
)

enrollments = Table(
    "enrollments",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("course_id", Text, primary_key=True),
    *required(Boolean, "access"),
    *required(Text, "state"),
    *optional(TIME, "until"),
    *required(BigInteger, "version"),
)

duplicates = Table(
    "duplicates",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("course_id", Text, primary_key=True),
    *required(Text, "first_order_id", "user_id"),
    *required(BigInteger, "version"),
    *required(TIME, "detected_at"),
)
