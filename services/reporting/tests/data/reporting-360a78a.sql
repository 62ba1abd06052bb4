-- A database of reporting at commit 360a78a, written by its own code: pg_dump --inserts, without SET statements.
do $$
begin
    create role reporting_analyst nologin;
exception
    when duplicate_object or unique_violation then null;
end $$;

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
    money_key text,
    payment_intent_id text,
    facts jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.money_lines (
    order_id text NOT NULL,
    line_id text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    step smallint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    currency text NOT NULL,
    orders smallint NOT NULL,
    units smallint NOT NULL,
    gross bigint NOT NULL,
    discount bigint NOT NULL,
    refunded bigint NOT NULL,
    course_id text,
    bundle_id text,
    plan_id text,
    category text,
    title text,
    country text,
    user_id text NOT NULL,
    payment_id text NOT NULL,
    tax bigint DEFAULT 0 NOT NULL,
    CONSTRAINT money_lines_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'refund'::text, 'refund_reversal'::text])))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_analyze_scale_factor='0.02');

CREATE TABLE public.owners (
    owner_id text NOT NULL,
    next_change_at timestamp with time zone,
    needs_derivation boolean DEFAULT false NOT NULL,
    failure text,
    failed_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.unattributed_payments (
    owner_id text NOT NULL,
    payment_id text NOT NULL,
    reason text NOT NULL,
    order_id text,
    received_at timestamp with time zone NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    refunded bigint NOT NULL,
    expected_currency text,
    expected_amount bigint
);

CREATE VIEW public.payments_unattributed AS
 SELECT payment_id,
    reason,
    order_id,
    received_at,
    currency,
    amount,
    refunded,
    expected_currency,
    expected_amount
   FROM public.unattributed_payments;

CREATE TABLE public.progress (
    slot smallint NOT NULL,
    as_of timestamp with time zone NOT NULL
);

CREATE VIEW public.sales_lines AS
 SELECT order_id,
    line_id,
    kind,
    reference AS session_or_refund_id,
    occurred_at,
    currency,
    orders,
    units,
    gross,
    discount,
    refunded,
    ((gross - discount) - refunded) AS net,
    course_id,
    bundle_id,
    plan_id,
    category,
    title,
    country,
    user_id,
    payment_id,
    tax
   FROM public.money_lines;
INSERT INTO public.alembic_version VALUES ('0002');
INSERT INTO public.events VALUES ('evt_001', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_1', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 2000, "discount_amount": 0}, {"title": "Course 2", "line_id": "line_2", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_2", "list_amount": 1500, "discount_amount": 500}], "country": "DE", "user_id": "user_1", "currency": "eur", "order_id": "ord_1", "amount_total": 3000}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_002', 'payment_intent.succeeded', 1772366460000000, 4070, 'pi_ord_1', 'succeeded', NULL, 'ord_1', 'pi_ord_1', '{"amount": 3000, "currency": "eur", "order_id": "ord_1", "payment_id": "pi_ord_1"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_003', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_1', 'complete', NULL, 'ord_1', 'pi_ord_1', '{"amount": 3000, "currency": "eur", "order_id": "ord_1", "before_tax": 3000, "payment_id": "pi_ord_1", "session_id": "cs_ord_1", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_004', 'refund.created', 1772452800000000, 12030, 're_1', 'succeeded', NULL, 'pi_ord_1', 'pi_ord_1', '{"lines": ["line_2"], "amount": 1000, "status": "succeeded", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_1", "payment_id": "pi_ord_1"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_005', 'masterji.order.placed.v1', 1772366700000000, 0, NULL, NULL, NULL, 'ord_2', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 700, "discount_amount": 0}], "country": "DE", "user_id": "user_2", "currency": "eur", "order_id": "ord_2", "amount_total": 700}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_006', 'checkout.session.completed', 1772366760000000, 6010, 'cs_ord_2', 'complete', NULL, 'ord_2', 'pi_ord_2', '{"amount": 700, "currency": "eur", "order_id": "ord_2", "before_tax": 700, "payment_id": "pi_ord_2", "session_id": "cs_ord_2", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_007', 'payment_intent.succeeded', 1772366760000000, 4070, 'pi_ord_2', 'succeeded', NULL, 'ord_2', 'pi_ord_2', '{"amount": 700, "currency": "eur", "order_id": "ord_2", "payment_id": "pi_ord_2"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_008', 'refund.created', 1772452800000000, 12010, 're_2', 'pending', NULL, 'pi_ord_2', 'pi_ord_2', '{"lines": [], "amount": 700, "status": "pending", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_2", "payment_id": "pi_ord_2"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_009', 'refund.updated', 1772453100000000, 12031, 're_2', 'succeeded', 'pending', 'pi_ord_2', 'pi_ord_2', '{"lines": [], "amount": 700, "status": "succeeded", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_2", "payment_id": "pi_ord_2"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_010', 'refund.failed', 1772539200000000, 12052, 're_2', 'failed', 'succeeded', 'pi_ord_2', 'pi_ord_2', '{"lines": [], "amount": 700, "status": "failed", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_2", "payment_id": "pi_ord_2"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_011', 'masterji.order.placed.v1', 1772367000000000, 0, NULL, NULL, NULL, 'ord_3', NULL, '{"lines": [{"title": "Course 3", "line_id": "line_3", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_3", "list_amount": 2000, "discount_amount": 2000}], "country": "IN", "user_id": "user_3", "currency": "eur", "order_id": "ord_3", "amount_total": 0}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_012', 'checkout.session.completed', 1772367060000000, 6010, 'cs_ord_3', 'complete', NULL, 'ord_3', NULL, '{"amount": 0, "currency": "eur", "order_id": "ord_3", "before_tax": 0, "payment_id": "cs_ord_3", "session_id": "cs_ord_3", "payment_status": "no_payment_required"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_013', 'masterji.order.placed.v1', 1772367600000000, 0, NULL, NULL, NULL, 'ord_4', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": "bundle_1", "course_id": "course_1", "list_amount": 900, "discount_amount": 0}, {"title": "Course 2", "line_id": "line_2", "plan_id": null, "category": "music", "bundle_id": "bundle_1", "course_id": "course_2", "list_amount": 100, "discount_amount": 0}], "country": "DE", "user_id": "user_4", "currency": "usd", "order_id": "ord_4", "amount_total": 1000}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_014', 'checkout.session.completed', 1772367660000000, 6010, 'cs_ord_4', 'complete', NULL, 'ord_4', 'pi_ord_4', '{"amount": 1000, "currency": "usd", "order_id": "ord_4", "before_tax": 1000, "payment_id": "pi_ord_4", "session_id": "cs_ord_4", "payment_status": "unpaid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_015', 'checkout.session.async_payment_succeeded', 1772625600000000, 6020, 'cs_ord_4', 'complete', NULL, 'ord_4', 'pi_ord_4', '{"amount": 1000, "currency": "usd", "order_id": "ord_4", "before_tax": 1000, "payment_id": "pi_ord_4", "session_id": "cs_ord_4", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_016', 'masterji.order.placed.v1', 1772368200000000, 0, NULL, NULL, NULL, 'ord_5', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 900, "discount_amount": 0}], "country": "DE", "user_id": "user_5", "currency": "eur", "order_id": "ord_5", "amount_total": 900}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_017', 'checkout.session.completed', 1772368260000000, 6010, 'cs_ord_5', 'complete', NULL, 'ord_5', 'pi_ord_5', '{"amount": 800, "currency": "eur", "order_id": "ord_5", "before_tax": 800, "payment_id": "pi_ord_5", "session_id": "cs_ord_5", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_018', 'payment_intent.succeeded', 1772368260000000, 4070, 'pi_ord_5', 'succeeded', NULL, 'ord_5', 'pi_ord_5', '{"amount": 800, "currency": "eur", "order_id": "ord_5", "payment_id": "pi_ord_5"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_019', 'masterji.order.placed.v1', 1772368320000000, 0, NULL, NULL, NULL, 'ord_6', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 900, "discount_amount": 0}], "country": "DE", "user_id": "user_6", "currency": "eur", "order_id": "ord_6", "amount_total": 900}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_020', 'checkout.session.completed', 1772368380000000, 6010, 'cs_ord_6', 'complete', NULL, 'ord_6', 'pi_ord_6', '{"amount": 900, "currency": "usd", "order_id": "ord_6", "before_tax": 900, "payment_id": "pi_ord_6", "session_id": "cs_ord_6", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_021', 'refund.created', 1772452800000000, 12030, 're_6', 'succeeded', NULL, 'pi_ord_6', 'pi_ord_6', '{"lines": [], "amount": 900, "status": "succeeded", "created": 1772452800, "currency": "usd", "order_id": null, "refund_id": "re_6", "payment_id": "pi_ord_6"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_022', 'masterji.order.placed.v1', 1772368800000000, 0, NULL, NULL, NULL, 'ord_7', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 300, "discount_amount": 0}], "country": "DE", "user_id": "user_7", "currency": "eur", "order_id": "ord_7", "amount_total": 300}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_023', 'checkout.session.completed', 1772368860000000, 6010, 'cs_ord_7', 'complete', NULL, 'ord_7', 'pi_ord_7', '{"amount": 300, "currency": "eur", "order_id": "ord_7", "before_tax": 300, "payment_id": "pi_ord_7", "session_id": "cs_ord_7", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_024', 'checkout.session.completed', 1772369100000000, 6010, 'cs_again', 'complete', NULL, 'ord_7', 'pi_again', '{"amount": 300, "currency": "eur", "order_id": "ord_7", "before_tax": 300, "payment_id": "pi_again", "session_id": "cs_again", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_025', 'payment_intent.succeeded', 1772369400000000, 4070, 'pi_foreign', 'succeeded', NULL, 'pi_foreign', 'pi_foreign', '{"amount": 111, "currency": "eur", "order_id": null, "payment_id": "pi_foreign"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_026', 'refund.created', 1772452800000000, 12030, 're_x', 'succeeded', NULL, 'pi_foreign', 'pi_foreign', '{"lines": [], "amount": 11, "status": "succeeded", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_x", "payment_id": "pi_foreign"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_027', 'charge.succeeded', 1772369460000000, 5030, 'ch_foreign', 'succeeded', NULL, 'ch_foreign', NULL, '{"amount": 222, "currency": "eur", "order_id": null, "payment_id": "ch_foreign"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_028', 'payment_intent.succeeded', 1772369520000000, 4070, 'pi_ord_8', 'succeeded', NULL, 'ord_8', 'pi_ord_8', '{"amount": 333, "currency": "eur", "order_id": "ord_8", "payment_id": "pi_ord_8"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_029', 'masterji.order.placed.v1', 1772369580000000, 0, NULL, NULL, NULL, 'ord_9', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 444, "discount_amount": 0}], "country": "DE", "user_id": "user_9", "currency": "eur", "order_id": "ord_9", "amount_total": 444}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_030', 'payment_intent.succeeded', 1772369640000000, 4070, 'pi_ord_9', 'succeeded', NULL, 'ord_9', 'pi_ord_9', '{"amount": 444, "currency": "eur", "order_id": "ord_9", "payment_id": "pi_ord_9"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_031', 'masterji.order.placed.v1', 1772370000000000, 0, NULL, NULL, NULL, 'ord_t', NULL, '{"lines": [{"title": "Course 1", "line_id": "line_1", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_1", "list_amount": 1000, "discount_amount": 0}, {"title": "Course 2", "line_id": "line_2", "plan_id": null, "category": "music", "bundle_id": null, "course_id": "course_2", "list_amount": 1000, "discount_amount": 0}], "country": "DE", "user_id": "user_t", "currency": "eur", "order_id": "ord_t", "amount_total": 2000}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_032', 'checkout.session.completed', 1772370060000000, 6010, 'cs_ord_t', 'complete', NULL, 'ord_t', 'pi_ord_t', '{"amount": 2380, "currency": "eur", "order_id": "ord_t", "before_tax": 2000, "payment_id": "pi_ord_t", "session_id": "cs_ord_t", "payment_status": "paid"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_033', 'payment_intent.succeeded', 1772370060000000, 4070, 'pi_ord_t', 'succeeded', NULL, 'ord_t', 'pi_ord_t', '{"amount": 2380, "currency": "eur", "order_id": "ord_t", "payment_id": "pi_ord_t"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.events VALUES ('evt_034', 'refund.created', 1772452800000000, 12030, 're_t', 'succeeded', NULL, 'pi_ord_t', 'pi_ord_t', '{"lines": [], "amount": 1190, "status": "succeeded", "created": 1772452800, "currency": "eur", "order_id": null, "refund_id": "re_t", "payment_id": "pi_ord_t"}', '2026-11-27 10:21:36.999593+00');
INSERT INTO public.money_lines VALUES ('ord_1', 'line_1', 'sale', 'cs_ord_1', 0, '2026-03-01 12:01:00+00', 'eur', 1, 1, 2000, 0, 0, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_1', 'pi_ord_1', 0);
INSERT INTO public.money_lines VALUES ('ord_1', 'line_2', 'sale', 'cs_ord_1', 0, '2026-03-01 12:01:00+00', 'eur', 0, 1, 1500, 500, 0, 'course_2', NULL, NULL, 'music', 'Course 2', 'DE', 'user_1', 'pi_ord_1', 0);
INSERT INTO public.money_lines VALUES ('ord_1', 'line_2', 'refund', 're_1', 0, '2026-03-02 12:00:00+00', 'eur', 0, 0, 0, 0, 1000, 'course_2', NULL, NULL, 'music', 'Course 2', 'DE', 'user_1', 'pi_ord_1', 0);
INSERT INTO public.money_lines VALUES ('ord_2', 'line_1', 'sale', 'cs_ord_2', 0, '2026-03-01 12:06:00+00', 'eur', 1, 1, 700, 0, 0, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_2', 'pi_ord_2', 0);
INSERT INTO public.money_lines VALUES ('ord_2', 'line_1', 'refund', 're_2', 0, '2026-03-02 12:05:00+00', 'eur', 0, 0, 0, 0, 700, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_2', 'pi_ord_2', 0);
INSERT INTO public.money_lines VALUES ('ord_2', 'line_1', 'refund_reversal', 're_2', 1, '2026-03-03 12:00:00+00', 'eur', 0, 0, 0, 0, -700, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_2', 'pi_ord_2', 0);
INSERT INTO public.money_lines VALUES ('ord_3', 'line_3', 'sale', 'cs_ord_3', 0, '2026-03-01 12:11:00+00', 'eur', 1, 1, 2000, 2000, 0, 'course_3', NULL, NULL, 'music', 'Course 3', 'IN', 'user_3', 'cs_ord_3', 0);
INSERT INTO public.money_lines VALUES ('ord_4', 'line_1', 'sale', 'cs_ord_4', 0, '2026-03-04 12:00:00+00', 'usd', 1, 1, 900, 0, 0, 'course_1', 'bundle_1', NULL, 'music', 'Course 1', 'DE', 'user_4', 'pi_ord_4', 0);
INSERT INTO public.money_lines VALUES ('ord_4', 'line_2', 'sale', 'cs_ord_4', 0, '2026-03-04 12:00:00+00', 'usd', 0, 1, 100, 0, 0, 'course_2', 'bundle_1', NULL, 'music', 'Course 2', 'DE', 'user_4', 'pi_ord_4', 0);
INSERT INTO public.money_lines VALUES ('ord_7', 'line_1', 'sale', 'cs_ord_7', 0, '2026-03-01 12:41:00+00', 'eur', 1, 1, 300, 0, 0, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_7', 'pi_ord_7', 0);
INSERT INTO public.money_lines VALUES ('ord_t', 'line_1', 'sale', 'cs_ord_t', 0, '2026-03-01 13:01:00+00', 'eur', 1, 1, 1000, 0, 0, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_t', 'pi_ord_t', 190);
INSERT INTO public.money_lines VALUES ('ord_t', 'line_2', 'sale', 'cs_ord_t', 0, '2026-03-01 13:01:00+00', 'eur', 0, 1, 1000, 0, 0, 'course_2', NULL, NULL, 'music', 'Course 2', 'DE', 'user_t', 'pi_ord_t', 190);
INSERT INTO public.money_lines VALUES ('ord_t', 'line_1', 'refund', 're_t', 0, '2026-03-02 12:00:00+00', 'eur', 0, 0, 0, 0, 500, 'course_1', NULL, NULL, 'music', 'Course 1', 'DE', 'user_t', 'pi_ord_t', -95);
INSERT INTO public.money_lines VALUES ('ord_t', 'line_2', 'refund', 're_t', 0, '2026-03-02 12:00:00+00', 'eur', 0, 0, 0, 0, 500, 'course_2', NULL, NULL, 'music', 'Course 2', 'DE', 'user_t', 'pi_ord_t', -95);
INSERT INTO public.owners VALUES ('ch_foreign', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_1', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_2', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_3', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_4', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_5', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_6', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_7', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_8', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_9', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_t', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('pi_foreign', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('pi_ord_1', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('pi_ord_2', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('pi_ord_6', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('pi_ord_t', NULL, false, NULL, NULL, 0);
INSERT INTO public.progress VALUES (2, '2026-03-04 12:00:00+00');
INSERT INTO public.unattributed_payments VALUES ('ch_foreign', 'ch_foreign', 'foreign', NULL, '2026-03-01 12:51:00+00', 'eur', 222, 0, NULL, NULL);
INSERT INTO public.unattributed_payments VALUES ('ord_5', 'pi_ord_5', 'amount_mismatch', 'ord_5', '2026-03-01 12:31:00+00', 'eur', 800, 0, 'eur', 900);
INSERT INTO public.unattributed_payments VALUES ('ord_6', 'pi_ord_6', 'currency_mismatch', 'ord_6', '2026-03-01 12:33:00+00', 'usd', 900, 900, 'eur', 900);
INSERT INTO public.unattributed_payments VALUES ('ord_7', 'pi_again', 'paid_again', 'ord_7', '2026-03-01 12:45:00+00', 'eur', 300, 0, 'eur', 300);
INSERT INTO public.unattributed_payments VALUES ('ord_8', 'pi_ord_8', 'order_unknown', 'ord_8', '2026-03-01 12:52:00+00', 'eur', 333, 0, NULL, NULL);
INSERT INTO public.unattributed_payments VALUES ('ord_9', 'pi_ord_9', 'session_missing', 'ord_9', '2026-03-01 12:54:00+00', 'eur', 444, 0, 'eur', 444);
INSERT INTO public.unattributed_payments VALUES ('pi_foreign', 'pi_foreign', 'foreign', NULL, '2026-03-01 12:50:00+00', 'eur', 111, 11, NULL, NULL);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.money_lines
    ADD CONSTRAINT money_lines_pkey PRIMARY KEY (order_id, line_id, kind, reference, step);
ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner_id);
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (slot);
ALTER TABLE ONLY public.unattributed_payments
    ADD CONSTRAINT unattributed_payments_pkey PRIMARY KEY (owner_id, payment_id);
CREATE INDEX events_money_key ON public.events USING btree (money_key) WHERE (money_key IS NOT NULL);
CREATE INDEX events_payment_intent_id ON public.events USING btree (payment_intent_id) WHERE (payment_intent_id IS NOT NULL);
CREATE INDEX money_lines_report ON public.money_lines USING btree (currency, occurred_at) INCLUDE (orders, units, gross, discount, refunded, tax);
CREATE INDEX owners_due ON public.owners USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);
CREATE INDEX owners_failed ON public.owners USING btree (failed_at) WHERE needs_derivation;
CREATE INDEX unattributed_payments_newest ON public.unattributed_payments USING btree (received_at DESC, payment_id DESC);
GRANT USAGE ON SCHEMA public TO reporting_analyst;
GRANT SELECT ON TABLE public.payments_unattributed TO reporting_analyst;
GRANT SELECT ON TABLE public.sales_lines TO reporting_analyst;
