SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.course_prices (
    course_id text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT course_prices_amount_check CHECK ((amount > 0)),
    CONSTRAINT course_prices_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text))
);
CREATE TABLE public.courses (
    course_id text NOT NULL,
    title text NOT NULL,
    category text,
    description text DEFAULT ''::text NOT NULL,
    access_days integer,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT courses_access_days_check CHECK ((access_days > 0))
);
CREATE TABLE public.customers (
    user_id text NOT NULL,
    customer_id text NOT NULL
);
CREATE TABLE public.duplicates (
    order_id text NOT NULL,
    course_id text NOT NULL,
    first_order_id text NOT NULL,
    user_id text NOT NULL,
    version bigint NOT NULL,
    detected_at timestamp with time zone NOT NULL
);
CREATE TABLE public.enrollments (
    user_id text NOT NULL,
    course_id text NOT NULL,
    access boolean NOT NULL,
    state text NOT NULL,
    until timestamp with time zone,
    version bigint NOT NULL
);
CREATE TABLE public.events (
    event_id text NOT NULL,
    type text NOT NULL,
    created bigint NOT NULL,
    rank smallint NOT NULL,
    object_id text,
    status text,
    previous_status text,
    order_id text,
    payment_intent_id text,
    charge_id text,
    facts jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.order_lines (
    line_id text NOT NULL,
    order_id text NOT NULL,
    "position" smallint NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL,
    course_id text,
    bundle_id text,
    plan_id text,
    category text,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    list_amount bigint NOT NULL,
    discount_amount bigint DEFAULT 0 NOT NULL,
    access_days integer,
    holds boolean DEFAULT true NOT NULL,
    bundle_title text,
    paid_amount bigint,
    amount_refunded bigint DEFAULT 0 NOT NULL,
    refunded_at timestamp with time zone,
    CONSTRAINT order_lines_amount_refunded_check CHECK ((amount_refunded >= 0)),
    CONSTRAINT order_lines_check CHECK (((discount_amount >= 0) AND (discount_amount <= list_amount))),
    CONSTRAINT order_lines_kind_check CHECK ((kind = ANY (ARRAY['course'::text, 'bundle'::text, 'plan'::text]))),
    CONSTRAINT order_lines_list_amount_check CHECK ((list_amount >= 0)),
    CONSTRAINT order_lines_names CHECK (
CASE kind
    WHEN 'course'::text THEN ((course_id IS NOT NULL) AND (bundle_id IS NULL) AND (plan_id IS NULL))
    WHEN 'bundle'::text THEN ((course_id IS NOT NULL) AND (bundle_id IS NOT NULL) AND (plan_id IS NULL))
    ELSE ((plan_id IS NOT NULL) AND (bundle_id IS NULL))
END),
    CONSTRAINT order_lines_paid_amount_check CHECK ((paid_amount >= 0)),
    CONSTRAINT order_lines_position CHECK ((("position" >= 1) AND ("position" <= 200)))
);
CREATE TABLE public.orders (
    order_id text NOT NULL,
    user_id text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    country text,
    currency text NOT NULL,
    amount_total bigint NOT NULL,
    terms_version text NOT NULL,
    terms_accepted_at timestamp with time zone NOT NULL,
    promo_code text,
    success_url text NOT NULL,
    cancel_url text NOT NULL,
    customer_id text,
    attempt integer DEFAULT 1 NOT NULL,
    session_expires_at timestamp with time zone NOT NULL,
    session_id text,
    state text DEFAULT 'open'::text NOT NULL,
    closed_at timestamp with time zone,
    closed_reason text,
    mismatch text,
    dispute text,
    payment_intent_id text,
    charge_id text,
    receipt_url text,
    amount_refunded bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    failed_at timestamp with time zone,
    expired_at timestamp with time zone,
    refunded_at timestamp with time zone,
    reviewed_mismatch text,
    reviewed_at timestamp with time zone,
    reviewed_by text,
    review_note text,
    refund_failed boolean DEFAULT false NOT NULL,
    amount_paid bigint,
    amount_tax bigint DEFAULT 0 NOT NULL,
    CONSTRAINT orders_amount_paid_check CHECK ((amount_paid >= 0)),
    CONSTRAINT orders_amount_tax_check CHECK ((amount_tax >= 0)),
    CONSTRAINT orders_amount_total_check CHECK ((amount_total >= 0)),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['open'::text, 'processing'::text, 'paid'::text, 'partially_refunded'::text, 'refunded'::text, 'failed'::text, 'expired'::text])))
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
CREATE TABLE public.refunds (
    refund_id text NOT NULL,
    order_id text NOT NULL,
    reason text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    status text DEFAULT 'requested'::text NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    stripe_refund_id text,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    automatic boolean DEFAULT false NOT NULL,
    line_ids text[] DEFAULT '{}'::text[] NOT NULL,
    note text,
    tries integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    reviewed_by text,
    review_note text,
    CONSTRAINT refunds_amount_check CHECK ((amount > 0))
);
INSERT INTO public.alembic_version VALUES ('0004');
INSERT INTO public.course_prices VALUES ('ragas', 'eur', 4900);
INSERT INTO public.course_prices VALUES ('ragas', 'jpy', 5000);
INSERT INTO public.course_prices VALUES ('talas', 'eur', 3000);
INSERT INTO public.course_prices VALUES ('modes', 'eur', 2000);
INSERT INTO public.course_prices VALUES ('gone', 'eur', 4900);
INSERT INTO public.course_prices VALUES ('gone', 'jpy', 5000);
INSERT INTO public.courses VALUES ('ragas', 'Ragas for beginners', 'Music', '', NULL, true, 1, '2026-11-27 10:26:26.085444+00', '2026-11-27 10:26:26.085444+00');
INSERT INTO public.courses VALUES ('talas', 'Talas', 'Music', '', 30, true, 1, '2026-11-27 10:26:26.175017+00', '2026-11-27 10:26:26.175017+00');
INSERT INTO public.courses VALUES ('modes', 'Modes', 'Music', '', NULL, true, 1, '2026-11-27 10:26:26.227515+00', '2026-11-27 10:26:26.227515+00');
INSERT INTO public.courses VALUES ('gone', 'No longer sold', 'Music', '', NULL, false, 1, '2026-11-27 10:26:26.254958+00', '2026-11-27 10:26:26.254958+00');
INSERT INTO public.duplicates VALUES ('ord_c048cd44607d06e2232f9e6f', 'ragas', 'ord_fb95d5bdf359ae3f73326453', 'usr_jaya', 1, '2026-11-27 10:26:28.42504+00');
INSERT INTO public.enrollments VALUES ('usr_asha', 'ragas', true, 'active', NULL, 1);
INSERT INTO public.enrollments VALUES ('usr_nila', 'talas', true, 'active', NULL, 1);
INSERT INTO public.events VALUES ('evt_UTsiQlmB5UOsrCZyzCIitbAf', 'checkout.session.completed', 1795775186000000, 6010, 'cs_test_Nl60F3BfYP6Y1nkpZGS7YE1uGCcnGbMJeudat4VFHGZvf6JZQrAWSjDAqVPN', 'complete', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_xzcS5wx1Qf63rN4X0jJnkjVn", "payment_status": "paid"}', '2026-11-27 10:26:26.480476+00');
INSERT INTO public.events VALUES ('evt_iQeLQDJrNcVGjh8Et01iXYFL', 'charge.succeeded', 1795775186000000, 5030, 'ch_G8G60tukXA4MSRQCCLVODfro', 'succeeded', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_xzcS5wx1Qf63rN4X0jJnkjVn"}', '2026-11-27 10:26:26.480476+00');
INSERT INTO public.events VALUES ('evt_NVDAA2uWKVCxPw4u6FS3s8N9', 'refund.created', 1795775186000000, 12030, 're_dbECcb64D5s4oAkgM9DqsDZD', 'succeeded', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', '{"amount": 1000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.664055+00');
INSERT INTO public.events VALUES ('evt_gfWczXuSwD9ANPFqGitBQ0zL', 'charge.refund.updated', 1795775186000000, 12031, 're_dbECcb64D5s4oAkgM9DqsDZD', 'succeeded', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', '{"amount": 1000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.664055+00');
INSERT INTO public.events VALUES ('evt_ibZ1PNQB22a9mN2rwmviweLg', 'charge.refunded', 1795775186000000, 5060, 'ch_G8G60tukXA4MSRQCCLVODfro', 'succeeded', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_xzcS5wx1Qf63rN4X0jJnkjVn"}', '2026-11-27 10:26:26.664055+00');
INSERT INTO public.events VALUES ('evt_t8naBUMAMfE9d0HFZu5r23bX', 'refund.updated', 1795775186000000, 12031, 're_dbECcb64D5s4oAkgM9DqsDZD', 'succeeded', NULL, 'ord_36cefe14a4d5df7bf1500a73', 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', '{"amount": 1000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.664055+00');
INSERT INTO public.events VALUES ('evt_IeQT1li63ym3HkGUdGY8ChiF', 'charge.succeeded', 1795775186000000, 5030, 'ch_MxGghbVtcx58tGC8uoZfeAzK', 'succeeded', NULL, 'ord_b4d4ce35fa4b2649600c0762', 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_QZ7whX66bNDcQFMgcmO82cTl"}', '2026-11-27 10:26:26.798085+00');
INSERT INTO public.events VALUES ('evt_IsTTA1QHMlpKUfaed5fUUOpW', 'checkout.session.completed', 1795775186000000, 6010, 'cs_test_EaX1LI00vCk7DQbdfJ7KTmHJLTHcjBMzQrIZuADkWLuoI6R1skNbd4NoGqxR', 'complete', NULL, 'ord_b4d4ce35fa4b2649600c0762', 'pi_QZ7whX66bNDcQFMgcmO82cTl', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 3000, "amount_total": 3000, "payment_intent": "pi_QZ7whX66bNDcQFMgcmO82cTl", "payment_status": "paid"}', '2026-11-27 10:26:26.798085+00');
INSERT INTO public.events VALUES ('evt_0TxBBaKbBDN3aggz9xsnLYkj', 'refund.created', 1795775186000000, 12030, 're_SNpMHcQiQIeRgIh1kGdAhM3r', 'succeeded', NULL, NULL, 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.920614+00');
INSERT INTO public.events VALUES ('evt_XEe8KUzsLpDuXZEROwCseG22', 'charge.refund.updated', 1795775186000000, 12031, 're_SNpMHcQiQIeRgIh1kGdAhM3r', 'succeeded', NULL, NULL, 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.920614+00');
INSERT INTO public.events VALUES ('evt_cpqAtVSW0CtQBxfl2I1bEx1b', 'refund.updated', 1795775186000000, 12031, 're_SNpMHcQiQIeRgIh1kGdAhM3r', 'succeeded', NULL, NULL, 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775186, "currency": "eur"}', '2026-11-27 10:26:26.920614+00');
INSERT INTO public.events VALUES ('evt_ugCdvhFBOlb23KVo9yeahRnM', 'charge.refunded', 1795775186000000, 5060, 'ch_MxGghbVtcx58tGC8uoZfeAzK', 'succeeded', NULL, 'ord_b4d4ce35fa4b2649600c0762', 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_QZ7whX66bNDcQFMgcmO82cTl"}', '2026-11-27 10:26:26.920614+00');
INSERT INTO public.events VALUES ('evt_aJd80ntgnUYl20p0cPfhCnIy', 'checkout.session.expired', 1795775187000000, 6040, 'cs_test_zNA6u6kOHge5Sp15FlBTSv5eR4CCABAp2EU7lgSC5Tdu7kd8tLBBHWJpIWgR', 'expired', NULL, 'ord_b08c75df56c6932e604a42d8', NULL, NULL, '{"mode": "payment", "object": "checkout.session", "status": "expired", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_status": "unpaid"}', '2026-11-27 10:26:27.203355+00');
INSERT INTO public.events VALUES ('evt_98UJx8HW67GoNo5QXoxVZvoi', 'checkout.session.completed', 1795775187000000, 6010, 'cs_test_CaX5CekaUNx2468NGE0z0cO5ZTJuRogkPjb8nEICdaua9eXJRWwwouPBlcCR', 'complete', NULL, 'ord_4cfcf7d818655844fa7e571e', 'pi_EpkPI8Oq84jmT4OhC6aKpWNv', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_EpkPI8Oq84jmT4OhC6aKpWNv", "payment_status": "unpaid"}', '2026-11-27 10:26:27.456584+00');
INSERT INTO public.events VALUES ('evt_4w4ERKjVN5iQpJy2hkz3643a', 'checkout.session.completed', 1795775187000000, 6010, 'cs_test_spYRVQT94VnL4dlHQjv7gOEdGXyZocCLGLw9I1fMZMEvWsA87mNncIPMWKsh', 'complete', NULL, 'ord_22b9acca8270e7939d34dd59', 'pi_AgcO2BPVVa5veRJl9qfMcv2f', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_AgcO2BPVVa5veRJl9qfMcv2f", "payment_status": "unpaid"}', '2026-11-27 10:26:27.586002+00');
INSERT INTO public.events VALUES ('evt_4w4ERKjVN5iQpJy2hkz3643a_late', 'checkout.session.async_payment_failed', 1795775247000000, 6030, 'cs_test_spYRVQT94VnL4dlHQjv7gOEdGXyZocCLGLw9I1fMZMEvWsA87mNncIPMWKsh', 'complete', NULL, 'ord_22b9acca8270e7939d34dd59', 'pi_AgcO2BPVVa5veRJl9qfMcv2f', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_AgcO2BPVVa5veRJl9qfMcv2f", "payment_status": "unpaid"}', '2026-11-27 10:26:27.586002+00');
INSERT INTO public.events VALUES ('evt_JxyHgAB172umf0uOiwRJsNTd', 'checkout.session.completed', 1795775187000000, 6010, 'cs_test_EILOIk3T3It8Pyd0a0K80fOfqj36QyQGdhGGbCuTUvisJxRqZbOaCaEYwEqf', 'complete', NULL, 'ord_585390a195026f7053c9f848', 'pi_niWjFM7B918QDJA4qBXBGJce', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 49, "amount_total": 49, "payment_intent": "pi_niWjFM7B918QDJA4qBXBGJce", "payment_status": "paid"}', '2026-11-27 10:26:27.728129+00');
INSERT INTO public.events VALUES ('evt_y5pWA3xASmNmOUra4uirHMXi', 'charge.succeeded', 1795775187000000, 5030, 'ch_0kGle3EYc3kDFi1V0u8CfUB7', 'succeeded', NULL, 'ord_585390a195026f7053c9f848', 'pi_niWjFM7B918QDJA4qBXBGJce', 'ch_0kGle3EYc3kDFi1V0u8CfUB7', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_niWjFM7B918QDJA4qBXBGJce"}', '2026-11-27 10:26:27.728129+00');
INSERT INTO public.events VALUES ('evt_C1LhFHjp2h44cB0k5DHvhxVW', 'charge.succeeded', 1795775187000000, 5030, 'ch_Xhck2xEHiuppnLW6OT0BpnVT', 'succeeded', NULL, 'ord_402074193c44be0c432dc536', 'pi_x8qPTrJi70bTZ1LVlZIG9iUy', 'ch_Xhck2xEHiuppnLW6OT0BpnVT', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_x8qPTrJi70bTZ1LVlZIG9iUy"}', '2026-11-27 10:26:27.88367+00');
INSERT INTO public.events VALUES ('evt_gLNdKV9XBYkZwVKQSMYZNgmj', 'checkout.session.completed', 1795775187000000, 6010, 'cs_test_2kcNsRE2zUnASLNWNmQTjqjxCtOaofysrwyyurhPvNSiTLk7PEw6TRlrZyRd', 'complete', NULL, 'ord_402074193c44be0c432dc536', 'pi_x8qPTrJi70bTZ1LVlZIG9iUy', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 49, "amount_total": 49, "payment_intent": "pi_x8qPTrJi70bTZ1LVlZIG9iUy", "payment_status": "paid"}', '2026-11-27 10:26:27.88367+00');
INSERT INTO public.events VALUES ('evt_mDslLFeHCQxKlYKhqPlo6l0n', 'checkout.session.completed', 1795775187000000, 6010, 'cs_test_ixi4WHWG0fJ1rV5VAehV6FgyDu9HS9rsENK2HP0e5thyUrUNIGOj53M4Db6U', 'complete', NULL, 'ord_f2820f8cfc2b3a2d2fbf5210', 'pi_CxdOOo1zYdNP77kRaybZ2sTU', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 2000, "amount_total": 2000, "payment_intent": "pi_CxdOOo1zYdNP77kRaybZ2sTU", "payment_status": "paid"}', '2026-11-27 10:26:27.970895+00');
INSERT INTO public.events VALUES ('evt_xIBBtXMCUBdS5nRBAJhJNaze', 'charge.succeeded', 1795775187000000, 5030, 'ch_0zuZZIDrKk68BnKYU1gzTS1i', 'succeeded', NULL, 'ord_f2820f8cfc2b3a2d2fbf5210', 'pi_CxdOOo1zYdNP77kRaybZ2sTU', 'ch_0zuZZIDrKk68BnKYU1gzTS1i', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_CxdOOo1zYdNP77kRaybZ2sTU"}', '2026-11-27 10:26:27.970895+00');
INSERT INTO public.events VALUES ('evt_8QH7KpX7VRHBonlnv5vosmAl', 'charge.dispute.created', 1795775188000000, 13040, 'du_oYuv3SW5qKLZuednSaEG6vsW', 'needs_response', NULL, NULL, 'pi_CxdOOo1zYdNP77kRaybZ2sTU', 'ch_0zuZZIDrKk68BnKYU1gzTS1i', '{"amount": 2000, "object": "dispute", "status": "needs_response", "currency": "eur"}', '2026-11-27 10:26:28.040074+00');
INSERT INTO public.events VALUES ('evt_sbdzQaLFJ3mZMz2gsTL4y187', 'charge.dispute.funds_withdrawn', 1795775188000000, 13043, 'du_oYuv3SW5qKLZuednSaEG6vsW', 'needs_response', NULL, NULL, 'pi_CxdOOo1zYdNP77kRaybZ2sTU', 'ch_0zuZZIDrKk68BnKYU1gzTS1i', '{"amount": 2000, "object": "dispute", "status": "needs_response", "currency": "eur"}', '2026-11-27 10:26:28.040074+00');
INSERT INTO public.events VALUES ('evt_WUGGx10lBYqHgOQEL8aw1E8l', 'checkout.session.expired', 1795775188000000, 6040, 'cs_test_wiHaeNZAM3oeJ0MLU9eT76BjC82NZJQQm0Db69xjIDweZX4fMIkrC0YV0MhD', 'expired', NULL, 'ord_c048cd44607d06e2232f9e6f', NULL, NULL, '{"mode": "payment", "object": "checkout.session", "status": "expired", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_status": "unpaid"}', '2026-11-27 10:26:28.152749+00');
INSERT INTO public.events VALUES ('evt_81scdqSVnvEd7fEWSEIci9dz', 'charge.succeeded', 1795775188000000, 5030, 'ch_0gZ2NJlZQt3WgqBbgnwmCqyJ', 'succeeded', NULL, 'ord_fb95d5bdf359ae3f73326453', 'pi_MD4MDPCosLMkEhCMGPtN2goE', 'ch_0gZ2NJlZQt3WgqBbgnwmCqyJ', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_MD4MDPCosLMkEhCMGPtN2goE"}', '2026-11-27 10:26:28.356109+00');
INSERT INTO public.events VALUES ('evt_Q6RNsA2YFOH8MMwkhcdasrPy', 'checkout.session.completed', 1795775188000000, 6010, 'cs_test_jBvBHqjMniYbClyuFQLRRt1OmIIDLzvCzqGuE7aR5U5sQYADdt5QlorJOZFz', 'complete', NULL, 'ord_fb95d5bdf359ae3f73326453', 'pi_MD4MDPCosLMkEhCMGPtN2goE', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_MD4MDPCosLMkEhCMGPtN2goE", "payment_status": "paid"}', '2026-11-27 10:26:28.356109+00');
INSERT INTO public.events VALUES ('evt_YjofWtbbCTYlginQokhoGvCq', 'charge.succeeded', 1795775248000000, 5030, 'ch_stmGTAlG0XsEB1vcBFOfLpyC', 'succeeded', NULL, 'ord_c048cd44607d06e2232f9e6f', 'pi_xHtSsZRVBjqTWrpkZyXQu1Mz', 'ch_stmGTAlG0XsEB1vcBFOfLpyC', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_xHtSsZRVBjqTWrpkZyXQu1Mz"}', '2026-11-27 10:26:28.356109+00');
INSERT INTO public.events VALUES ('evt_m0V7wieC1UXSnDXqk8CKV21X', 'checkout.session.completed', 1795775248000000, 6010, 'cs_test_elDMDFYwdI0QY002IkNIh7jah0sBbakL6Fe14Grviy0ELCbCDXDAOsCaUIh5', 'complete', NULL, 'ord_c048cd44607d06e2232f9e6f', 'pi_xHtSsZRVBjqTWrpkZyXQu1Mz', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_xHtSsZRVBjqTWrpkZyXQu1Mz", "payment_status": "paid"}', '2026-11-27 10:26:28.356109+00');
INSERT INTO public.events VALUES ('evt_MO2AJ5M0yJmWCkC9yHVTJ8Ll', 'charge.succeeded', 1795775248000000, 5030, 'ch_3DuIm2I2TBIAoiVpttChra7M', 'succeeded', NULL, 'ord_845a9f56078e784c58fbc867', 'pi_NBvyWsIEv5SPWLhcL0Ll6sE2', 'ch_3DuIm2I2TBIAoiVpttChra7M', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_NBvyWsIEv5SPWLhcL0Ll6sE2"}', '2026-11-27 10:26:28.589018+00');
INSERT INTO public.events VALUES ('evt_peieJ7rQ7ySVoLoVfSygDC0m', 'checkout.session.completed', 1795775248000000, 6010, 'cs_test_GWCraxAnTt4FHA6susoJNt8PrrSMxTLydqNwp766thmKgWcBwhhHbTeJVeSv', 'complete', NULL, 'ord_845a9f56078e784c58fbc867', 'pi_NBvyWsIEv5SPWLhcL0Ll6sE2', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 4900, "amount_total": 4900, "payment_intent": "pi_NBvyWsIEv5SPWLhcL0Ll6sE2", "payment_status": "paid"}', '2026-11-27 10:26:28.589018+00');
INSERT INTO public.events VALUES ('evt_FnUh0fh5h61WdbwW7CLdzzNa', 'charge.succeeded', 1795775249000000, 5030, 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', 'succeeded', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_FCCRbS15KVVaa4vYCO5gGQSI"}', '2026-11-27 10:26:29.524574+00');
INSERT INTO public.events VALUES ('evt_KoYBWaODu94KsGC6CbDXvL5q', 'checkout.session.completed', 1795775249000000, 6010, 'cs_test_pNXRVnnbvxMzsqkjtDXgezzRBH69F5BqyEg11TG2YFzcfpCACCz6pGTDMjJ6', 'complete', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 3000, "amount_total": 3000, "payment_intent": "pi_FCCRbS15KVVaa4vYCO5gGQSI", "payment_status": "paid"}', '2026-11-27 10:26:29.524574+00');
INSERT INTO public.events VALUES ('evt_CfUDa3WdoH2WEvGbGBCdbMFJ', 'refund.updated', 1795775249000000, 12031, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'succeeded', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.649822+00');
INSERT INTO public.events VALUES ('evt_jrByfZjWeJ78iTqsM89q8U2l', 'refund.created', 1795775249000000, 12030, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'succeeded', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.649822+00');
INSERT INTO public.events VALUES ('evt_oZqcMgHiKHXYx2XZty13A3zw', 'charge.refund.updated', 1795775249000000, 12031, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'succeeded', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "succeeded", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.649822+00');
INSERT INTO public.events VALUES ('evt_wz9sAZkhfDn5G1HMyjfumaHI', 'charge.refunded', 1795775249000000, 5060, 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', 'succeeded', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_FCCRbS15KVVaa4vYCO5gGQSI"}', '2026-11-27 10:26:29.649822+00');
INSERT INTO public.events VALUES ('evt_BQIyIi6JoGjlFebMETcNzY6A', 'refund.updated', 1795775249000000, 12051, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'failed', 'succeeded', 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "failed", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.766855+00');
INSERT INTO public.events VALUES ('evt_BmQInGq69L6amdYxkPNdTHc8', 'refund.failed', 1795775249000000, 12052, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'failed', NULL, 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "failed", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.766855+00');
INSERT INTO public.events VALUES ('evt_SYKE5bIBx1zKDOMbe4i1KxUm', 'charge.refund.updated', 1795775249000000, 12051, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'failed', 'succeeded', 'ord_5c13a7f39bdc56fb3d103060', 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', '{"amount": 3000, "object": "refund", "status": "failed", "created": 1795775249, "currency": "eur"}', '2026-11-27 10:26:29.766855+00');
INSERT INTO public.events VALUES ('evt_6skJXgGC2qtQTdYAQn1VLesT', 'charge.succeeded', 1795775249000000, 5030, 'ch_bx9FTlamvtvgtstR0Dz2NgnI', 'succeeded', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_P1IEEZx1cC9EL3YRaTWLGqmt"}', '2026-11-27 10:26:30.003845+00');
INSERT INTO public.events VALUES ('evt_fXiPXSGkoZoYUxHYNjRO1GA4', 'checkout.session.completed', 1795775249000000, 6010, 'cs_test_ErAkneDeAhjuFcKzGKlFnU0rNMIMBK1TOc816L2Z8XULq5culw5MrfDLK90f', 'complete', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_tax": 0, "before_tax": 5000, "amount_total": 5000, "payment_intent": "pi_P1IEEZx1cC9EL3YRaTWLGqmt", "payment_status": "paid"}', '2026-11-27 10:26:30.003845+00');
INSERT INTO public.events VALUES ('evt_FzMFgCOyyAnHujBIj6Q2zPtA', 'refund.updated', 1795775250000000, 12031, 're_8vE9Ic92TpE7e1zS61wMxI7H', 'succeeded', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', '{"amount": 2000, "object": "refund", "status": "succeeded", "created": 1795775250, "currency": "eur"}', '2026-11-27 10:26:30.144928+00');
INSERT INTO public.events VALUES ('evt_M9xbbms8mYPftMSyXxjeSYGE', 'refund.created', 1795775250000000, 12030, 're_8vE9Ic92TpE7e1zS61wMxI7H', 'succeeded', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', '{"amount": 2000, "object": "refund", "status": "succeeded", "created": 1795775250, "currency": "eur"}', '2026-11-27 10:26:30.144928+00');
INSERT INTO public.events VALUES ('evt_PTOVzyGmQwd43TlwZ2EvA0b7', 'charge.refunded', 1795775250000000, 5060, 'ch_bx9FTlamvtvgtstR0Dz2NgnI', 'succeeded', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', '{"object": "charge", "receipt_url": "http://127.0.0.1:60189/receipts/pi_P1IEEZx1cC9EL3YRaTWLGqmt"}', '2026-11-27 10:26:30.144928+00');
INSERT INTO public.events VALUES ('evt_lIJeTQDJJygapN2FXt21EWkC', 'charge.refund.updated', 1795775250000000, 12031, 're_8vE9Ic92TpE7e1zS61wMxI7H', 'succeeded', NULL, 'ord_fed11a3d4525b485dc3b66ad', 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', '{"amount": 2000, "object": "refund", "status": "succeeded", "created": 1795775250, "currency": "eur"}', '2026-11-27 10:26:30.144928+00');
INSERT INTO public.order_lines VALUES ('ord_36cefe14a4d5df7bf1500a73_1', 'ord_36cefe14a4d5df7bf1500a73', 1, 'usr_asha', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, 4900, 1000, NULL);
INSERT INTO public.order_lines VALUES ('ord_b4d4ce35fa4b2649600c0762_1', 'ord_b4d4ce35fa4b2649600c0762', 1, 'usr_ben', 'course', 'talas', NULL, NULL, 'Music', 'Talas', '', 3000, 0, 30, false, NULL, 3000, 3000, '2026-11-27 10:26:26+00');
INSERT INTO public.order_lines VALUES ('ord_8cae577eff465a75bd44753d_1', 'ord_8cae577eff465a75bd44753d', 1, 'usr_chandra', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_b08c75df56c6932e604a42d8_1', 'ord_b08c75df56c6932e604a42d8', 1, 'usr_dev', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_4cfcf7d818655844fa7e571e_1', 'ord_4cfcf7d818655844fa7e571e', 1, 'usr_esha', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_22b9acca8270e7939d34dd59_1', 'ord_22b9acca8270e7939d34dd59', 1, 'usr_farid', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_585390a195026f7053c9f848_1', 'ord_585390a195026f7053c9f848', 1, 'usr_gita', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_402074193c44be0c432dc536_1', 'ord_402074193c44be0c432dc536', 1, 'usr_hari', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_f2820f8cfc2b3a2d2fbf5210_1', 'ord_f2820f8cfc2b3a2d2fbf5210', 1, 'usr_indu', 'course', 'modes', NULL, NULL, 'Music', 'Modes', '', 2000, 0, NULL, true, NULL, 2000, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_c048cd44607d06e2232f9e6f_1', 'ord_c048cd44607d06e2232f9e6f', 1, 'usr_jaya', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false, NULL, 4900, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_fb95d5bdf359ae3f73326453_1', 'ord_fb95d5bdf359ae3f73326453', 1, 'usr_jaya', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, 4900, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_845a9f56078e784c58fbc867_1', 'ord_845a9f56078e784c58fbc867', 1, 'usr_kiran', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, 4900, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_0368466063da5839c321ec64_1', 'ord_0368466063da5839c321ec64', 1, 'usr_leela', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true, NULL, NULL, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_5c13a7f39bdc56fb3d103060_1', 'ord_5c13a7f39bdc56fb3d103060', 1, 'usr_mira', 'course', 'talas', NULL, NULL, 'Music', 'Talas', '', 3000, 0, 30, true, NULL, 3000, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_fed11a3d4525b485dc3b66ad_1', 'ord_fed11a3d4525b485dc3b66ad', 1, 'usr_nila', 'course', 'talas', NULL, NULL, 'Music', 'Talas', '', 3000, 0, 30, true, NULL, 3000, 0, NULL);
INSERT INTO public.order_lines VALUES ('ord_fed11a3d4525b485dc3b66ad_2', 'ord_fed11a3d4525b485dc3b66ad', 2, 'usr_nila', 'course', 'modes', NULL, NULL, 'Music', 'Modes', '', 2000, 0, NULL, false, NULL, 2000, 2000, '2026-11-27 10:27:30+00');
INSERT INTO public.orders VALUES ('ord_36cefe14a4d5df7bf1500a73', 'usr_asha', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:26.298909+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_36cefe14a4d5df7bf1500a73', 'http://127.0.0.1:60409/checkout/cancel?order=ord_36cefe14a4d5df7bf1500a73', NULL, 1, '2026-11-28 09:26:26+00', 'cs_test_Nl60F3BfYP6Y1nkpZGS7YE1uGCcnGbMJeudat4VFHGZvf6JZQrAWSjDAqVPN', 'partially_refunded', NULL, NULL, NULL, NULL, 'pi_xzcS5wx1Qf63rN4X0jJnkjVn', 'ch_G8G60tukXA4MSRQCCLVODfro', 'http://127.0.0.1:60189/receipts/pi_xzcS5wx1Qf63rN4X0jJnkjVn', 1000, '2026-11-27 10:26:26.321821+00', '2026-11-27 10:26:26+00', NULL, NULL, '2026-11-27 10:26:26+00', NULL, NULL, NULL, NULL, false, 4900, 0);
INSERT INTO public.orders VALUES ('ord_b4d4ce35fa4b2649600c0762', 'usr_ben', 'asha@example.com', 'en', NULL, 'eur', 3000, '2026-01', '2026-11-27 10:26:26.725557+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_b4d4ce35fa4b2649600c0762', 'http://127.0.0.1:60409/checkout/cancel?order=ord_b4d4ce35fa4b2649600c0762', NULL, 1, '2026-11-28 09:26:26+00', 'cs_test_EaX1LI00vCk7DQbdfJ7KTmHJLTHcjBMzQrIZuADkWLuoI6R1skNbd4NoGqxR', 'refunded', NULL, NULL, NULL, NULL, 'pi_QZ7whX66bNDcQFMgcmO82cTl', 'ch_MxGghbVtcx58tGC8uoZfeAzK', 'http://127.0.0.1:60189/receipts/pi_QZ7whX66bNDcQFMgcmO82cTl', 3000, '2026-11-27 10:26:26.733047+00', '2026-11-27 10:26:26+00', NULL, NULL, '2026-11-27 10:26:26+00', NULL, NULL, NULL, NULL, false, 3000, 0);
INSERT INTO public.orders VALUES ('ord_8cae577eff465a75bd44753d', 'usr_chandra', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:26.978868+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_8cae577eff465a75bd44753d', 'http://127.0.0.1:60409/checkout/cancel?order=ord_8cae577eff465a75bd44753d', NULL, 1, '2026-11-28 09:26:26+00', 'cs_test_8xkw9PgQPxMR6hV565NFgdEHLrXC9zerMrB3UsVraqYgC0MT61M1cuxUmqaD', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:26.984802+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_b08c75df56c6932e604a42d8', 'usr_dev', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:27.069324+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_b08c75df56c6932e604a42d8', 'http://127.0.0.1:60409/checkout/cancel?order=ord_b08c75df56c6932e604a42d8', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_zNA6u6kOHge5Sp15FlBTSv5eR4CCABAp2EU7lgSC5Tdu7kd8tLBBHWJpIWgR', 'expired', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:27.082094+00', NULL, NULL, '2026-11-27 10:26:27+00', NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_4cfcf7d818655844fa7e571e', 'usr_esha', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:27.320277+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_4cfcf7d818655844fa7e571e', 'http://127.0.0.1:60409/checkout/cancel?order=ord_4cfcf7d818655844fa7e571e', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_CaX5CekaUNx2468NGE0z0cO5ZTJuRogkPjb8nEICdaua9eXJRWwwouPBlcCR', 'processing', NULL, NULL, NULL, NULL, 'pi_EpkPI8Oq84jmT4OhC6aKpWNv', NULL, NULL, 0, '2026-11-27 10:26:27.323499+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_22b9acca8270e7939d34dd59', 'usr_farid', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:27.509062+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_22b9acca8270e7939d34dd59', 'http://127.0.0.1:60409/checkout/cancel?order=ord_22b9acca8270e7939d34dd59', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_spYRVQT94VnL4dlHQjv7gOEdGXyZocCLGLw9I1fMZMEvWsA87mNncIPMWKsh', 'failed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:27.516856+00', NULL, '2026-11-27 10:27:27+00', NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_585390a195026f7053c9f848', 'usr_gita', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:27.636902+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_585390a195026f7053c9f848', 'http://127.0.0.1:60409/checkout/cancel?order=ord_585390a195026f7053c9f848', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_EILOIk3T3It8Pyd0a0K80fOfqj36QyQGdhGGbCuTUvisJxRqZbOaCaEYwEqf', 'processing', NULL, NULL, 'Session cs_test_EILOIk3T3It8Pyd0a0K80fOfqj36QyQGdhGGbCuTUvisJxRqZbOaCaEYwEqf settled 49 eur (mode payment); the order is over 4900 eur.', NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:27.65528+00', NULL, NULL, NULL, NULL, 'Session cs_test_EILOIk3T3It8Pyd0a0K80fOfqj36QyQGdhGGbCuTUvisJxRqZbOaCaEYwEqf settled 49 eur (mode payment); the order is over 4900 eur.', '2026-11-27 10:26:27.768747+00', 'usr_admin', 'granted by hand', false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_402074193c44be0c432dc536', 'usr_hari', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:27.786559+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_402074193c44be0c432dc536', 'http://127.0.0.1:60409/checkout/cancel?order=ord_402074193c44be0c432dc536', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_2kcNsRE2zUnASLNWNmQTjqjxCtOaofysrwyyurhPvNSiTLk7PEw6TRlrZyRd', 'processing', NULL, NULL, 'Session cs_test_2kcNsRE2zUnASLNWNmQTjqjxCtOaofysrwyyurhPvNSiTLk7PEw6TRlrZyRd settled 49 eur (mode payment); the order is over 4900 eur.', NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:27.791136+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_f2820f8cfc2b3a2d2fbf5210', 'usr_indu', 'asha@example.com', 'en', NULL, 'eur', 2000, '2026-01', '2026-11-27 10:26:27.910833+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_f2820f8cfc2b3a2d2fbf5210', 'http://127.0.0.1:60409/checkout/cancel?order=ord_f2820f8cfc2b3a2d2fbf5210', NULL, 1, '2026-11-28 09:26:27+00', 'cs_test_ixi4WHWG0fJ1rV5VAehV6FgyDu9HS9rsENK2HP0e5thyUrUNIGOj53M4Db6U', 'paid', NULL, NULL, NULL, 'needs_response', 'pi_CxdOOo1zYdNP77kRaybZ2sTU', 'ch_0zuZZIDrKk68BnKYU1gzTS1i', 'http://127.0.0.1:60189/receipts/pi_CxdOOo1zYdNP77kRaybZ2sTU', 0, '2026-11-27 10:26:27.917658+00', '2026-11-27 10:26:27+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 2000, 0);
INSERT INTO public.orders VALUES ('ord_c048cd44607d06e2232f9e6f', 'usr_jaya', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:28.081379+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_c048cd44607d06e2232f9e6f', 'http://127.0.0.1:60409/checkout/cancel?order=ord_c048cd44607d06e2232f9e6f', NULL, 1, '2026-11-28 09:26:28+00', 'cs_test_wiHaeNZAM3oeJ0MLU9eT76BjC82NZJQQm0Db69xjIDweZX4fMIkrC0YV0MhD', 'paid', NULL, NULL, NULL, NULL, 'pi_xHtSsZRVBjqTWrpkZyXQu1Mz', 'ch_stmGTAlG0XsEB1vcBFOfLpyC', 'http://127.0.0.1:60189/receipts/pi_xHtSsZRVBjqTWrpkZyXQu1Mz', 0, '2026-11-27 10:26:28.084994+00', '2026-11-27 10:27:28+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 4900, 0);
INSERT INTO public.orders VALUES ('ord_fb95d5bdf359ae3f73326453', 'usr_jaya', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:28.186062+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_fb95d5bdf359ae3f73326453', 'http://127.0.0.1:60409/checkout/cancel?order=ord_fb95d5bdf359ae3f73326453', NULL, 1, '2026-11-28 09:26:28+00', 'cs_test_jBvBHqjMniYbClyuFQLRRt1OmIIDLzvCzqGuE7aR5U5sQYADdt5QlorJOZFz', 'paid', NULL, NULL, NULL, NULL, 'pi_MD4MDPCosLMkEhCMGPtN2goE', 'ch_0gZ2NJlZQt3WgqBbgnwmCqyJ', 'http://127.0.0.1:60189/receipts/pi_MD4MDPCosLMkEhCMGPtN2goE', 0, '2026-11-27 10:26:28.195675+00', '2026-11-27 10:26:28+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 4900, 0);
INSERT INTO public.orders VALUES ('ord_845a9f56078e784c58fbc867', 'usr_kiran', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:28.488829+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_845a9f56078e784c58fbc867', 'http://127.0.0.1:60409/checkout/cancel?order=ord_845a9f56078e784c58fbc867', NULL, 1, '2026-11-28 09:26:28+00', 'cs_test_GWCraxAnTt4FHA6susoJNt8PrrSMxTLydqNwp766thmKgWcBwhhHbTeJVeSv', 'paid', NULL, NULL, NULL, NULL, 'pi_NBvyWsIEv5SPWLhcL0Ll6sE2', 'ch_3DuIm2I2TBIAoiVpttChra7M', 'http://127.0.0.1:60189/receipts/pi_NBvyWsIEv5SPWLhcL0Ll6sE2', 0, '2026-11-27 10:26:28.501026+00', '2026-11-27 10:27:28+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 4900, 0);
INSERT INTO public.orders VALUES ('ord_0368466063da5839c321ec64', 'usr_leela', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:26:28.78379+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_0368466063da5839c321ec64', 'http://127.0.0.1:60409/checkout/cancel?order=ord_0368466063da5839c321ec64', NULL, 1, '2026-11-28 09:26:28.78379+00', NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:26:28.796829+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 0);
INSERT INTO public.orders VALUES ('ord_5c13a7f39bdc56fb3d103060', 'usr_mira', 'asha@example.com', 'en', NULL, 'eur', 3000, '2026-01', '2026-11-27 10:26:29.376893+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_5c13a7f39bdc56fb3d103060', 'http://127.0.0.1:60409/checkout/cancel?order=ord_5c13a7f39bdc56fb3d103060', NULL, 1, '2026-11-28 09:26:29+00', 'cs_test_pNXRVnnbvxMzsqkjtDXgezzRBH69F5BqyEg11TG2YFzcfpCACCz6pGTDMjJ6', 'paid', NULL, NULL, NULL, NULL, 'pi_FCCRbS15KVVaa4vYCO5gGQSI', 'ch_6PSPgOkzAEJ7mrHCy0pBqAn2', 'http://127.0.0.1:60189/receipts/pi_FCCRbS15KVVaa4vYCO5gGQSI', 0, '2026-11-27 10:26:29.39404+00', '2026-11-27 10:27:29+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, 3000, 0);
INSERT INTO public.orders VALUES ('ord_fed11a3d4525b485dc3b66ad', 'usr_nila', 'asha@example.com', 'en', NULL, 'eur', 5000, '2026-01', '2026-11-27 10:26:29.861389+00', NULL, 'http://127.0.0.1:60409/checkout/success?order=ord_fed11a3d4525b485dc3b66ad', 'http://127.0.0.1:60409/checkout/cancel?order=ord_fed11a3d4525b485dc3b66ad', NULL, 1, '2026-11-28 09:26:29+00', 'cs_test_ErAkneDeAhjuFcKzGKlFnU0rNMIMBK1TOc816L2Z8XULq5culw5MrfDLK90f', 'partially_refunded', NULL, NULL, NULL, NULL, 'pi_P1IEEZx1cC9EL3YRaTWLGqmt', 'ch_bx9FTlamvtvgtstR0Dz2NgnI', 'http://127.0.0.1:60189/receipts/pi_P1IEEZx1cC9EL3YRaTWLGqmt', 2000, '2026-11-27 10:26:29.876683+00', '2026-11-27 10:27:29+00', NULL, NULL, '2026-11-27 10:27:30+00', NULL, NULL, NULL, NULL, false, 5000, 0);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (2, 'catalog', 'talas', 'course.talas.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:26:26.175017+00', '\x7b22636f757273655f6964223a2274616c6173222c227469746c65223a2254616c6173222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a333030307d5d2c226163636573735f64617973223a33302c22616374697665223a747275652c2276657273696f6e223a317d', '00-8a289cc1f3de3eb537e3a041b9ebdf7d-7a2316fc39b27cc1-01', '{}', '2026-11-27 10:26:26.184693+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (3, 'catalog', 'modes', 'course.modes.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:26:26.227515+00', '\x7b22636f757273655f6964223a226d6f646573222c227469746c65223a224d6f646573222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a323030307d5d2c226163636573735f64617973223a6e756c6c2c22616374697665223a747275652c2276657273696f6e223a317d', '00-6ea96d75c6f0d110e1fdbd89629d9623-aa34d5d5c748d94d-01', '{}', '2026-11-27 10:26:26.22861+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (4, 'catalog', 'gone', 'course.gone.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:26:26.254958+00', '\x7b22636f757273655f6964223a22676f6e65222c227469746c65223a224e6f206c6f6e67657220736f6c64222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a343930307d2c7b2263757272656e6379223a226a7079222c22616d6f756e74223a353030307d5d2c226163636573735f64617973223a6e756c6c2c22616374697665223a66616c73652c2276657273696f6e223a317d', '00-7718eaac4c0dc999630fe83e110f2f71-26f59e116da5d407-01', '{}', '2026-11-27 10:26:26.255621+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (5, 'orders', 'ord_36cefe14a4d5df7bf1500a73', 'ord_36cefe14a4d5df7bf1500a73.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:26.406064+00', '\x7b226f726465725f6964223a226f72645f333663656665313461346435646637626631353030613733222c22757365725f6964223a227573725f61736861222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32362e3239383930395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4e6c36304633426659503659316e6b705a475337594531754743636e47624d4a657564617434564648475a7666364a5a51724157536a44417156504e222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3336636566653134613464356466376266313530306137335f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-341f8d2a6ee6ac5f335486e573ed6c32-02a8a4d0f3e497e9-01', '{}', '2026-11-27 10:26:26.402501+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (6, 'orders', 'ord_b4d4ce35fa4b2649600c0762', 'ord_b4d4ce35fa4b2649600c0762.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:26.770068+00', '\x7b226f726465725f6964223a226f72645f623464346365333566613462323634393630306330373632222c22757365725f6964223a227573725f62656e222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32362e3732353535375a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f456158314c49303076436b3744516264664a374b546d484a4c5448636a424d7a5172495a7541446b574c756f49365231736b4e6264344e6f47717852222c22616d6f756e745f746f74616c223a333030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6234643463653335666134623236343936303063303736325f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a2274616c6173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a2254616c6173222c226c6973745f616d6f756e74223a333030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a33307d5d7d', '00-8e62e40ffa24dc72d4e656699178629a-4d914454bfc6c879-01', '{}', '2026-11-27 10:26:26.769175+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (7, 'orders', 'ord_8cae577eff465a75bd44753d', 'ord_8cae577eff465a75bd44753d.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.043153+00', '\x7b226f726465725f6964223a226f72645f386361653537376566663436356137356264343437353364222c22757365725f6964223a227573725f6368616e647261222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32362e3937383836385a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f38786b773950675150784d523668563536354e46676445484c725843397a65724d724233557356726171596743304d5436314d31637578556d716144222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3863616535373765666634363561373562643434373533645f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-0e65548746e9a42f25e65cfe850b4946-90492c5008868f15-01', '{}', '2026-11-27 10:26:27.038094+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (8, 'orders', 'ord_b08c75df56c6932e604a42d8', 'ord_b08c75df56c6932e604a42d8.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.122431+00', '\x7b226f726465725f6964223a226f72645f623038633735646635366336393332653630346134326438222c22757365725f6964223a227573725f646576222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3036393332345a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f7a4e413675366b4f4867653553703135466c4254537635655234434341424170324555376c67534335546475376b6438744c424248574a7049576752222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6230386337356466353663363933326536303461343264385f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-7a7be7b8a38742fd1cb4666527249534-df2a45c9283d2315-01', '{}', '2026-11-27 10:26:27.120714+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (9, 'orders', 'ord_b08c75df56c6932e604a42d8', 'ord_b08c75df56c6932e604a42d8.expired', 'masterji.order.expired.v1', 'masterji/checkout', '2026-11-27 10:26:27+00', '\x7b226f726465725f6964223a226f72645f623038633735646635366336393332653630346134326438222c22757365725f6964223a227573725f646576222c2273657373696f6e5f6964223a2263735f746573745f7a4e413675366b4f4867653553703135466c4254537635655234434341424170324555376c67534335546475376b6438744c424248574a7049576752222c22726561736f6e223a2273657373696f6e5f65787069726564222c22657870697265645f6174223a22323032362d31312d32375431303a32363a32375a227d', '00-75270178ba98f36b2c54fe70e743f876-d5de56d736580266-01', '{}', '2026-11-27 10:26:27.209299+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (10, 'orders', 'ord_4cfcf7d818655844fa7e571e', 'ord_4cfcf7d818655844fa7e571e.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.38544+00', '\x7b226f726465725f6964223a226f72645f346366636637643831383635353834346661376535373165222c22757365725f6964223a227573725f65736861222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3332303237375a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4361583543656b61554e78323436384e4745307a30634f355a544a75526f676b506a62386e454943646175613965584a525777776f7550426c634352222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3463666366376438313836353538343466613765353731655f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-3dffdbb4e2390337201abb4ad018c4f4-2982de542ab357d0-01', '{}', '2026-11-27 10:26:27.383569+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (11, 'orders', 'ord_22b9acca8270e7939d34dd59', 'ord_22b9acca8270e7939d34dd59.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.543194+00', '\x7b226f726465725f6964223a226f72645f323262396163636138323730653739333964333464643539222c22757365725f6964223a227573725f6661726964222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3530393036325a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f737059525651543934566e4c34646c48516a7637674f45644758795a6f63434c474c77394931664d5a4d457657734138376d4e6e6349504d574b7368222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3232623961636361383237306537393339643334646435395f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-e628d96bb87a9c85d5fac3dfa5f892cb-6808e823c38c419a-01', '{}', '2026-11-27 10:26:27.5424+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (12, 'orders', 'ord_585390a195026f7053c9f848', 'ord_585390a195026f7053c9f848.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.686208+00', '\x7b226f726465725f6964223a226f72645f353835333930613139353032366637303533633966383438222c22757365725f6964223a227573725f67697461222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3633363930325a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f45494c4f496b3354334974385079643061304b3830664f66716a3336517951476468474762437554557669734a7852715a624f614361455977457166222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3538353339306131393530323666373035336339663834385f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-309faa44e35465655f8f9d2727fd3b8b-ccc17cc72c39a3a4-01', '{}', '2026-11-27 10:26:27.684268+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (13, 'orders', 'ord_402074193c44be0c432dc536', 'ord_402074193c44be0c432dc536.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.816507+00', '\x7b226f726465725f6964223a226f72645f343032303734313933633434626530633433326463353336222c22757365725f6964223a227573725f68617269222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3738363535395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f326b634e735245327a556e41534c4e574e6d51546a716a7843744f616f6679737277797975726850764e5369544c6b375045773654526c725a795264222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3430323037343139336334346265306334333264633533365f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-d2a071819f4701e64f2cd260ece164f5-93ae2372d64d18dd-01', '{}', '2026-11-27 10:26:27.810141+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (19, 'orders', 'ord_5c13a7f39bdc56fb3d103060', 'ord_5c13a7f39bdc56fb3d103060.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:29.45149+00', '\x7b226f726465725f6964223a226f72645f356331336137663339626463353666623364313033303630222c22757365725f6964223a227573725f6d697261222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32392e3337363839335a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f704e5852566e6e6276784d7a73716b6a74445867657a7a524248363946354271794567313154473259467a636670434143437a36704754444d6a4a36222c22616d6f756e745f746f74616c223a333030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3563313361376633396264633536666233643130333036305f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a2274616c6173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a2254616c6173222c226c6973745f616d6f756e74223a333030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a33307d5d7d', '00-ff5bf67021938059813fc86b7f14bf93-9742ea8b197b6dbb-01', '{}', '2026-11-27 10:26:29.448006+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (14, 'orders', 'ord_f2820f8cfc2b3a2d2fbf5210', 'ord_f2820f8cfc2b3a2d2fbf5210.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:27.942331+00', '\x7b226f726465725f6964223a226f72645f663238323066386366633262336132643266626635323130222c22757365725f6964223a227573725f696e6475222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32372e3931303833335a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f697869345748574730664a317256355641656856364667794475394853397273454e4b3248503065357468795572554e49474f6a35334d3444623655222c22616d6f756e745f746f74616c223a323030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6632383230663863666332623361326432666266353231305f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a226d6f646573222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a224d6f646573222c226c6973745f616d6f756e74223a323030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-d2146e8f8a97317494a83f122afbcaf2-be9103f0cc5fe3cd-01', '{}', '2026-11-27 10:26:27.941607+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (15, 'orders', 'ord_c048cd44607d06e2232f9e6f', 'ord_c048cd44607d06e2232f9e6f.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:28.12821+00', '\x7b226f726465725f6964223a226f72645f633034386364343436303764303665323233326639653666222c22757365725f6964223a227573725f6a617961222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32382e3038313337395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f77694861654e5a414d336f654a304d4c553965543736426a4338324e5a4a51516d3044623639786a494477655a5834664d496b7243305956304d6844222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6330343863643434363037643036653232333266396536665f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-66e159a4bc13e14c25e0838051f1e887-0a0e792c0b6a4dc0-01', '{}', '2026-11-27 10:26:28.126927+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (16, 'orders', 'ord_c048cd44607d06e2232f9e6f', 'ord_c048cd44607d06e2232f9e6f.expired', 'masterji.order.expired.v1', 'masterji/checkout', '2026-11-27 10:26:28+00', '\x7b226f726465725f6964223a226f72645f633034386364343436303764303665323233326639653666222c22757365725f6964223a227573725f6a617961222c2273657373696f6e5f6964223a2263735f746573745f77694861654e5a414d336f654a304d4c553965543736426a4338324e5a4a51516d3044623639786a494477655a5834664d496b7243305956304d6844222c22726561736f6e223a2273657373696f6e5f65787069726564222c22657870697265645f6174223a22323032362d31312d32375431303a32363a32385a227d', '00-62766cc2c0d29c7b528a22f2b3a89fd7-516ed9f68f036378-01', '{}', '2026-11-27 10:26:28.157271+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (20, 'orders', 'ord_fed11a3d4525b485dc3b66ad', 'ord_fed11a3d4525b485dc3b66ad.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:29.921211+00', '\x7b226f726465725f6964223a226f72645f666564313161336434353235623438356463336236366164222c22757365725f6964223a227573725f6e696c61222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32392e3836313338395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4572416b6e65446541686a7546634b7a474b6c466e5530724e4d494d424b31544f633831364c325a3858554c713563756c77354d7266444c4b393066222c22616d6f756e745f746f74616c223a353030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6665643131613364343532356234383564633362363661645f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a2274616c6173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a2254616c6173222c226c6973745f616d6f756e74223a333030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a33307d2c7b226c696e655f6964223a226f72645f6665643131613364343532356234383564633362363661645f32222c226b696e64223a22636f75727365222c22636f757273655f6964223a226d6f646573222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a224d6f646573222c226c6973745f616d6f756e74223a323030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-95de80e20e5e9444ac658ff330007581-dd2e7ce9b5c27c8f-01', '{}', '2026-11-27 10:26:29.919004+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (17, 'orders', 'ord_fb95d5bdf359ae3f73326453', 'ord_fb95d5bdf359ae3f73326453.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:28.22193+00', '\x7b226f726465725f6964223a226f72645f666239356435626466333539616533663733333236343533222c22757365725f6964223a227573725f6a617961222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32382e3138363036325a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f6a42764248716a4d6e695962436c797546514c525274314f6d4949444c7a76437a714775453761523555357351594144647435516c6f724a4f5a467a222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6662393564356264663335396165336637333332363435335f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-d9e9f6a909acc97537621031eff4fb28-2d4bb67f040d0dea-01', '{}', '2026-11-27 10:26:28.220906+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (18, 'orders', 'ord_845a9f56078e784c58fbc867', 'ord_845a9f56078e784c58fbc867.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:26:28.544815+00', '\x7b226f726465725f6964223a226f72645f383435613966353630373865373834633538666263383637222c22757365725f6964223a227573725f6b6972616e222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32363a32382e3438383832395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f475743726178416e547434464841367375736f4a4e7438507272534d78544c7964714e777037363674686d4b67576342776868486254654a56655376222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3834356139663536303738653738346335386662633836375f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c2262756e646c655f7469746c65223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-1da78d738b587842afcec063c61b4dfc-10bb23e043303810-01', '{}', '2026-11-27 10:26:28.541189+00');
INSERT INTO public.owners VALUES ('ord_36cefe14a4d5df7bf1500a73', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_b4d4ce35fa4b2649600c0762', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_b08c75df56c6932e604a42d8', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_4cfcf7d818655844fa7e571e', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_22b9acca8270e7939d34dd59', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_585390a195026f7053c9f848', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_402074193c44be0c432dc536', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_f2820f8cfc2b3a2d2fbf5210', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_c048cd44607d06e2232f9e6f', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_fb95d5bdf359ae3f73326453', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_845a9f56078e784c58fbc867', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_5c13a7f39bdc56fb3d103060', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_fed11a3d4525b485dc3b66ad', NULL, false, NULL, NULL, 0);
INSERT INTO public.refunds VALUES ('ref_8f71377a0a52a8e4c1f26501', 'ord_36cefe14a4d5df7bf1500a73', 'goodwill', 1000, 'eur', 'succeeded', 1, 're_dbECcb64D5s4oAkgM9DqsDZD', 'usr_admin', '2026-11-27 10:26:26.614856+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_eedfe8b40b7f4ef4ae80441bf4db6bd0', 'ord_c048cd44607d06e2232f9e6f', 'duplicate', 4900, 'eur', 'planned', 1, NULL, 'checkout', '2026-11-27 10:26:28.446357+00', true, '{}', NULL, 0, '2026-11-27 10:26:28.446357+00', NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_cddde276f6ca34d5cc800288', 'ord_845a9f56078e784c58fbc867', 'requested_by_customer', 4900, 'eur', 'refused', 1, NULL, 'usr_admin', '2026-11-27 10:26:28.716216+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_0cd4435f538097317e2c7f27', 'ord_5c13a7f39bdc56fb3d103060', 'requested_by_customer', 3000, 'eur', 'failed', 1, 're_w1zxDNGeOTCz5AFZxyHnsdFN', 'usr_admin', '2026-11-27 10:26:29.58139+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_ef010fe9b9e89e31dc6d9987', 'ord_fed11a3d4525b485dc3b66ad', 'goodwill', 2000, 'eur', 'succeeded', 1, 're_8vE9Ic92TpE7e1zS61wMxI7H', 'usr_admin', '2026-11-27 10:26:30.090054+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
SELECT pg_catalog.setval('public.outbox_id_seq', 20, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.course_prices
    ADD CONSTRAINT course_prices_pkey PRIMARY KEY (course_id, currency);
ALTER TABLE ONLY public.courses
    ADD CONSTRAINT courses_pkey PRIMARY KEY (course_id);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT duplicates_pkey PRIMARY KEY (order_id, course_id);
ALTER TABLE ONLY public.enrollments
    ADD CONSTRAINT enrollments_pkey PRIMARY KEY (user_id, course_id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_position_key UNIQUE (order_id, "position");
ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (line_id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_session_id_key UNIQUE (session_id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner_id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_order_id_reason_key UNIQUE (order_id, reason);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (refund_id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_stripe_refund_id_key UNIQUE (stripe_refund_id);
CREATE INDEX courses_on_sale ON public.courses USING btree (title, course_id) WHERE active;
CREATE INDEX events_charge_id ON public.events USING btree (charge_id) WHERE (charge_id IS NOT NULL);
CREATE INDEX events_order_id ON public.events USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX events_payment_intent_id ON public.events USING btree (payment_intent_id) WHERE (payment_intent_id IS NOT NULL);
CREATE UNIQUE INDEX order_lines_one_holds ON public.order_lines USING btree (user_id, course_id) WHERE (holds AND (course_id IS NOT NULL));
CREATE UNIQUE INDEX order_lines_one_plan_holds ON public.order_lines USING btree (user_id, plan_id) WHERE (holds AND (plan_id IS NOT NULL));
CREATE INDEX orders_mismatched ON public.orders USING btree (created_at) WHERE (mismatch IS NOT NULL);
CREATE INDEX orders_of_user ON public.orders USING btree (user_id, created_at DESC, order_id DESC);
CREATE INDEX orders_without_session ON public.orders USING btree (created_at) WHERE ((state = 'open'::text) AND (session_id IS NULL));
CREATE INDEX owners_due ON public.owners USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);
CREATE INDEX owners_failed ON public.owners USING btree (failed_at) WHERE needs_derivation;
CREATE INDEX refunds_due ON public.refunds USING btree (next_try_at) WHERE (automatic AND (next_try_at IS NOT NULL));
CREATE INDEX refunds_open ON public.refunds USING btree (requested_at) WHERE (status <> ALL (ARRAY['succeeded'::text, 'canceled'::text, 'dropped'::text]));
ALTER TABLE ONLY public.course_prices
    ADD CONSTRAINT course_prices_course_id_fkey FOREIGN KEY (course_id) REFERENCES public.courses(course_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(order_id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(order_id);
