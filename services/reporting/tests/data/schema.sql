-- The schema of reporting at commit 20acdf4, created by its own code: pg_dump, without SET statements.
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
    payment_id
   FROM public.money_lines;
INSERT INTO public.alembic_version VALUES ('0001');
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
CREATE INDEX money_lines_report ON public.money_lines USING btree (currency, occurred_at) INCLUDE (orders, units, gross, discount, refunded);
CREATE INDEX owners_due ON public.owners USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);
CREATE INDEX owners_failed ON public.owners USING btree (failed_at) WHERE needs_derivation;
CREATE INDEX unattributed_payments_newest ON public.unattributed_payments USING btree (received_at DESC, payment_id DESC);
GRANT USAGE ON SCHEMA public TO reporting_analyst;
GRANT SELECT ON TABLE public.payments_unattributed TO reporting_analyst;
GRANT SELECT ON TABLE public.sales_lines TO reporting_analyst;

