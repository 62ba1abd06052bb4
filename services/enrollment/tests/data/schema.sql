-- The schema of enrollment at commit 20acdf4, created by its own code: pg_dump, without SET statements.
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

INSERT INTO public.alembic_version VALUES
	('0002');

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

