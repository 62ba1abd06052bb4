CREATE TABLE public.access (
    user_id text NOT NULL,
    course_id text NOT NULL,
    access boolean NOT NULL,
    state text NOT NULL,
    kind text,
    source_id text,
    since timestamp with time zone,
    until timestamp with time zone,
    cause_event_id text,
    version bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.events (
    event_id text NOT NULL,
    type text NOT NULL,
    created bigint NOT NULL,
    rank smallint NOT NULL,
    object_id text,
    status text,
    previous_status text,
    user_id text,
    order_id text,
    session_id text,
    payment_intent_id text,
    charge_id text,
    invoice_id text,
    subscription_id text,
    customer_id text,
    facts jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.grants (
    user_id text NOT NULL,
    kind text NOT NULL,
    source_id text NOT NULL,
    line_id text NOT NULL,
    course_id text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone,
    until timestamp with time zone,
    payment_intent_id text,
    flagged boolean NOT NULL,
    duplicate_of text,
    changed_at timestamp with time zone NOT NULL,
    duplicate_version bigint,
    CONSTRAINT grants_kind_check CHECK ((kind = ANY (ARRAY['order'::text, 'subscription'::text, 'admin'::text])))
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    "time" timestamp with time zone NOT NULL,
    value bytea NOT NULL,
    traceparent text,
    headers jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.owners (
    owner_id text NOT NULL,
    next_change_at timestamp with time zone,
    needs_derivation boolean DEFAULT false NOT NULL,
    failure text,
    failed_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.rereads (
    object_id text NOT NULL,
    created bigint NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    failure text
);

CREATE TABLE public.unfulfilled (
    order_id text NOT NULL,
    user_id text NOT NULL,
    session_id text,
    payment_intent_id text,
    paid_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    read_at timestamp with time zone,
    reads integer DEFAULT 0 NOT NULL
);

INSERT INTO public.access VALUES
	('bundler', 'python', false, 'revoked', 'order', 'o_bundle', '2026-03-01 12:01:00+00', NULL, 'evt_bundler_0006', 1775822400000000, '2026-04-10 12:00:00+00'),
	('bundler', 'sql', false, 'revoked', 'order', 'o_bundle', '2026-03-01 12:01:00+00', NULL, 'evt_bundler_0006', 1775822400000000, '2026-04-10 12:00:00+00'),
	('buyer', 'python', true, 'active', 'order', 'o_buyer', '2026-03-01 12:01:00+00', NULL, 'evt_buyer_0005', 1775822400000000, '2026-04-10 12:00:00+00'),
	('buyer', 'sql', true, 'active', 'order', 'o_buyer', '2026-03-01 12:01:00+00', NULL, 'evt_buyer_0005', 1775822400000000, '2026-04-10 12:00:00+00'),
	('disputed', 'python', false, 'suspended', 'order', 'o_open', '2026-03-01 12:01:00+00', NULL, 'evt_disputed_0006', 1775822400000000, '2026-04-10 12:00:00+00'),
	('disputed', 'sql', false, 'revoked', 'order', 'o_lost', '2026-03-01 12:01:00+00', NULL, 'evt_disputed_0013', 1775822400000000, '2026-04-10 12:00:00+00'),
	('late', '*', true, 'in_grace', 'subscription', 'sub_s_late', '2026-03-01 12:01:00+00', '2026-04-11 12:00:00+00', 'evt_late_0007', 1775822400000000, '2026-04-10 12:00:00+00'),
	('leaver', '*', false, 'expired', 'subscription', 'sub_s_left', '2026-03-01 12:01:00+00', '2026-03-21 12:00:00+00', 'evt_leaver_0007', 1775822400000000, '2026-04-10 12:00:00+00'),
	('limited', 'python', false, 'expired', 'order', 'o_limited', '2026-03-01 12:01:00+00', '2026-03-31 12:01:00+00', 'evt_limited_0005', 1775822400000000, '2026-04-10 12:00:00+00'),
	('limited', 'sql', true, 'active', 'order', 'o_limited2', '2026-03-01 12:01:00+00', '2026-04-30 12:01:00+00', 'evt_limited_0010', 1775822400000000, '2026-04-10 12:00:00+00'),
	('refunded', 'python', true, 'active', 'order', 'o_refunded', '2026-03-01 12:01:00+00', NULL, 'evt_refunded_0008', 1775822400000000, '2026-04-10 12:00:00+00'),
	('refunded', 'sql', false, 'revoked', 'order', 'o_refunded', '2026-03-01 12:01:00+00', NULL, 'evt_refunded_0008', 1775822400000000, '2026-04-10 12:00:00+00'),
	('scholar', 'python', true, 'active', 'admin', 'd_1', '2026-03-02 12:00:00+00', NULL, 'our_scholar_0001', 1775822400000000, '2026-04-10 12:00:00+00'),
	('scholar', 'rust', false, 'revoked', 'admin', 'd_3', '2026-03-02 12:00:00+00', NULL, 'our_scholar_0004', 1775822400000000, '2026-04-10 12:00:00+00'),
	('scholar', 'sql', true, 'active', 'admin', 'd_2', '2026-03-02 12:00:00+00', '2026-04-30 12:00:00+00', 'our_scholar_0002', 1775822400000000, '2026-04-10 12:00:00+00'),
	('subscriber', '*', true, 'active', 'subscription', 'sub_s_1', '2026-03-01 12:01:00+00', '2026-05-07 12:00:00+00', 'evt_subscriber_0007', 1775822400000000, '2026-04-10 12:00:00+00'),
	('tied', 'python', true, 'active', 'order', 'o_tied', '2026-03-01 12:01:00+00', NULL, 'evt_tied_0007', 1775822400000000, '2026-04-10 12:00:00+00'),
	('trial', '*', true, 'active', 'subscription', 'sub_s_trial', '2026-03-01 12:01:00+00', '2026-04-20 12:00:00+00', 'evt_trial_0003', 1775822400000000, '2026-04-10 12:00:00+00'),
	('twice', 'python', true, 'active', 'order', 'o_first', '2026-03-01 12:01:00+00', NULL, 'evt_twice_0010', 1775822400000000, '2026-04-10 12:00:00+00'),
	('waiting', 'python', false, 'pending', 'order', 'o_waiting', NULL, NULL, 'evt_waiting_0002', 1775822400000000, '2026-04-10 12:00:00+00'),
	('warned', 'python', true, 'active', 'order', 'o_warned', '2026-03-01 12:01:00+00', NULL, 'evt_warned_0007', 1775822400000000, '2026-04-10 12:00:00+00');

INSERT INTO public.alembic_version VALUES
	('0002');

INSERT INTO public.events VALUES
	('evt_bundler_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_bundle', 'requires_payment_method', NULL, 'bundler', 'o_bundle', NULL, 'pi_o_bundle', NULL, NULL, NULL, NULL, '{"amount": 4000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_bundler_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_bundle', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_bundle', 'ch_pi_o_bundle', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_bundler_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_bundle', 'succeeded', NULL, 'bundler', 'o_bundle', NULL, 'pi_o_bundle', NULL, NULL, NULL, NULL, '{"amount": 4000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_bundler_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_bundle', 'complete', NULL, 'bundler', 'o_bundle', 'cs_o_bundle', 'pi_o_bundle', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 4000, "currency": "eur", "before_tax": 4000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_bundler_0006', 'refund.created', 1772452800000000, 12030, 're_o_bundle', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_bundle', 'ch_pi_o_bundle', NULL, NULL, NULL, '{"amount": 4000, "created": 1772452800, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_buyer_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_buyer', 'requires_payment_method', NULL, 'buyer', 'o_buyer', NULL, 'pi_o_buyer', NULL, NULL, NULL, NULL, '{"amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_buyer_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_buyer', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_buyer', 'ch_pi_o_buyer', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_buyer_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_buyer', 'succeeded', NULL, 'buyer', 'o_buyer', NULL, 'pi_o_buyer', NULL, NULL, NULL, NULL, '{"amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_buyer_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_buyer', 'complete', NULL, 'buyer', 'o_buyer', 'cs_o_buyer', 'pi_o_buyer', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 5000, "currency": "eur", "before_tax": 5000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_open', 'requires_payment_method', NULL, 'disputed', 'o_open', NULL, 'pi_o_open', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_open', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_open', 'ch_pi_o_open', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_open', 'succeeded', NULL, 'disputed', 'o_open', NULL, 'pi_o_open', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_open', 'complete', NULL, 'disputed', 'o_open', 'cs_o_open', 'pi_o_open', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0006', 'charge.dispute.created', 1772452800000000, 13040, 'dp_pi_o_open', 'needs_response', NULL, NULL, NULL, NULL, 'pi_o_open', 'ch_pi_o_open', NULL, NULL, NULL, '{"amount": 1000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0008', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_lost', 'requires_payment_method', NULL, 'disputed', 'o_lost', NULL, 'pi_o_lost', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0009', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_lost', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_lost', 'ch_pi_o_lost', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0010', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_lost', 'succeeded', NULL, 'disputed', 'o_lost', NULL, 'pi_o_lost', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0011', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_lost', 'complete', NULL, 'disputed', 'o_lost', 'cs_o_lost', 'pi_o_lost', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0012', 'charge.dispute.created', 1772452800000000, 13040, 'dp_pi_o_lost', 'needs_response', NULL, NULL, NULL, NULL, 'pi_o_lost', 'ch_pi_o_lost', NULL, NULL, NULL, '{"amount": 1000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_disputed_0013', 'charge.dispute.closed', 1772798400000000, 13102, 'dp_pi_o_lost', 'lost', NULL, NULL, NULL, NULL, 'pi_o_lost', 'ch_pi_o_lost', NULL, NULL, NULL, '{"amount": 1000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_expired_0002', 'checkout.session.expired', 1772452800000000, 6040, 'cs_o_expired', 'expired', NULL, 'expired', 'o_expired', 'cs_o_expired', 'pi_o_expired', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "unpaid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_s_late', 'complete', NULL, 'late', 's_late', 'cs_s_late', NULL, NULL, 'in_s_late_0', 'sub_s_late', NULL, '{"mode": "subscription", "amount": 2000, "currency": "eur", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0003', 'customer.subscription.created', 1772366460000000, 7012, 'sub_s_late', 'active', NULL, 'late', 's_late', NULL, NULL, NULL, NULL, 'sub_s_late', 'cus_late', '{"currency": "eur", "period_end": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0004', 'invoice.paid', 1772366461000000, 8046, 'in_s_late_0', 'paid', NULL, 'late', 's_late', NULL, NULL, NULL, 'in_s_late_0', 'sub_s_late', NULL, '{"amount": 2000, "reason": "subscription_create", "paid_until": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0005', 'invoice_payment.paid', 1772366475000000, 9050, 'inpay_s_late_0', 'paid', NULL, NULL, NULL, NULL, 'pi_in_s_late_0', NULL, 'in_s_late_0', NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0006', 'customer.subscription.updated', 1775304000000000, 7053, 'sub_s_late', 'past_due', 'active', 'late', 's_late', NULL, NULL, NULL, NULL, 'sub_s_late', 'cus_late', '{"currency": "eur", "period_end": 1777550400}', '2026-11-27 10:34:23.337409+00'),
	('evt_late_0007', 'invoice.payment_failed', 1775304000000000, 8024, 'in_s_late_1', 'open', NULL, 'late', 's_late', NULL, NULL, NULL, 'in_s_late_1', 'sub_s_late', NULL, '{"amount": 0, "reason": "subscription_cycle", "paid_until": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_s_left', 'complete', NULL, 'leaver', 's_left', 'cs_s_left', NULL, NULL, 'in_s_left_0', 'sub_s_left', NULL, '{"mode": "subscription", "amount": 2000, "currency": "eur", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0003', 'customer.subscription.created', 1772366460000000, 7012, 'sub_s_left', 'active', NULL, 'leaver', 's_left', NULL, NULL, NULL, NULL, 'sub_s_left', 'cus_leaver', '{"currency": "eur", "period_end": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0004', 'invoice.paid', 1772366461000000, 8046, 'in_s_left_0', 'paid', NULL, 'leaver', 's_left', NULL, NULL, NULL, 'in_s_left_0', 'sub_s_left', NULL, '{"amount": 2000, "reason": "subscription_create", "paid_until": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0005', 'invoice_payment.paid', 1772366475000000, 9050, 'inpay_s_left_0', 'paid', NULL, NULL, NULL, NULL, 'pi_in_s_left_0', NULL, 'in_s_left_0', NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0006', 'customer.subscription.deleted', 1774094400000000, 7087, 'sub_s_left', 'canceled', 'active', 'leaver', 's_left', NULL, NULL, NULL, NULL, 'sub_s_left', 'cus_leaver', '{"currency": "eur", "ended_at": 1774094400, "period_end": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_leaver_0007', 'customer.deleted', 1774180800000000, 1030, 'cus_leaver', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'cus_leaver', '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_limited', 'requires_payment_method', NULL, 'limited', 'o_limited', NULL, 'pi_o_limited', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_limited', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_limited', 'ch_pi_o_limited', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_limited', 'succeeded', NULL, 'limited', 'o_limited', NULL, 'pi_o_limited', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_limited', 'complete', NULL, 'limited', 'o_limited', 'cs_o_limited', 'pi_o_limited', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0007', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_limited2', 'requires_payment_method', NULL, 'limited', 'o_limited2', NULL, 'pi_o_limited2', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0008', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_limited2', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_limited2', 'ch_pi_o_limited2', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0009', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_limited2', 'succeeded', NULL, 'limited', 'o_limited2', NULL, 'pi_o_limited2', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_limited_0010', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_limited2', 'complete', NULL, 'limited', 'o_limited2', 'cs_o_limited2', 'pi_o_limited2', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_lost_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_lost_session', 'requires_payment_method', NULL, 'lost', 'o_lost_session', NULL, 'pi_o_lost_session', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_lost_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_lost_session', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_lost_session', 'ch_pi_o_lost_session', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_lost_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_lost_session', 'succeeded', NULL, 'lost', 'o_lost_session', NULL, 'pi_o_lost_session', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_mismatched_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_mismatch', 'complete', NULL, 'mismatched', 'o_mismatch', 'cs_o_mismatch', 'pi_o_mismatch', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3100, "currency": "eur", "before_tax": 3100, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_refunded', 'requires_payment_method', NULL, 'refunded', 'o_refunded', NULL, 'pi_o_refunded', NULL, NULL, NULL, NULL, '{"amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_refunded', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_refunded', 'ch_pi_o_refunded', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_refunded', 'succeeded', NULL, 'refunded', 'o_refunded', NULL, 'pi_o_refunded', NULL, NULL, NULL, NULL, '{"amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_refunded', 'complete', NULL, 'refunded', 'o_refunded', 'cs_o_refunded', 'pi_o_refunded', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 5000, "currency": "eur", "before_tax": 5000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0006', 'refund.created', 1772452800000000, 12030, 're_o_refunded', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_refunded', 'ch_pi_o_refunded', NULL, NULL, NULL, '{"lines": ["o_refunded_l2"], "amount": 2000, "created": 1772452800, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0007', 'refund.created', 1772539200000000, 12030, 're_2', 'succeeded', NULL, NULL, NULL, NULL, NULL, 'ch_pi_o_refunded', NULL, NULL, NULL, '{"amount": 3000, "created": 1772539200, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_refunded_0008', 'refund.failed', 1772625600000000, 12052, 're_2', 'failed', 'succeeded', NULL, NULL, NULL, 'pi_o_refunded', 'ch_pi_o_refunded', NULL, NULL, NULL, '{"amount": 3000, "created": 1772539200, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_s_1', 'complete', NULL, 'subscriber', 's_1', 'cs_s_1', NULL, NULL, 'in_s_1_0', 'sub_s_1', NULL, '{"mode": "subscription", "amount": 2000, "currency": "eur", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0003', 'customer.subscription.created', 1772366460000000, 7012, 'sub_s_1', 'active', NULL, 'subscriber', 's_1', NULL, NULL, NULL, NULL, 'sub_s_1', 'cus_subscriber', '{"currency": "eur", "period_end": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0004', 'invoice.paid', 1772366461000000, 8046, 'in_s_1_0', 'paid', NULL, 'subscriber', 's_1', NULL, NULL, NULL, 'in_s_1_0', 'sub_s_1', NULL, '{"amount": 2000, "reason": "subscription_create", "paid_until": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0005', 'invoice_payment.paid', 1772366475000000, 9050, 'inpay_s_1_0', 'paid', NULL, NULL, NULL, NULL, 'pi_in_s_1_0', NULL, 'in_s_1_0', NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0006', 'customer.subscription.updated', 1774958400000000, 7052, 'sub_s_1', 'active', NULL, 'subscriber', 's_1', NULL, NULL, NULL, NULL, 'sub_s_1', 'cus_subscriber', '{"currency": "eur", "period_end": 1777550400}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0007', 'invoice.paid', 1774962000000000, 8046, 'in_s_1_1', 'paid', NULL, 'subscriber', 's_1', NULL, NULL, NULL, 'in_s_1_1', 'sub_s_1', NULL, '{"amount": 2000, "reason": "subscription_cycle", "paid_until": 1777550400}', '2026-11-27 10:34:23.337409+00'),
	('evt_subscriber_0008', 'invoice_payment.paid', 1774962001000000, 9050, 'inpay_s_1_1', 'paid', NULL, NULL, NULL, NULL, 'pi_in_s_1_1', NULL, 'in_s_1_1', NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_tied', 'requires_payment_method', NULL, 'tied', 'o_tied', NULL, 'pi_o_tied', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_tied', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_tied', 'ch_pi_o_tied', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_tied', 'succeeded', NULL, 'tied', 'o_tied', NULL, 'pi_o_tied', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_tied', 'complete', NULL, 'tied', 'o_tied', 'cs_o_tied', 'pi_o_tied', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0006', 'refund.created', 1772452800000000, 12030, 're_o_tied', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_tied', 'ch_pi_o_tied', NULL, NULL, NULL, '{"amount": 3000, "created": 1772452800, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_tied_0007', 'refund.failed', 1772452800000000, 12052, 're_o_tied', 'failed', NULL, NULL, NULL, NULL, 'pi_o_tied', 'ch_pi_o_tied', NULL, NULL, NULL, '{"amount": 3000, "created": 1772452800, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_trial_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_s_trial', 'complete', NULL, 'trial', 's_trial', 'cs_s_trial', NULL, NULL, 'in_s_trial_0', 'sub_s_trial', NULL, '{"mode": "subscription", "amount": 2000, "currency": "eur", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_trial_0003', 'customer.subscription.created', 1772366460000000, 7011, 'sub_s_trial', 'trialing', NULL, 'trial', 's_trial', NULL, NULL, NULL, NULL, 'sub_s_trial', 'cus_trial', '{"ends_at": 1776686400, "currency": "eur", "trial_end": 1776254400, "period_end": 1774958400}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_first', 'requires_payment_method', NULL, 'twice', 'o_first', NULL, 'pi_o_first', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_first', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_first', 'ch_pi_o_first', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_first', 'succeeded', NULL, 'twice', 'o_first', NULL, 'pi_o_first', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_first', 'complete', NULL, 'twice', 'o_first', 'cs_o_first', 'pi_o_first', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0007', 'payment_intent.created', 1772452858000000, 4010, 'pi_o_second', 'requires_payment_method', NULL, 'twice', 'o_second', NULL, 'pi_o_second', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0008', 'charge.succeeded', 1772452859000000, 5030, 'ch_pi_o_second', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_second', 'ch_pi_o_second', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0009', 'payment_intent.succeeded', 1772452859000000, 4070, 'pi_o_second', 'succeeded', NULL, 'twice', 'o_second', NULL, 'pi_o_second', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_twice_0010', 'checkout.session.completed', 1772452860000000, 6010, 'cs_o_second', 'complete', NULL, 'twice', 'o_second', 'cs_o_second', 'pi_o_second', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_waiting_0002', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_waiting', 'complete', NULL, 'waiting', 'o_waiting', 'cs_o_waiting', 'pi_o_waiting', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "unpaid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0002', 'payment_intent.created', 1772366458000000, 4010, 'pi_o_warned', 'requires_payment_method', NULL, 'warned', 'o_warned', NULL, 'pi_o_warned', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0003', 'charge.succeeded', 1772366459000000, 5030, 'ch_pi_o_warned', 'succeeded', NULL, NULL, NULL, NULL, 'pi_o_warned', 'ch_pi_o_warned', NULL, NULL, NULL, '{}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0004', 'payment_intent.succeeded', 1772366459000000, 4070, 'pi_o_warned', 'succeeded', NULL, 'warned', 'o_warned', NULL, 'pi_o_warned', NULL, NULL, NULL, NULL, '{"amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0005', 'checkout.session.completed', 1772366460000000, 6010, 'cs_o_warned', 'complete', NULL, 'warned', 'o_warned', 'cs_o_warned', 'pi_o_warned', NULL, NULL, NULL, NULL, '{"mode": "payment", "amount": 3000, "currency": "eur", "before_tax": 3000, "payment_status": "paid"}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0006', 'radar.early_fraud_warning.created', 1772452800000000, 10010, 'issfr_o_warned', NULL, NULL, NULL, NULL, NULL, 'pi_o_warned', 'ch_pi_o_warned', NULL, NULL, NULL, '{"actionable": true}', '2026-11-27 10:34:23.337409+00'),
	('evt_warned_0007', 'radar.early_fraud_warning.updated', 1772539200000000, 10020, 'issfr_o_warned', NULL, NULL, NULL, NULL, NULL, 'pi_o_warned', 'ch_pi_o_warned', NULL, NULL, NULL, '{"actionable": false}', '2026-11-27 10:34:23.337409+00'),
	('our_bundler_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_bundle', NULL, NULL, 'bundler', 'o_bundle', 'cs_o_bundle', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "bundle", "amount": 3000, "line_id": "o_bundle_l1", "bundle_id": "bundle_1", "course_id": "python", "access_days": null}, {"kind": "bundle", "amount": 1000, "line_id": "o_bundle_l2", "bundle_id": "bundle_1", "course_id": "sql", "access_days": null}], "amount": 4000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_buyer_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_buyer', NULL, NULL, 'buyer', 'o_buyer', 'cs_o_buyer', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_buyer_l1", "bundle_id": null, "course_id": "python", "access_days": null}, {"kind": "course", "amount": 2000, "line_id": "o_buyer_l2", "bundle_id": null, "course_id": "sql", "access_days": null}], "amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_disputed_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_open', NULL, NULL, 'disputed', 'o_open', 'cs_o_open', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_open_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_disputed_0007', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_lost', NULL, NULL, 'disputed', 'o_lost', 'cs_o_lost', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_lost_l1", "bundle_id": null, "course_id": "sql", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_expired_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_expired', NULL, NULL, 'expired', 'o_expired', 'cs_o_expired', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_expired_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_expired_0003', 'masterji.order.expired.v1', 1772452801000000, 0, 'o_expired', NULL, NULL, 'expired', 'o_expired', 'cs_o_expired', NULL, NULL, NULL, NULL, NULL, '{"reason": "session_expired"}', '2026-11-27 10:34:23.337409+00'),
	('our_late_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 's_late', NULL, NULL, 'late', 's_late', 'cs_s_late', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "plan", "amount": 2000, "line_id": "s_late_l1", "bundle_id": null, "course_id": null, "access_days": null}], "amount": 2000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_leaver_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 's_left', NULL, NULL, 'leaver', 's_left', 'cs_s_left', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "plan", "amount": 2000, "line_id": "s_left_l1", "bundle_id": null, "course_id": null, "access_days": null}], "amount": 2000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_limited_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_limited', NULL, NULL, 'limited', 'o_limited', 'cs_o_limited', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_limited_l1", "bundle_id": null, "course_id": "python", "access_days": 30}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_limited_0006', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_limited2', NULL, NULL, 'limited', 'o_limited2', 'cs_o_limited2', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_limited2_l1", "bundle_id": null, "course_id": "sql", "access_days": 60}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_lost_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_lost_session', NULL, NULL, 'lost', 'o_lost_session', 'cs_o_lost_session', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_lost_session_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_mismatched_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_mismatch', NULL, NULL, 'mismatched', 'o_mismatch', 'cs_o_mismatch', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_mismatch_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_refunded_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_refunded', NULL, NULL, 'refunded', 'o_refunded', 'cs_o_refunded', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_refunded_l1", "bundle_id": null, "course_id": "python", "access_days": null}, {"kind": "course", "amount": 2000, "line_id": "o_refunded_l2", "bundle_id": null, "course_id": "sql", "access_days": null}], "amount": 5000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_scholar_0001', 'masterji.access.granted.v1', 1772452800000000, 0, 'd_1', NULL, NULL, 'scholar', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"by": "admin_1", "why": "scholarship", "course_id": "python"}', '2026-11-27 10:34:23.337409+00'),
	('our_scholar_0002', 'masterji.access.granted.v1', 1772452800000000, 0, 'd_2', NULL, NULL, 'scholar', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"by": "admin_1", "why": "scholarship", "until": 1777550400000000, "course_id": "sql"}', '2026-11-27 10:34:23.337409+00'),
	('our_scholar_0003', 'masterji.access.granted.v1', 1772452800000000, 0, 'd_3', NULL, NULL, 'scholar', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"by": "admin_1", "why": "scholarship", "course_id": "rust"}', '2026-11-27 10:34:23.337409+00'),
	('our_scholar_0004', 'masterji.access.revoked.v1', 1772539200000000, 0, 'd_4', NULL, NULL, 'scholar', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"by": "admin_1", "why": "a mistake", "course_id": "rust"}', '2026-11-27 10:34:23.337409+00'),
	('our_subscriber_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 's_1', NULL, NULL, 'subscriber', 's_1', 'cs_s_1', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "plan", "amount": 2000, "line_id": "s_1_l1", "bundle_id": null, "course_id": null, "access_days": null}], "amount": 2000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00');
INSERT INTO public.events VALUES
	('our_tied_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_tied', NULL, NULL, 'tied', 'o_tied', 'cs_o_tied', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_tied_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_trial_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 's_trial', NULL, NULL, 'trial', 's_trial', 'cs_s_trial', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "plan", "amount": 2000, "line_id": "s_trial_l1", "bundle_id": null, "course_id": null, "access_days": null}], "amount": 2000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_twice_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_first', NULL, NULL, 'twice', 'o_first', 'cs_o_first', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_first_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_twice_0006', 'masterji.order.placed.v1', 1772452800000000, 0, 'o_second', NULL, NULL, 'twice', 'o_second', 'cs_o_second', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_second_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_waiting_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_waiting', NULL, NULL, 'waiting', 'o_waiting', 'cs_o_waiting', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_waiting_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00'),
	('our_warned_0001', 'masterji.order.placed.v1', 1772366400000000, 0, 'o_warned', NULL, NULL, 'warned', 'o_warned', 'cs_o_warned', NULL, NULL, NULL, NULL, NULL, '{"lines": [{"kind": "course", "amount": 3000, "line_id": "o_warned_l1", "bundle_id": null, "course_id": "python", "access_days": null}], "amount": 3000, "currency": "eur"}', '2026-11-27 10:34:23.337409+00');

INSERT INTO public.grants VALUES
	('bundler', 'order', 'o_bundle', 'o_bundle_l1', 'python', 'revoked', 'refunded', '2026-03-01 12:01:00+00', NULL, 'pi_o_bundle', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('bundler', 'order', 'o_bundle', 'o_bundle_l2', 'sql', 'revoked', 'refunded', '2026-03-01 12:01:00+00', NULL, 'pi_o_bundle', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('buyer', 'order', 'o_buyer', 'o_buyer_l1', 'python', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_buyer', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('buyer', 'order', 'o_buyer', 'o_buyer_l2', 'sql', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_buyer', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('disputed', 'order', 'o_lost', 'o_lost_l1', 'sql', 'revoked', 'dispute_lost', '2026-03-01 12:01:00+00', NULL, 'pi_o_lost', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('disputed', 'order', 'o_open', 'o_open_l1', 'python', 'suspended', 'dispute', '2026-03-01 12:01:00+00', NULL, 'pi_o_open', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('late', 'subscription', 'sub_s_late', '', '*', 'in_grace', 'past_due', '2026-03-01 12:01:00+00', '2026-04-11 12:00:00+00', NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('leaver', 'subscription', 'sub_s_left', '', '*', 'expired', 'canceled', '2026-03-01 12:01:00+00', '2026-03-21 12:00:00+00', NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('limited', 'order', 'o_limited', 'o_limited_l1', 'python', 'expired', 'access_ended', '2026-03-01 12:01:00+00', '2026-03-31 12:01:00+00', 'pi_o_limited', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('limited', 'order', 'o_limited2', 'o_limited2_l1', 'sql', 'active', 'paid', '2026-03-01 12:01:00+00', '2026-04-30 12:01:00+00', 'pi_o_limited2', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('refunded', 'order', 'o_refunded', 'o_refunded_l1', 'python', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_refunded', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('refunded', 'order', 'o_refunded', 'o_refunded_l2', 'sql', 'revoked', 'refunded', '2026-03-01 12:01:00+00', NULL, 'pi_o_refunded', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('scholar', 'admin', 'd_1', '', 'python', 'active', 'granted', '2026-03-02 12:00:00+00', NULL, NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('scholar', 'admin', 'd_2', '', 'sql', 'active', 'granted', '2026-03-02 12:00:00+00', '2026-04-30 12:00:00+00', NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('scholar', 'admin', 'd_3', '', 'rust', 'revoked', 'administrator', '2026-03-02 12:00:00+00', NULL, NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('subscriber', 'subscription', 'sub_s_1', '', '*', 'active', 'paid', '2026-03-01 12:01:00+00', '2026-05-07 12:00:00+00', NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('tied', 'order', 'o_tied', 'o_tied_l1', 'python', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_tied', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('trial', 'subscription', 'sub_s_trial', '', '*', 'active', 'trialing', '2026-03-01 12:01:00+00', '2026-04-20 12:00:00+00', NULL, false, NULL, '2026-04-10 12:00:00+00', NULL),
	('twice', 'order', 'o_first', 'o_first_l1', 'python', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_first', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('waiting', 'order', 'o_waiting', 'o_waiting_l1', 'python', 'pending', 'unpaid', NULL, NULL, 'pi_o_waiting', false, NULL, '2026-04-10 12:00:00+00', NULL),
	('warned', 'order', 'o_warned', 'o_warned_l1', 'python', 'active', 'paid', '2026-03-01 12:01:00+00', NULL, 'pi_o_warned', true, NULL, '2026-04-10 12:00:00+00', NULL),
	('twice', 'order', 'o_second', 'o_second_l1', 'python', 'active', 'paid', '2026-03-02 12:01:00+00', NULL, 'pi_o_second', false, 'o_first', '2026-04-10 12:00:00+00', 1775822400000000);

INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES
	(1, 'enrollments', 'bundler', '89e747e6-ef1c-51bd-b6fe-c789bfeaa131', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a2262756e646c6572222c22636f757273655f6964223a22707974686f6e222c22616363657373223a66616c73652c227374617465223a227265766f6b6564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f62756e646c65227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f62756e646c65725f30303036222c2274797065223a22726566756e642e63726561746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-f3065ca8165c20c43b63618730f8aee9-684b41ef4e65c39a-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(2, 'enrollments', 'bundler', '68b7a4a1-ce8d-5273-a14e-edb19891f0c0', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a2262756e646c6572222c22636f757273655f6964223a2273716c222c22616363657373223a66616c73652c227374617465223a227265766f6b6564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f62756e646c65227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f62756e646c65725f30303036222c2274797065223a22726566756e642e63726561746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-5727df1eae4d54943660a3f1e092ae33-b3a729cbd15abeb5-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(3, 'enrollments', 'buyer', 'b7832854-125d-54aa-b04a-9e12652aaf9e', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226275796572222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6275796572227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f62757965725f30303035222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-e76644e5b5a6003d153324b51f19a99d-6b7aa83931e8e9b7-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(4, 'enrollments', 'buyer', '34cf7651-e91a-5083-a4fe-5f1247acb8c1', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226275796572222c22636f757273655f6964223a2273716c222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6275796572227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f62757965725f30303035222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-462568c2bf5dafa8745d2fa7b6ae57ff-7fbf258dd5f13611-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(5, 'enrollments', 'disputed', '7a685eba-6348-51d9-868c-0ffcff39b686', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226469737075746564222c22636f757273655f6964223a22707974686f6e222c22616363657373223a66616c73652c227374617465223a2273757370656e646564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6f70656e227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f64697370757465645f30303036222c2274797065223a226368617267652e646973707574652e63726561746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-61a1e81ca3c04d7831f270afc0a63382-cbc05e8adf8a71f4-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(6, 'enrollments', 'disputed', 'b67cec1c-2aa0-5333-9ad3-3e136a257758', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226469737075746564222c22636f757273655f6964223a2273716c222c22616363657373223a66616c73652c227374617465223a227265766f6b6564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6c6f7374227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f64697370757465645f30303133222c2274797065223a226368617267652e646973707574652e636c6f736564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-37fa14e0262f4633f81fe57ffbaff1af-9acd478e4f8e561f-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(7, 'enrollments', 'late', '8debe340-6109-50d9-9fbc-b26bc7bca616', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226c617465222c22636f757273655f6964223a222a222c22616363657373223a747275652c227374617465223a22696e5f6772616365222c22736f75726365223a7b226b696e64223a22737562736372697074696f6e222c226964223a227375625f735f6c617465227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30342d31315431323a30303a30305a222c226361757365223a7b226576656e745f6964223a226576745f6c6174655f30303037222c2274797065223a22696e766f6963652e7061796d656e745f6661696c6564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-afe79b6d5f2380ca9ebe574f3968bdc7-c011bda533bfb68c-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(8, 'enrollments', 'leaver', '241eefad-a0cc-5f10-b4be-619d7da59097', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226c6561766572222c22636f757273655f6964223a222a222c22616363657373223a66616c73652c227374617465223a2265787069726564222c22736f75726365223a7b226b696e64223a22737562736372697074696f6e222c226964223a227375625f735f6c656674227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30332d32315431323a30303a30305a222c226361757365223a7b226576656e745f6964223a226576745f6c65617665725f30303037222c2274797065223a22637573746f6d65722e64656c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-e6188178313f83b73944fd9881e350f6-2f86c402eec4ece1-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(9, 'enrollments', 'limited', '3c66275a-cf9e-5181-b266-c35f75562295', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226c696d69746564222c22636f757273655f6964223a22707974686f6e222c22616363657373223a66616c73652c227374617465223a2265787069726564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6c696d69746564227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30332d33315431323a30313a30305a222c226361757365223a7b226576656e745f6964223a226576745f6c696d697465645f30303035222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-7a4851a1a0bfce3e17579db484f974c1-63a04204b1b00040-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(10, 'enrollments', 'limited', '8ddd12d4-c5e0-5c2b-bd2c-ff7d17602aa2', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a226c696d69746564222c22636f757273655f6964223a2273716c222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6c696d6974656432227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30342d33305431323a30313a30305a222c226361757365223a7b226576656e745f6964223a226576745f6c696d697465645f30303130222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-d52a8473b285f47e1c0ff2091ca07541-c9ef331f1d0313a0-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(11, 'enrollments', 'refunded', '4b0a0011-bbdf-5252-8522-7bd9d8e5be9e', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a22726566756e646564222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f726566756e646564227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f726566756e6465645f30303038222c2274797065223a22726566756e642e6661696c6564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-e2e35325dbe1b48f02a636a4dbdad9c9-0c6deeb6ee9c0314-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(12, 'enrollments', 'refunded', '6868a57a-1585-50fd-910b-533c2b07c89c', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a22726566756e646564222c22636f757273655f6964223a2273716c222c22616363657373223a66616c73652c227374617465223a227265766f6b6564222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f726566756e646564227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f726566756e6465645f30303038222c2274797065223a22726566756e642e6661696c6564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-18fe6589c3f467b36458fa247f556571-5ee4fba88d2d544a-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(13, 'enrollments', 'scholar', '67734b2d-ca3e-5f2a-a9a9-68f20c2a6f2f', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227363686f6c6172222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a2261646d696e222c226964223a22645f31227d2c2273696e6365223a22323032362d30332d30325431323a30303a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226f75725f7363686f6c61725f30303031222c2274797065223a226d61737465726a692e6163636573732e6772616e7465642e7631227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-ddf4712ed0d9ce632c0e70606ebc3031-40488622cf37d3b5-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(14, 'enrollments', 'scholar', '2395deda-762a-5399-be9f-3e612ebcd508', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227363686f6c6172222c22636f757273655f6964223a2272757374222c22616363657373223a66616c73652c227374617465223a227265766f6b6564222c22736f75726365223a7b226b696e64223a2261646d696e222c226964223a22645f33227d2c2273696e6365223a22323032362d30332d30325431323a30303a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226f75725f7363686f6c61725f30303034222c2274797065223a226d61737465726a692e6163636573732e7265766f6b65642e7631227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-e960a1a84ea077dde2048066b7242a77-37f7e3138577927c-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(15, 'enrollments', 'scholar', '68887ea0-c379-5294-9ead-753bb679ea2c', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227363686f6c6172222c22636f757273655f6964223a2273716c222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a2261646d696e222c226964223a22645f32227d2c2273696e6365223a22323032362d30332d30325431323a30303a30305a222c22756e74696c223a22323032362d30342d33305431323a30303a30305a222c226361757365223a7b226576656e745f6964223a226f75725f7363686f6c61725f30303032222c2274797065223a226d61737465726a692e6163636573732e6772616e7465642e7631227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-04d273ae0b20b3cc5f332f8bda4ed58b-6ef753fcab9ba1bd-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(16, 'enrollments', 'subscriber', '29f87470-d0f9-51a3-b4e7-e2c9594fdbb3', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a2273756273637269626572222c22636f757273655f6964223a222a222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a22737562736372697074696f6e222c226964223a227375625f735f31227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30352d30375431323a30303a30305a222c226361757365223a7b226576656e745f6964223a226576745f737562736372696265725f30303037222c2274797065223a22696e766f6963652e70616964227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-016c3b2972f2fc6e09cbf7d83814c7ad-565a64985b579e5d-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(17, 'enrollments', 'tied', '26288d1f-3a4f-5fec-b9ea-7cede826f595', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a2274696564222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f74696564227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f746965645f30303037222c2274797065223a22726566756e642e6661696c6564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-9bbdb43990ffc8a75c900fb6c586cb55-e2f4e73c287417cc-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(18, 'enrollments', 'trial', '2479cfa9-2cd7-5079-8c18-a58b6aefaf31', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a22747269616c222c22636f757273655f6964223a222a222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a22737562736372697074696f6e222c226964223a227375625f735f747269616c227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a22323032362d30342d32305431323a30303a30305a222c226361757365223a7b226576656e745f6964223a226576745f747269616c5f30303033222c2274797065223a22637573746f6d65722e737562736372697074696f6e2e63726561746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-ba3aa342f2400dd53668cfb0edd791d6-0cdf04c524b5825b-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(19, 'enrollments', 'twice', '4c00779f-7b13-587c-b89e-0833272cf8ac', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227477696365222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f6669727374227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f74776963655f30303130222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-d9f20669d022da42eada0fc603c3bae8-6d74547f9530c6e8-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(20, 'enrollments', 'waiting', '271169e2-55a1-5620-bc7f-202a860a3e2b', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a2277616974696e67222c22636f757273655f6964223a22707974686f6e222c22616363657373223a66616c73652c227374617465223a2270656e64696e67222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f77616974696e67227d2c2273696e6365223a6e756c6c2c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f77616974696e675f30303032222c2274797065223a22636865636b6f75742e73657373696f6e2e636f6d706c65746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-fd2cb587380cf997ad1a0bbe3a622597-75545b39b3090aca-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(21, 'enrollments', 'warned', '62eb5bef-cbba-5edf-b397-f34232e2132d', 'masterji.enrollment.changed.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227761726e6564222c22636f757273655f6964223a22707974686f6e222c22616363657373223a747275652c227374617465223a22616374697665222c22736f75726365223a7b226b696e64223a226f72646572222c226964223a226f5f7761726e6564227d2c2273696e6365223a22323032362d30332d30315431323a30313a30305a222c22756e74696c223a6e756c6c2c226361757365223a7b226576656e745f6964223a226576745f7761726e65645f30303037222c2274797065223a2272616461722e6561726c795f66726175645f7761726e696e672e75706461746564227d2c2276657273696f6e223a313737353832323430303030303030307d', '00-6d83557e31a35062c5615c4f1fb485ef-2675b21f2046e132-01', '{}', '2026-11-27 10:34:23.37482+00'),
	(22, 'enrollments', 'twice', 'e81d895e-7d57-5959-8ad2-da5f4e40cf69', 'masterji.enrollment.duplicate_detected.v1', 'masterji/enrollment', '2026-04-10 12:00:00+00', '\x7b22757365725f6964223a227477696365222c22636f757273655f6964223a22707974686f6e222c226f726465725f6964223a226f5f7365636f6e64222c2266697273745f6f726465725f6964223a226f5f6669727374222c227061796d656e745f696e74656e745f6964223a2270695f6f5f7365636f6e64222c2264657465637465645f6174223a22323032362d30342d31305431323a30303a30305a222c2276657273696f6e223a313737353832323430303030303030307d', '00-0451dde7891c7737ae818e653ea02189-95e9d072358bea10-01', '{}', '2026-11-27 10:34:23.37482+00');

INSERT INTO public.owners VALUES
	('bundler', NULL, false, NULL, NULL, 0),
	('buyer', NULL, false, NULL, NULL, 0),
	('disputed', NULL, false, NULL, NULL, 0),
	('expired', NULL, false, NULL, NULL, 0),
	('leaver', NULL, false, NULL, NULL, 0),
	('lost', NULL, false, NULL, NULL, 0),
	('mismatched', NULL, false, NULL, NULL, 0),
	('refunded', NULL, false, NULL, NULL, 0),
	('tied', NULL, false, NULL, NULL, 0),
	('twice', NULL, false, NULL, NULL, 0),
	('waiting', NULL, false, NULL, NULL, 0),
	('warned', NULL, false, NULL, NULL, 0),
	('late', '2026-04-11 12:00:00+00', false, NULL, NULL, 0),
	('limited', '2026-04-30 12:01:00+00', false, NULL, NULL, 0),
	('scholar', '2026-04-30 12:00:00+00', false, NULL, NULL, 0),
	('subscriber', '2026-05-07 12:00:00+00', false, NULL, NULL, 0),
	('trial', '2026-04-20 12:00:00+00', false, NULL, NULL, 0);

INSERT INTO public.rereads VALUES
	('re_o_tied', 1772452800000000, '2026-04-10 12:00:00+00', NULL, NULL);

INSERT INTO public.unfulfilled VALUES
	('o_lost_session', 'lost', 'cs_o_lost_session', 'pi_o_lost_session', '2026-03-01 12:00:59+00', 'session_missing', NULL, 0),
	('o_mismatch', 'mismatched', 'cs_o_mismatch', 'pi_o_mismatch', '2026-03-01 12:01:00+00', 'amount_differs', NULL, 0);

SELECT pg_catalog.setval('public.outbox_id_seq', 22, true);

ALTER TABLE ONLY public.access
    ADD CONSTRAINT access_pkey PRIMARY KEY (user_id, course_id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (user_id, kind, source_id, line_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner_id);

ALTER TABLE ONLY public.rereads
    ADD CONSTRAINT rereads_pkey PRIMARY KEY (object_id);

ALTER TABLE ONLY public.unfulfilled
    ADD CONSTRAINT unfulfilled_pkey PRIMARY KEY (order_id);

CREATE INDEX events_charge_id ON public.events USING btree (charge_id) WHERE (charge_id IS NOT NULL);

CREATE INDEX events_charge_id_loose ON public.events USING btree (charge_id) WHERE ((charge_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_customer_id ON public.events USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX events_customer_id_loose ON public.events USING btree (customer_id) WHERE ((customer_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_invoice_id ON public.events USING btree (invoice_id) WHERE (invoice_id IS NOT NULL);

CREATE INDEX events_invoice_id_loose ON public.events USING btree (invoice_id) WHERE ((invoice_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_order_id ON public.events USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX events_order_id_loose ON public.events USING btree (order_id) WHERE ((order_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_payment_intent_id ON public.events USING btree (payment_intent_id) WHERE (payment_intent_id IS NOT NULL);

CREATE INDEX events_payment_intent_id_loose ON public.events USING btree (payment_intent_id) WHERE ((payment_intent_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_session_id ON public.events USING btree (session_id) WHERE (session_id IS NOT NULL);

CREATE INDEX events_session_id_loose ON public.events USING btree (session_id) WHERE ((session_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_subscription_id ON public.events USING btree (subscription_id) WHERE (subscription_id IS NOT NULL);

CREATE INDEX events_subscription_id_loose ON public.events USING btree (subscription_id) WHERE ((subscription_id IS NOT NULL) AND (user_id IS NULL));

CREATE INDEX events_user_id ON public.events USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX grants_source ON public.grants USING btree (source_id);

CREATE INDEX owners_due ON public.owners USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);

CREATE INDEX owners_failed ON public.owners USING btree (failed_at) WHERE needs_derivation;

CREATE INDEX rereads_waiting ON public.rereads USING btree (requested_at) WHERE (read_at IS NULL);

CREATE INDEX unfulfilled_paid ON public.unfulfilled USING btree (paid_at);

CREATE INDEX unfulfilled_user ON public.unfulfilled USING btree (user_id);
