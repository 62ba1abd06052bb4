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
    CONSTRAINT order_lines_check CHECK (((discount_amount >= 0) AND (discount_amount <= list_amount))),
    CONSTRAINT order_lines_kind_check CHECK ((kind = ANY (ARRAY['course'::text, 'bundle'::text, 'plan'::text]))),
    CONSTRAINT order_lines_list_amount_check CHECK ((list_amount >= 0))
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
INSERT INTO public.alembic_version VALUES ('0003');
INSERT INTO public.course_prices VALUES ('ragas', 'eur', 4900);
INSERT INTO public.course_prices VALUES ('ragas', 'jpy', 5000);
INSERT INTO public.course_prices VALUES ('talas', 'eur', 3000);
INSERT INTO public.course_prices VALUES ('modes', 'eur', 2000);
INSERT INTO public.course_prices VALUES ('gone', 'eur', 4900);
INSERT INTO public.course_prices VALUES ('gone', 'jpy', 5000);
INSERT INTO public.courses VALUES ('ragas', 'Ragas for beginners', 'Music', '', NULL, true, 1, '2026-11-27 10:25:55.82372+00', '2026-11-27 10:25:55.82372+00');
INSERT INTO public.courses VALUES ('talas', 'Talas', 'Music', '', 30, true, 1, '2026-11-27 10:25:55.918938+00', '2026-11-27 10:25:55.918938+00');
INSERT INTO public.courses VALUES ('modes', 'Modes', 'Music', '', NULL, true, 1, '2026-11-27 10:25:55.95596+00', '2026-11-27 10:25:55.95596+00');
INSERT INTO public.courses VALUES ('gone', 'No longer sold', 'Music', '', NULL, false, 1, '2026-11-27 10:25:55.975588+00', '2026-11-27 10:25:55.975588+00');
INSERT INTO public.duplicates VALUES ('ord_a1301c45e5f2842a987d3b0a', 'ragas', 'ord_4765b9d4c68db18d2f38d0ad', 'usr_jaya', 1, '2026-11-27 10:25:57.383106+00');
INSERT INTO public.enrollments VALUES ('usr_asha', 'ragas', true, 'active', NULL, 1);
INSERT INTO public.events VALUES ('evt_5Hw5oAO4u2ANXq6rjmowG7f0', 'charge.succeeded', 1795775156000000, 5030, 'ch_NVqqadeBLdT10upoj2mb9Zjy', 'succeeded', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_Xla7QB1tVSezhnTfS2CMSsra"}', '2026-11-27 10:25:56.099523+00');
INSERT INTO public.events VALUES ('evt_Fh7CXCD3RqQTbYt0IFOXTRCG', 'checkout.session.completed', 1795775156000000, 6010, 'cs_test_TVg1oAUXRmRoz5wknHRvdkFVrZfbFNgaMxaFVzOda1iD9ZjWcXvlaZodYq1i', 'complete', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_Xla7QB1tVSezhnTfS2CMSsra", "payment_status": "paid"}', '2026-11-27 10:25:56.099523+00');
INSERT INTO public.events VALUES ('evt_3RTuLRdrE5r1T09w0HFkaxlu', 'charge.refunded', 1795775156000000, 5060, 'ch_NVqqadeBLdT10upoj2mb9Zjy', 'succeeded', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_Xla7QB1tVSezhnTfS2CMSsra"}', '2026-11-27 10:25:56.255747+00');
INSERT INTO public.events VALUES ('evt_Y50LX089fgUJsMA8rGW43EE5', 'refund.updated', 1795775156000000, 12031, 're_b8J5PRT3zkvp8GxzdwAXTABt', 'succeeded', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', '{"amount": 1000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.255747+00');
INSERT INTO public.events VALUES ('evt_f9hLwIIEti9OUuxn61zzefFq', 'refund.created', 1795775156000000, 12030, 're_b8J5PRT3zkvp8GxzdwAXTABt', 'succeeded', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', '{"amount": 1000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.255747+00');
INSERT INTO public.events VALUES ('evt_fTTEWomRNBS4Mm7DJ1A1Aauc', 'charge.refund.updated', 1795775156000000, 12031, 're_b8J5PRT3zkvp8GxzdwAXTABt', 'succeeded', NULL, 'ord_079749c56ca8af1b19026ee4', 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', '{"amount": 1000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.255747+00');
INSERT INTO public.events VALUES ('evt_A3QFMLXeHIpLkiAIkiUjzt6e', 'charge.succeeded', 1795775156000000, 5030, 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', 'succeeded', NULL, 'ord_985770021ec3718bcad2c9e2', 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_6X4uuwBB60YKBcFdI1HCBJyG"}', '2026-11-27 10:25:56.405044+00');
INSERT INTO public.events VALUES ('evt_wGnllX8J8Ycof3pE7A9Ckux4', 'checkout.session.completed', 1795775156000000, 6010, 'cs_test_8CPB9eBy4IzOKUHwrPryx48OaX8vnc0Er5OJP9k9JBEcmgEL8tfqyENGsZLi', 'complete', NULL, 'ord_985770021ec3718bcad2c9e2', 'pi_6X4uuwBB60YKBcFdI1HCBJyG', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 3000, "payment_intent": "pi_6X4uuwBB60YKBcFdI1HCBJyG", "payment_status": "paid"}', '2026-11-27 10:25:56.405044+00');
INSERT INTO public.events VALUES ('evt_FETq7feOA22fUFBVKAAs5rs9', 'refund.updated', 1795775156000000, 12031, 're_I6GMq7DxyNaP09mL1oWuKkgA', 'succeeded', NULL, NULL, 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.492462+00');
INSERT INTO public.events VALUES ('evt_YOpYCV3bLW75YCVUTYeG3mNM', 'charge.refund.updated', 1795775156000000, 12031, 're_I6GMq7DxyNaP09mL1oWuKkgA', 'succeeded', NULL, NULL, 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.492462+00');
INSERT INTO public.events VALUES ('evt_q97C2kr8cfw7NGlDbAyLelXd', 'charge.refunded', 1795775156000000, 5060, 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', 'succeeded', NULL, 'ord_985770021ec3718bcad2c9e2', 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_6X4uuwBB60YKBcFdI1HCBJyG"}', '2026-11-27 10:25:56.492462+00');
INSERT INTO public.events VALUES ('evt_zgP9yaSu6bBskJxOM2YH0AW9', 'refund.created', 1795775156000000, 12030, 're_I6GMq7DxyNaP09mL1oWuKkgA', 'succeeded', NULL, NULL, 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:56.492462+00');
INSERT INTO public.events VALUES ('evt_Oxrr0yYwG6zWHmH7BC25Ah3S', 'checkout.session.expired', 1795775156000000, 6040, 'cs_test_iksRMUUHOF1wzCoghWFe0YjevkzkfgEA4vghJoBKYWXOwFsOvArVLh92npuq', 'expired', NULL, 'ord_e6054f938eec0ddcc0cd1c8c', NULL, NULL, '{"mode": "payment", "object": "checkout.session", "status": "expired", "currency": "eur", "amount_total": 4900, "payment_status": "unpaid"}', '2026-11-27 10:25:56.651461+00');
INSERT INTO public.events VALUES ('evt_MCgy3vj8x4uezs913YG3l7kb', 'checkout.session.completed', 1795775156000000, 6010, 'cs_test_zdPERsx1858uIGN2ziWplpnHq9oByB0xs9ybmEUpmiPQLFWFZ8bZWw2k4GNC', 'complete', NULL, 'ord_3e89a8814b0a3bd995aac581', 'pi_kGIBLntKFkn6EMwkvHB3SAjp', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_kGIBLntKFkn6EMwkvHB3SAjp", "payment_status": "unpaid"}', '2026-11-27 10:25:56.74753+00');
INSERT INTO public.events VALUES ('evt_SzoQXU5Ec0l4HvPEYABe7RYD', 'checkout.session.completed', 1795775156000000, 6010, 'cs_test_2DIrP3A2cYOWRJ3oPKCWe8hlsa4aui2gAyafD2NpAA7OBi8oDdEYEFT7gn08', 'complete', NULL, 'ord_f28635589a0c973cd2380532', 'pi_CdkPlJQ3GAZO81qkI3WRARgf', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_CdkPlJQ3GAZO81qkI3WRARgf", "payment_status": "unpaid"}', '2026-11-27 10:25:56.891078+00');
INSERT INTO public.events VALUES ('evt_SzoQXU5Ec0l4HvPEYABe7RYD_late', 'checkout.session.async_payment_failed', 1795775216000000, 6030, 'cs_test_2DIrP3A2cYOWRJ3oPKCWe8hlsa4aui2gAyafD2NpAA7OBi8oDdEYEFT7gn08', 'complete', NULL, 'ord_f28635589a0c973cd2380532', 'pi_CdkPlJQ3GAZO81qkI3WRARgf', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_CdkPlJQ3GAZO81qkI3WRARgf", "payment_status": "unpaid"}', '2026-11-27 10:25:56.891078+00');
INSERT INTO public.events VALUES ('evt_PnlzqNpduhobNCLHyu8D5771', 'checkout.session.completed', 1795775156000000, 6010, 'cs_test_FPkUpvxJwzJiohywkgQamY6DoTooVRNLjZnUXD4L65qo2haqw82PXmxqzVx1', 'complete', NULL, 'ord_564cebf6a843c0e4859e1efd', 'pi_s0WAReiSMaEzhQMEnu1OTowh', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 49, "payment_intent": "pi_s0WAReiSMaEzhQMEnu1OTowh", "payment_status": "paid"}', '2026-11-27 10:25:56.960602+00');
INSERT INTO public.events VALUES ('evt_w01TpCwWjRSeGnXEHyryDBAK', 'charge.succeeded', 1795775156000000, 5030, 'ch_GT8jiD4GAWymmosdA3oxliX6', 'succeeded', NULL, 'ord_564cebf6a843c0e4859e1efd', 'pi_s0WAReiSMaEzhQMEnu1OTowh', 'ch_GT8jiD4GAWymmosdA3oxliX6', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_s0WAReiSMaEzhQMEnu1OTowh"}', '2026-11-27 10:25:56.960602+00');
INSERT INTO public.events VALUES ('evt_T2MetYIRvAg2aSOpRTR7skDh', 'charge.succeeded', 1795775157000000, 5030, 'ch_TRRkeua8KuofosQjpLh7Q9vL', 'succeeded', NULL, 'ord_6fbc39b4f076c702904cd668', 'pi_f0IJYGb0T5rvwms50XAGuntV', 'ch_TRRkeua8KuofosQjpLh7Q9vL', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_f0IJYGb0T5rvwms50XAGuntV"}', '2026-11-27 10:25:57.087883+00');
INSERT INTO public.events VALUES ('evt_cl5SvD9TvMB2ams9vSlK3YND', 'checkout.session.completed', 1795775157000000, 6010, 'cs_test_EBPhP2xX1DsdQxdMGSm4wSJWSm4DnivKdT8N7Dv7Q7WepdyWPkcZZFMdAhCo', 'complete', NULL, 'ord_6fbc39b4f076c702904cd668', 'pi_f0IJYGb0T5rvwms50XAGuntV', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 49, "payment_intent": "pi_f0IJYGb0T5rvwms50XAGuntV", "payment_status": "paid"}', '2026-11-27 10:25:57.087883+00');
INSERT INTO public.events VALUES ('evt_E1ij6yFADqWbEMP4tzpKLkey', 'charge.succeeded', 1795775157000000, 5030, 'ch_a1mrUGdN7xDaFqaz1mZUMfu2', 'succeeded', NULL, 'ord_37b7f6c07b82cada8d9b98b1', 'pi_4LfEX48vZS4oEUcsRVk1OR9E', 'ch_a1mrUGdN7xDaFqaz1mZUMfu2', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_4LfEX48vZS4oEUcsRVk1OR9E"}', '2026-11-27 10:25:57.173114+00');
INSERT INTO public.events VALUES ('evt_eUD6s2corAaaEZFHrpKtWH37', 'checkout.session.completed', 1795775157000000, 6010, 'cs_test_4nBi3PjdsO2fhFH9G5n8Y7MVBZ6x1JM49vIfyY1nqUDq4dAmoFYhLiPYh8wM', 'complete', NULL, 'ord_37b7f6c07b82cada8d9b98b1', 'pi_4LfEX48vZS4oEUcsRVk1OR9E', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 2000, "payment_intent": "pi_4LfEX48vZS4oEUcsRVk1OR9E", "payment_status": "paid"}', '2026-11-27 10:25:57.173114+00');
INSERT INTO public.events VALUES ('evt_10sPCdegrl0fr9ybjfX6koT7', 'charge.dispute.funds_withdrawn', 1795775157000000, 13043, 'du_gyaJyBqG2To4DL6P54XtTnmn', 'needs_response', NULL, NULL, 'pi_4LfEX48vZS4oEUcsRVk1OR9E', 'ch_a1mrUGdN7xDaFqaz1mZUMfu2', '{"amount": 2000, "object": "dispute", "status": "needs_response", "currency": "eur"}', '2026-11-27 10:25:57.233252+00');
INSERT INTO public.events VALUES ('evt_mot3zc1D6e3jFkRhiSL0AtET', 'charge.dispute.created', 1795775157000000, 13040, 'du_gyaJyBqG2To4DL6P54XtTnmn', 'needs_response', NULL, NULL, 'pi_4LfEX48vZS4oEUcsRVk1OR9E', 'ch_a1mrUGdN7xDaFqaz1mZUMfu2', '{"amount": 2000, "object": "dispute", "status": "needs_response", "currency": "eur"}', '2026-11-27 10:25:57.233252+00');
INSERT INTO public.events VALUES ('evt_zNxwOQ3kwUzoUDjfcMWhgrRQ', 'checkout.session.expired', 1795775157000000, 6040, 'cs_test_NHXThiFzj9BuMrT849I3EiPokLKHFYRvAD0LWy9tGtAG702Nlc5dQEQ6xaRx', 'expired', NULL, 'ord_a1301c45e5f2842a987d3b0a', NULL, NULL, '{"mode": "payment", "object": "checkout.session", "status": "expired", "currency": "eur", "amount_total": 4900, "payment_status": "unpaid"}', '2026-11-27 10:25:57.296792+00');
INSERT INTO public.events VALUES ('evt_E74e6H5Gu984awgt9HfQ4WGH', 'charge.succeeded', 1795775217000000, 5030, 'ch_zaRVCwCvkrrqdHnRqy2zQOIF', 'succeeded', NULL, 'ord_a1301c45e5f2842a987d3b0a', 'pi_TmMKxbbWICb5bffHkjHXPTVX', 'ch_zaRVCwCvkrrqdHnRqy2zQOIF', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_TmMKxbbWICb5bffHkjHXPTVX"}', '2026-11-27 10:25:57.359541+00');
INSERT INTO public.events VALUES ('evt_bhSrPfEvp0GzlzjYBA3KWqTW', 'charge.succeeded', 1795775157000000, 5030, 'ch_ZrAssEYyYBNrpw2FPMEoefpN', 'succeeded', NULL, 'ord_4765b9d4c68db18d2f38d0ad', 'pi_Aw14KEvzczRKUiDCWTKXezb7', 'ch_ZrAssEYyYBNrpw2FPMEoefpN', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_Aw14KEvzczRKUiDCWTKXezb7"}', '2026-11-27 10:25:57.359541+00');
INSERT INTO public.events VALUES ('evt_r1CqKOu0sEWxM7bKNYIgIEs8', 'checkout.session.completed', 1795775217000000, 6010, 'cs_test_fhLPOoUr3XTFvjeDJGWdNWrO6UdhofpQeoaorHjh528QmFrCygkwdlhoKZ88', 'complete', NULL, 'ord_a1301c45e5f2842a987d3b0a', 'pi_TmMKxbbWICb5bffHkjHXPTVX', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_TmMKxbbWICb5bffHkjHXPTVX", "payment_status": "paid"}', '2026-11-27 10:25:57.359541+00');
INSERT INTO public.events VALUES ('evt_rn91C0CF6smAKgIkVoA0E416', 'checkout.session.completed', 1795775157000000, 6010, 'cs_test_bjtGBL5rm3Ds2uIyGA9Uz7DXPHpzzLQH3l0ymCnr3IO07D3hnKlJorR4brtn', 'complete', NULL, 'ord_4765b9d4c68db18d2f38d0ad', 'pi_Aw14KEvzczRKUiDCWTKXezb7', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_Aw14KEvzczRKUiDCWTKXezb7", "payment_status": "paid"}', '2026-11-27 10:25:57.359541+00');
INSERT INTO public.events VALUES ('evt_7Zi6xsk8vGy3gqHQWvd1WuDX', 'charge.succeeded', 1795775217000000, 5030, 'ch_rrP010faDHAfB7Nh9Ckk5jNT', 'succeeded', NULL, 'ord_7f1339c408a09f3f8b2b58c5', 'pi_hEaZr5Iz6rxoxxdPJkqDkp8B', 'ch_rrP010faDHAfB7Nh9Ckk5jNT', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_hEaZr5Iz6rxoxxdPJkqDkp8B"}', '2026-11-27 10:25:57.540573+00');
INSERT INTO public.events VALUES ('evt_LDluASNnZvdOoBIz9mJNuuxn', 'checkout.session.completed', 1795775217000000, 6010, 'cs_test_PZoml29qQfV7BClVcEqho5VIxQaXkbcrdcW94po5r1yeldnWxZ1pUvznPy1q', 'complete', NULL, 'ord_7f1339c408a09f3f8b2b58c5', 'pi_hEaZr5Iz6rxoxxdPJkqDkp8B', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 4900, "payment_intent": "pi_hEaZr5Iz6rxoxxdPJkqDkp8B", "payment_status": "paid"}', '2026-11-27 10:25:57.540573+00');
INSERT INTO public.events VALUES ('evt_PuoB5GjsCEMx6MqnGkHd8tGJ', 'checkout.session.completed', 1795775218000000, 6010, 'cs_test_sNsNiEG24zsw78fhNVfuqePpjEPEE0MiVn7j05OucY6FnZT5ImQuW9YzAC24', 'complete', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', NULL, '{"mode": "payment", "object": "checkout.session", "status": "complete", "currency": "eur", "amount_total": 3000, "payment_intent": "pi_FCz3ZuCWsKP1UtHybrx9t4Fq", "payment_status": "paid"}', '2026-11-27 10:25:58.280603+00');
INSERT INTO public.events VALUES ('evt_vQbVlWbaNFKoYTjkQF4UCwFX', 'charge.succeeded', 1795775218000000, 5030, 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', 'succeeded', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_FCz3ZuCWsKP1UtHybrx9t4Fq"}', '2026-11-27 10:25:58.280603+00');
INSERT INTO public.events VALUES ('evt_8SpvQA1Z4xHNY8GLJ8Lm8ktw', 'charge.refund.updated', 1795775218000000, 12031, 're_GzRXoWupOINiOHSnZHcTaVXB', 'succeeded', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:58.440601+00');
INSERT INTO public.events VALUES ('evt_DefrMYlYLVNz3DkE1c3UbSuS', 'charge.refunded', 1795775218000000, 5060, 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', 'succeeded', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"object": "charge", "receipt_url": "http://127.0.0.1:49009/receipts/pi_FCz3ZuCWsKP1UtHybrx9t4Fq"}', '2026-11-27 10:25:58.440601+00');
INSERT INTO public.events VALUES ('evt_FImYtwYAXbv3yvbni7YEiAiI', 'refund.created', 1795775218000000, 12030, 're_GzRXoWupOINiOHSnZHcTaVXB', 'succeeded', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:58.440601+00');
INSERT INTO public.events VALUES ('evt_PLVSO0Luz5bVSaUpE0wXyqyb', 'refund.updated', 1795775218000000, 12031, 're_GzRXoWupOINiOHSnZHcTaVXB', 'succeeded', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "succeeded", "currency": "eur"}', '2026-11-27 10:25:58.440601+00');
INSERT INTO public.events VALUES ('evt_MWGdLwNNV6LaSK4GTGCpf6K9', 'refund.failed', 1795775218000000, 12052, 're_GzRXoWupOINiOHSnZHcTaVXB', 'failed', NULL, 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "failed", "currency": "eur"}', '2026-11-27 10:25:58.547381+00');
INSERT INTO public.events VALUES ('evt_aDal3lEZJUXxreg9CildEOHT', 'refund.updated', 1795775218000000, 12051, 're_GzRXoWupOINiOHSnZHcTaVXB', 'failed', 'succeeded', 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "failed", "currency": "eur"}', '2026-11-27 10:25:58.547381+00');
INSERT INTO public.events VALUES ('evt_pbbarWAtAsDOLt5pyTBw1ECz', 'charge.refund.updated', 1795775218000000, 12051, 're_GzRXoWupOINiOHSnZHcTaVXB', 'failed', 'succeeded', 'ord_c4d406b7cf7dc61a285ca132', 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', '{"amount": 3000, "object": "refund", "status": "failed", "currency": "eur"}', '2026-11-27 10:25:58.547381+00');
INSERT INTO public.order_lines VALUES ('ord_079749c56ca8af1b19026ee4_1', 'ord_079749c56ca8af1b19026ee4', 1, 'usr_asha', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_985770021ec3718bcad2c9e2_1', 'ord_985770021ec3718bcad2c9e2', 1, 'usr_ben', 'course', 'talas', NULL, NULL, 'Music', 'Talas', '', 3000, 0, 30, false);
INSERT INTO public.order_lines VALUES ('ord_00d12893f6c6b0bbbef3f63d_1', 'ord_00d12893f6c6b0bbbef3f63d', 1, 'usr_chandra', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_e6054f938eec0ddcc0cd1c8c_1', 'ord_e6054f938eec0ddcc0cd1c8c', 1, 'usr_dev', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false);
INSERT INTO public.order_lines VALUES ('ord_3e89a8814b0a3bd995aac581_1', 'ord_3e89a8814b0a3bd995aac581', 1, 'usr_esha', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_f28635589a0c973cd2380532_1', 'ord_f28635589a0c973cd2380532', 1, 'usr_farid', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false);
INSERT INTO public.order_lines VALUES ('ord_564cebf6a843c0e4859e1efd_1', 'ord_564cebf6a843c0e4859e1efd', 1, 'usr_gita', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_6fbc39b4f076c702904cd668_1', 'ord_6fbc39b4f076c702904cd668', 1, 'usr_hari', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_37b7f6c07b82cada8d9b98b1_1', 'ord_37b7f6c07b82cada8d9b98b1', 1, 'usr_indu', 'course', 'modes', NULL, NULL, 'Music', 'Modes', '', 2000, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_a1301c45e5f2842a987d3b0a_1', 'ord_a1301c45e5f2842a987d3b0a', 1, 'usr_jaya', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, false);
INSERT INTO public.order_lines VALUES ('ord_4765b9d4c68db18d2f38d0ad_1', 'ord_4765b9d4c68db18d2f38d0ad', 1, 'usr_jaya', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_7f1339c408a09f3f8b2b58c5_1', 'ord_7f1339c408a09f3f8b2b58c5', 1, 'usr_kiran', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_612fda3014ed19c00c3e1bfb_1', 'ord_612fda3014ed19c00c3e1bfb', 1, 'usr_leela', 'course', 'ragas', NULL, NULL, 'Music', 'Ragas for beginners', '', 4900, 0, NULL, true);
INSERT INTO public.order_lines VALUES ('ord_c4d406b7cf7dc61a285ca132_1', 'ord_c4d406b7cf7dc61a285ca132', 1, 'usr_mira', 'course', 'talas', NULL, NULL, 'Music', 'Talas', '', 3000, 0, 30, true);
INSERT INTO public.orders VALUES ('ord_079749c56ca8af1b19026ee4', 'usr_asha', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:55.99402+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_079749c56ca8af1b19026ee4', 'http://127.0.0.1:44677/checkout/cancel?order=ord_079749c56ca8af1b19026ee4', NULL, 1, '2026-11-28 09:25:55+00', 'cs_test_TVg1oAUXRmRoz5wknHRvdkFVrZfbFNgaMxaFVzOda1iD9ZjWcXvlaZodYq1i', 'partially_refunded', NULL, NULL, NULL, NULL, 'pi_Xla7QB1tVSezhnTfS2CMSsra', 'ch_NVqqadeBLdT10upoj2mb9Zjy', 'http://127.0.0.1:49009/receipts/pi_Xla7QB1tVSezhnTfS2CMSsra', 1000, '2026-11-27 10:25:55.997777+00', '2026-11-27 10:25:56+00', NULL, NULL, '2026-11-27 10:25:56+00', NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_985770021ec3718bcad2c9e2', 'usr_ben', 'asha@example.com', 'en', NULL, 'eur', 3000, '2026-01', '2026-11-27 10:25:56.326755+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_985770021ec3718bcad2c9e2', 'http://127.0.0.1:44677/checkout/cancel?order=ord_985770021ec3718bcad2c9e2', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_8CPB9eBy4IzOKUHwrPryx48OaX8vnc0Er5OJP9k9JBEcmgEL8tfqyENGsZLi', 'refunded', NULL, NULL, NULL, NULL, 'pi_6X4uuwBB60YKBcFdI1HCBJyG', 'ch_RZYEfFtSr0XEnLPEwcJu5bLS', 'http://127.0.0.1:49009/receipts/pi_6X4uuwBB60YKBcFdI1HCBJyG', 3000, '2026-11-27 10:25:56.335134+00', '2026-11-27 10:25:56+00', NULL, NULL, '2026-11-27 10:25:56+00', NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_00d12893f6c6b0bbbef3f63d', 'usr_chandra', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:56.532424+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_00d12893f6c6b0bbbef3f63d', 'http://127.0.0.1:44677/checkout/cancel?order=ord_00d12893f6c6b0bbbef3f63d', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_JKndUtrfWCumMuUMRGvDLBnbR5HcEmAZE6oXLS4wZQhRqJ78zsrFuk7JV4m4', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:56.537286+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_e6054f938eec0ddcc0cd1c8c', 'usr_dev', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:56.589156+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_e6054f938eec0ddcc0cd1c8c', 'http://127.0.0.1:44677/checkout/cancel?order=ord_e6054f938eec0ddcc0cd1c8c', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_iksRMUUHOF1wzCoghWFe0YjevkzkfgEA4vghJoBKYWXOwFsOvArVLh92npuq', 'expired', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:56.598199+00', NULL, NULL, '2026-11-27 10:25:56+00', NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_3e89a8814b0a3bd995aac581', 'usr_esha', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:56.691952+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_3e89a8814b0a3bd995aac581', 'http://127.0.0.1:44677/checkout/cancel?order=ord_3e89a8814b0a3bd995aac581', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_zdPERsx1858uIGN2ziWplpnHq9oByB0xs9ybmEUpmiPQLFWFZ8bZWw2k4GNC', 'processing', NULL, NULL, NULL, NULL, 'pi_kGIBLntKFkn6EMwkvHB3SAjp', NULL, NULL, 0, '2026-11-27 10:25:56.70222+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_f28635589a0c973cd2380532', 'usr_farid', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:56.817494+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_f28635589a0c973cd2380532', 'http://127.0.0.1:44677/checkout/cancel?order=ord_f28635589a0c973cd2380532', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_2DIrP3A2cYOWRJ3oPKCWe8hlsa4aui2gAyafD2NpAA7OBi8oDdEYEFT7gn08', 'failed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:56.823552+00', NULL, '2026-11-27 10:26:56+00', NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_564cebf6a843c0e4859e1efd', 'usr_gita', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:56.923845+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_564cebf6a843c0e4859e1efd', 'http://127.0.0.1:44677/checkout/cancel?order=ord_564cebf6a843c0e4859e1efd', NULL, 1, '2026-11-28 09:25:56+00', 'cs_test_FPkUpvxJwzJiohywkgQamY6DoTooVRNLjZnUXD4L65qo2haqw82PXmxqzVx1', 'processing', NULL, NULL, 'Session cs_test_FPkUpvxJwzJiohywkgQamY6DoTooVRNLjZnUXD4L65qo2haqw82PXmxqzVx1 settled 49 eur (mode payment); the order is over 4900 eur.', NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:56.926475+00', NULL, NULL, NULL, NULL, 'Session cs_test_FPkUpvxJwzJiohywkgQamY6DoTooVRNLjZnUXD4L65qo2haqw82PXmxqzVx1 settled 49 eur (mode payment); the order is over 4900 eur.', '2026-11-27 10:25:57.0007+00', 'usr_admin', 'granted by hand', false);
INSERT INTO public.orders VALUES ('ord_6fbc39b4f076c702904cd668', 'usr_hari', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:57.017123+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_6fbc39b4f076c702904cd668', 'http://127.0.0.1:44677/checkout/cancel?order=ord_6fbc39b4f076c702904cd668', NULL, 1, '2026-11-28 09:25:57+00', 'cs_test_EBPhP2xX1DsdQxdMGSm4wSJWSm4DnivKdT8N7Dv7Q7WepdyWPkcZZFMdAhCo', 'processing', NULL, NULL, 'Session cs_test_EBPhP2xX1DsdQxdMGSm4wSJWSm4DnivKdT8N7Dv7Q7WepdyWPkcZZFMdAhCo settled 49 eur (mode payment); the order is over 4900 eur.', NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:57.020697+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_37b7f6c07b82cada8d9b98b1', 'usr_indu', 'asha@example.com', 'en', NULL, 'eur', 2000, '2026-01', '2026-11-27 10:25:57.119717+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_37b7f6c07b82cada8d9b98b1', 'http://127.0.0.1:44677/checkout/cancel?order=ord_37b7f6c07b82cada8d9b98b1', NULL, 1, '2026-11-28 09:25:57+00', 'cs_test_4nBi3PjdsO2fhFH9G5n8Y7MVBZ6x1JM49vIfyY1nqUDq4dAmoFYhLiPYh8wM', 'paid', NULL, NULL, NULL, 'needs_response', 'pi_4LfEX48vZS4oEUcsRVk1OR9E', 'ch_a1mrUGdN7xDaFqaz1mZUMfu2', 'http://127.0.0.1:49009/receipts/pi_4LfEX48vZS4oEUcsRVk1OR9E', 0, '2026-11-27 10:25:57.122552+00', '2026-11-27 10:25:57+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_4765b9d4c68db18d2f38d0ad', 'usr_jaya', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:57.316708+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_4765b9d4c68db18d2f38d0ad', 'http://127.0.0.1:44677/checkout/cancel?order=ord_4765b9d4c68db18d2f38d0ad', NULL, 1, '2026-11-28 09:25:57+00', 'cs_test_bjtGBL5rm3Ds2uIyGA9Uz7DXPHpzzLQH3l0ymCnr3IO07D3hnKlJorR4brtn', 'paid', NULL, NULL, NULL, NULL, 'pi_Aw14KEvzczRKUiDCWTKXezb7', 'ch_ZrAssEYyYBNrpw2FPMEoefpN', 'http://127.0.0.1:49009/receipts/pi_Aw14KEvzczRKUiDCWTKXezb7', 0, '2026-11-27 10:25:57.318962+00', '2026-11-27 10:25:57+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_a1301c45e5f2842a987d3b0a', 'usr_jaya', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:57.261978+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_a1301c45e5f2842a987d3b0a', 'http://127.0.0.1:44677/checkout/cancel?order=ord_a1301c45e5f2842a987d3b0a', NULL, 1, '2026-11-28 09:25:57+00', 'cs_test_NHXThiFzj9BuMrT849I3EiPokLKHFYRvAD0LWy9tGtAG702Nlc5dQEQ6xaRx', 'paid', NULL, NULL, NULL, NULL, 'pi_TmMKxbbWICb5bffHkjHXPTVX', 'ch_zaRVCwCvkrrqdHnRqy2zQOIF', 'http://127.0.0.1:49009/receipts/pi_TmMKxbbWICb5bffHkjHXPTVX', 0, '2026-11-27 10:25:57.266384+00', '2026-11-27 10:26:57+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_7f1339c408a09f3f8b2b58c5', 'usr_kiran', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:57.432086+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_7f1339c408a09f3f8b2b58c5', 'http://127.0.0.1:44677/checkout/cancel?order=ord_7f1339c408a09f3f8b2b58c5', NULL, 1, '2026-11-28 09:25:57+00', 'cs_test_PZoml29qQfV7BClVcEqho5VIxQaXkbcrdcW94po5r1yeldnWxZ1pUvznPy1q', 'paid', NULL, NULL, NULL, NULL, 'pi_hEaZr5Iz6rxoxxdPJkqDkp8B', 'ch_rrP010faDHAfB7Nh9Ckk5jNT', 'http://127.0.0.1:49009/receipts/pi_hEaZr5Iz6rxoxxdPJkqDkp8B', 0, '2026-11-27 10:25:57.434963+00', '2026-11-27 10:26:57+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_612fda3014ed19c00c3e1bfb', 'usr_leela', 'asha@example.com', 'en', NULL, 'eur', 4900, '2026-01', '2026-11-27 10:25:57.63664+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_612fda3014ed19c00c3e1bfb', 'http://127.0.0.1:44677/checkout/cancel?order=ord_612fda3014ed19c00c3e1bfb', NULL, 1, '2026-11-28 09:25:57.63664+00', NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '2026-11-27 10:25:57.638828+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.orders VALUES ('ord_c4d406b7cf7dc61a285ca132', 'usr_mira', 'asha@example.com', 'en', NULL, 'eur', 3000, '2026-01', '2026-11-27 10:25:58.198019+00', NULL, 'http://127.0.0.1:44677/checkout/success?order=ord_c4d406b7cf7dc61a285ca132', 'http://127.0.0.1:44677/checkout/cancel?order=ord_c4d406b7cf7dc61a285ca132', NULL, 1, '2026-11-28 09:25:58+00', 'cs_test_sNsNiEG24zsw78fhNVfuqePpjEPEE0MiVn7j05OucY6FnZT5ImQuW9YzAC24', 'paid', NULL, NULL, NULL, NULL, 'pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 'ch_ZfrGtJ5TIfyNFTI0rGx6FR2f', 'http://127.0.0.1:49009/receipts/pi_FCz3ZuCWsKP1UtHybrx9t4Fq', 0, '2026-11-27 10:25:58.200968+00', '2026-11-27 10:26:58+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, true);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (2, 'catalog', 'talas', 'course.talas.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:25:55.918938+00', '\x7b22636f757273655f6964223a2274616c6173222c227469746c65223a2254616c6173222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a333030307d5d2c226163636573735f64617973223a33302c22616374697665223a747275652c2276657273696f6e223a317d', '00-f7e977d27c520cc44262ea9539c808a7-6bc32bae30aadcaf-01', '{}', '2026-11-27 10:25:55.925113+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (3, 'catalog', 'modes', 'course.modes.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:25:55.95596+00', '\x7b22636f757273655f6964223a226d6f646573222c227469746c65223a224d6f646573222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a323030307d5d2c226163636573735f64617973223a6e756c6c2c22616374697665223a747275652c2276657273696f6e223a317d', '00-78ebb232e843226bc70088180e56b728-f6082359fd4bc12c-01', '{}', '2026-11-27 10:25:55.957114+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (4, 'catalog', 'gone', 'course.gone.1', 'masterji.catalog.course_changed.v1', 'masterji/checkout', '2026-11-27 10:25:55.975588+00', '\x7b22636f757273655f6964223a22676f6e65222c227469746c65223a224e6f206c6f6e67657220736f6c64222c2263617465676f7279223a224d75736963222c226465736372697074696f6e223a22222c22707269636573223a5b7b2263757272656e6379223a22657572222c22616d6f756e74223a343930307d2c7b2263757272656e6379223a226a7079222c22616d6f756e74223a353030307d5d2c226163636573735f64617973223a6e756c6c2c22616374697665223a66616c73652c2276657273696f6e223a317d', '00-7e3b8103c0d368368da0fcc4d7fc0339-841838e196511b58-01', '{}', '2026-11-27 10:25:55.976665+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (5, 'orders', 'ord_079749c56ca8af1b19026ee4', 'ord_079749c56ca8af1b19026ee4.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.054106+00', '\x7b226f726465725f6964223a226f72645f303739373439633536636138616631623139303236656534222c22757365725f6964223a227573725f61736861222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35352e3939343032305a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f545667316f415558526d526f7a35776b6e485276646b4656725a6662464e67614d786146567a4f6461316944395a6a576358766c615a6f6459713169222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3037393734396335366361386166316231393032366565345f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-a46aec92f1bda00e918fd7b96b7756a5-34973bfa6386b794-01', '{}', '2026-11-27 10:25:56.044594+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (6, 'orders', 'ord_985770021ec3718bcad2c9e2', 'ord_985770021ec3718bcad2c9e2.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.366915+00', '\x7b226f726465725f6964223a226f72645f393835373730303231656333373138626361643263396532222c22757365725f6964223a227573725f62656e222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3332363735355a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f384350423965427934497a4f4b554877725072797834384f615838766e63304572354f4a50396b394a4245636d67454c3874667179454e47735a4c69222c22616d6f756e745f746f74616c223a333030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3938353737303032316563333731386263616432633965325f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a2274616c6173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a2254616c6173222c226c6973745f616d6f756e74223a333030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a33307d5d7d', '00-a90625606a0754eb5ec58947788c6c98-280475b26eeb3496-01', '{}', '2026-11-27 10:25:56.366077+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (7, 'orders', 'ord_00d12893f6c6b0bbbef3f63d', 'ord_00d12893f6c6b0bbbef3f63d.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.572131+00', '\x7b226f726465725f6964223a226f72645f303064313238393366366336623062626265663366363364222c22757365725f6964223a227573725f6368616e647261222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3533323432345a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4a4b6e64557472665743756d4d75554d524776444c426e6252354863456d415a45366f584c5334775a516852714a37387a737246756b374a56346d34222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3030643132383933663663366230626262656633663633645f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-046163a7032b8b89a435f402be7b002c-dfe5885a3813ab10-01', '{}', '2026-11-27 10:25:56.56917+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (8, 'orders', 'ord_e6054f938eec0ddcc0cd1c8c', 'ord_e6054f938eec0ddcc0cd1c8c.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.625141+00', '\x7b226f726465725f6964223a226f72645f653630353466393338656563306464636330636431633863222c22757365725f6964223a227573725f646576222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3538393135365a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f696b73524d5555484f4631777a436f676857466530596a65766b7a6b66674541347667684a6f424b5957584f7746734f764172564c6839326e707571222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6536303534663933386565633064646363306364316338635f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-22b23b81b072bdbf047b4528a491b92e-49c29bcb0ee6fc6f-01', '{}', '2026-11-27 10:25:56.624107+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (9, 'orders', 'ord_e6054f938eec0ddcc0cd1c8c', 'ord_e6054f938eec0ddcc0cd1c8c.expired', 'masterji.order.expired.v1', 'masterji/checkout', '2026-11-27 10:25:56+00', '\x7b226f726465725f6964223a226f72645f653630353466393338656563306464636330636431633863222c22757365725f6964223a227573725f646576222c2273657373696f6e5f6964223a2263735f746573745f696b73524d5555484f4631777a436f676857466530596a65766b7a6b66674541347667684a6f424b5957584f7746734f764172564c6839326e707571222c22726561736f6e223a2273657373696f6e5f65787069726564222c22657870697265645f6174223a22323032362d31312d32375431303a32353a35365a227d', '00-3c84210682db22412f03398bb78dbcb2-e303b177321789c9-01', '{}', '2026-11-27 10:25:56.657631+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (10, 'orders', 'ord_3e89a8814b0a3bd995aac581', 'ord_3e89a8814b0a3bd995aac581.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.72656+00', '\x7b226f726465725f6964223a226f72645f336538396138383134623061336264393935616163353831222c22757365725f6964223a227573725f65736861222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3639313935325a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f7a645045527378313835387549474e327a6957706c706e4871396f4279423078733979626d4555706d6950514c4657465a38625a5777326b34474e43222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3365383961383831346230613362643939356161633538315f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-c513503c9a99e4145bf66ff1f3ee1519-faa50505f46e0493-01', '{}', '2026-11-27 10:25:56.725806+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (11, 'orders', 'ord_f28635589a0c973cd2380532', 'ord_f28635589a0c973cd2380532.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.85739+00', '\x7b226f726465725f6964223a226f72645f663238363335353839613063393733636432333830353332222c22757365725f6964223a227573725f6661726964222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3831373439345a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f324449725033413263594f57524a336f504b43576538686c73613461756932674179616644324e704141374f4269386f4464455945465437676e3038222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6632383633353538396130633937336364323338303533325f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-d3f7e9c998ffad08aac3d1cbb8316071-0ae2882e8074b46c-01', '{}', '2026-11-27 10:25:56.856298+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (12, 'orders', 'ord_564cebf6a843c0e4859e1efd', 'ord_564cebf6a843c0e4859e1efd.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:56.938085+00', '\x7b226f726465725f6964223a226f72645f353634636562663661383433633065343835396531656664222c22757365725f6964223a227573725f67697461222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35362e3932333834355a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f46506b557076784a777a4a696f6879776b6751616d5936446f546f6f56524e4c6a5a6e555844344c3635716f3268617177383250586d78717a567831222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3536346365626636613834336330653438353965316566645f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-75c604bcd938ef8bf20b2380c5f44647-f897e8d9775b4979-01', '{}', '2026-11-27 10:25:56.936691+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (13, 'orders', 'ord_6fbc39b4f076c702904cd668', 'ord_6fbc39b4f076c702904cd668.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:57.052033+00', '\x7b226f726465725f6964223a226f72645f366662633339623466303736633730323930346364363638222c22757365725f6964223a227573725f68617269222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35372e3031373132335a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4542506850327858314473645178644d47536d3477534a57536d34446e69764b6454384e374476375137576570647957506b635a5a464d644168436f222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3666626333396234663037366337303239303463643636385f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-61444e1adf6cf5d08bcfc64f5c6c77a2-7b390ce83ff56709-01', '{}', '2026-11-27 10:25:57.04885+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (14, 'orders', 'ord_37b7f6c07b82cada8d9b98b1', 'ord_37b7f6c07b82cada8d9b98b1.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:57.141115+00', '\x7b226f726465725f6964223a226f72645f333762376636633037623832636164613864396239386231222c22757365725f6964223a227573725f696e6475222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35372e3131393731375a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f346e426933506a64734f32666846483947356e3859374d56425a3678314a4d34397649667959316e715544713464416d6f4659684c6950596838774d222c22616d6f756e745f746f74616c223a323030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3337623766366330376238326361646138643962393862315f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a226d6f646573222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a224d6f646573222c226c6973745f616d6f756e74223a323030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-18216b009b386f3ab778ef222a437b6d-b857288cf0a4f78f-01', '{}', '2026-11-27 10:25:57.140123+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (15, 'orders', 'ord_a1301c45e5f2842a987d3b0a', 'ord_a1301c45e5f2842a987d3b0a.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:57.282205+00', '\x7b226f726465725f6964223a226f72645f613133303163343565356632383432613938376433623061222c22757365725f6964223a227573725f6a617961222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35372e3236313937385a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f4e4858546869467a6a3942754d725438343949334569506f6b4c4b48465952764144304c57793974477441473730324e6c6335645145513678615278222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6131333031633435653566323834326139383764336230615f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-01fe259ef2b56298617ac42b489fb1f3-69672c35fe433e82-01', '{}', '2026-11-27 10:25:57.281537+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (16, 'orders', 'ord_a1301c45e5f2842a987d3b0a', 'ord_a1301c45e5f2842a987d3b0a.expired', 'masterji.order.expired.v1', 'masterji/checkout', '2026-11-27 10:25:57+00', '\x7b226f726465725f6964223a226f72645f613133303163343565356632383432613938376433623061222c22757365725f6964223a227573725f6a617961222c2273657373696f6e5f6964223a2263735f746573745f4e4858546869467a6a3942754d725438343949334569506f6b4c4b48465952764144304c57793974477441473730324e6c6335645145513678615278222c22726561736f6e223a2273657373696f6e5f65787069726564222c22657870697265645f6174223a22323032362d31312d32375431303a32353a35375a227d', '00-02361d44ae844d6431acc945d4f55e1d-b96a51bbb208948a-01', '{}', '2026-11-27 10:25:57.29913+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (19, 'orders', 'ord_c4d406b7cf7dc61a285ca132', 'ord_c4d406b7cf7dc61a285ca132.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:58.236825+00', '\x7b226f726465725f6964223a226f72645f633464343036623763663764633631613238356361313332222c22757365725f6964223a227573725f6d697261222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35382e3139383031395a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f734e734e69454732347a7377373866684e566675716550706a45504545304d69566e376a30354f75635936466e5a5435496d51755739597a41433234222c22616d6f756e745f746f74616c223a333030302c226c696e6573223a5b7b226c696e655f6964223a226f72645f6334643430366237636637646336316132383563613133325f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a2274616c6173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a2254616c6173222c226c6973745f616d6f756e74223a333030302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a33307d5d7d', '00-c8ec69e29175257b9f7f3705c9557f33-53918fa12364de8b-01', '{}', '2026-11-27 10:25:58.235923+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (17, 'orders', 'ord_4765b9d4c68db18d2f38d0ad', 'ord_4765b9d4c68db18d2f38d0ad.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:57.331834+00', '\x7b226f726465725f6964223a226f72645f343736356239643463363864623138643266333864306164222c22757365725f6964223a227573725f6a617961222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35372e3331363730385a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f626a7447424c35726d33447332754979474139557a3744585048707a7a4c5148336c30796d436e7233494f30374433686e4b6c4a6f7252346272746e222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3437363562396434633638646231386432663338643061645f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-4b8ca9e934d5f340ed67fd0504d14c08-75ddb22a0b288a55-01', '{}', '2026-11-27 10:25:57.331291+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (18, 'orders', 'ord_7f1339c408a09f3f8b2b58c5', 'ord_7f1339c408a09f3f8b2b58c5.placed', 'masterji.order.placed.v1', 'masterji/checkout', '2026-11-27 10:25:57.458084+00', '\x7b226f726465725f6964223a226f72645f376631333339633430386130396633663862326235386335222c22757365725f6964223a227573725f6b6972616e222c22656d61696c223a2261736861406578616d706c652e636f6d222c226c6f63616c65223a22656e222c22636f756e747279223a6e756c6c2c2263757272656e6379223a22657572222c227465726d73223a7b2276657273696f6e223a22323032362d3031222c2261636365707465645f6174223a22323032362d31312d32375431303a32353a35372e3433323038365a227d2c2270726f6d6f5f636f6465223a6e756c6c2c2273657373696f6e5f6964223a2263735f746573745f505a6f6d6c3239715166563742436c56634571686f355649785161586b6263726463573934706f35723179656c646e57785a317055767a6e50793171222c22616d6f756e745f746f74616c223a343930302c226c696e6573223a5b7b226c696e655f6964223a226f72645f3766313333396334303861303966336638623262353863355f31222c226b696e64223a22636f75727365222c22636f757273655f6964223a227261676173222c2262756e646c655f6964223a6e756c6c2c22706c616e5f6964223a6e756c6c2c2263617465676f7279223a224d75736963222c227469746c65223a22526167617320666f7220626567696e6e657273222c226c6973745f616d6f756e74223a343930302c22646973636f756e745f616d6f756e74223a302c226163636573735f64617973223a6e756c6c7d5d7d', '00-2972a69fac7b64752fc4e445faec9913-061b64a85acef73c-01', '{}', '2026-11-27 10:25:57.457238+00');
INSERT INTO public.owners VALUES ('ord_079749c56ca8af1b19026ee4', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_985770021ec3718bcad2c9e2', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_e6054f938eec0ddcc0cd1c8c', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_3e89a8814b0a3bd995aac581', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_f28635589a0c973cd2380532', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_564cebf6a843c0e4859e1efd', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_6fbc39b4f076c702904cd668', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_37b7f6c07b82cada8d9b98b1', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_a1301c45e5f2842a987d3b0a', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_4765b9d4c68db18d2f38d0ad', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_7f1339c408a09f3f8b2b58c5', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_c4d406b7cf7dc61a285ca132', NULL, false, NULL, NULL, 0);
INSERT INTO public.refunds VALUES ('ref_072611691fe111a399af79b3', 'ord_079749c56ca8af1b19026ee4', 'goodwill', 1000, 'eur', 'succeeded', 1, 're_b8J5PRT3zkvp8GxzdwAXTABt', 'usr_admin', '2026-11-27 10:25:56.170394+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_fd2b5d00b46642308721464cb3c86bd8', 'ord_a1301c45e5f2842a987d3b0a', 'duplicate', 4900, 'eur', 'planned', 1, NULL, 'checkout', '2026-11-27 10:25:57.40106+00', true, '{}', NULL, 0, '2026-11-27 10:25:57.40106+00', NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_5dfe0589615e25757b2d73cc', 'ord_7f1339c408a09f3f8b2b58c5', 'requested_by_customer', 4900, 'eur', 'refused', 1, NULL, 'usr_admin', '2026-11-27 10:25:57.601258+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.refunds VALUES ('ref_f667da4d27197d6527d9691f', 'ord_c4d406b7cf7dc61a285ca132', 'requested_by_customer', 3000, 'eur', 'failed', 1, 're_GzRXoWupOINiOHSnZHcTaVXB', 'usr_admin', '2026-11-27 10:25:58.344992+00', false, '{}', NULL, 0, NULL, NULL, NULL, NULL);
SELECT pg_catalog.setval('public.outbox_id_seq', 19, true);
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
