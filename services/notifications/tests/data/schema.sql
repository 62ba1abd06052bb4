-- The schema of notifications at commit 20acdf4, created by its own code: pg_dump, without SET statements.
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.deliveries (
    delivery_id uuid NOT NULL,
    template text NOT NULL,
    about text NOT NULL,
    order_id text NOT NULL,
    user_id text NOT NULL,
    recipient text NOT NULL,
    locale text NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    context jsonb NOT NULL,
    state text NOT NULL,
    reason text,
    attempts integer DEFAULT 0 NOT NULL,
    resends integer DEFAULT 0 NOT NULL,
    resent_by text,
    next_attempt_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    last_error text,
    failed_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    reviewed_by text,
    review_note text,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'skipped'::text])))
);

COMMENT ON COLUMN public.deliveries.recipient IS 'Personal data, as are the events of type masterji.order.placed.v1: erase both when a person asks for it.';

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
    facts jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.owners (
    owner_id text NOT NULL,
    next_change_at timestamp with time zone,
    needs_derivation boolean DEFAULT false NOT NULL,
    failure text,
    failed_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL
);

INSERT INTO public.alembic_version VALUES ('0002');

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (delivery_id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_template_about_key UNIQUE (template, about);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner_id);

CREATE INDEX deliveries_due ON public.deliveries USING btree (next_attempt_at, delivery_id) WHERE (state = 'pending'::text);

CREATE INDEX deliveries_given_up ON public.deliveries USING btree (failed_at, delivery_id) WHERE (state = 'failed'::text);

CREATE INDEX deliveries_newest ON public.deliveries USING btree (created_at DESC, delivery_id DESC);

CREATE INDEX deliveries_order ON public.deliveries USING btree (order_id);

CREATE INDEX deliveries_user ON public.deliveries USING btree (user_id);

CREATE INDEX events_order_id ON public.events USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX events_payment_intent_id ON public.events USING btree (payment_intent_id) WHERE (payment_intent_id IS NOT NULL);

CREATE INDEX owners_due ON public.owners USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);

CREATE INDEX owners_failed ON public.owners USING btree (failed_at) WHERE needs_derivation;

