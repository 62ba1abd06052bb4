-- A database of notifications at commit 360a78a, written by its own code: pg_dump --inserts, without SET statements.
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

INSERT INTO public.deliveries VALUES ('231259e2-164f-508e-9065-97fcd374fcb8', 'receipt', 'ord_old', 'ord_old', 'user_1', 'old@example.com', 'en', '2026-02-24 12:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "total": 2000, "paid_at": "2026-02-24T12:01:00+00:00", "currency": "eur", "order_id": "ord_old"}', 'skipped', 'too_old', 0, 0, NULL, '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('1a71e537-6df9-552a-8821-226522f660c3', 'receipt', 'ord_sent', 'ord_sent', 'user_1', 'asha@example.com', 'de', '2026-03-01 12:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "title": "Raga & tala", "line_id": "line_2", "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "total": 7420, "paid_at": "2026-03-01T12:01:00+00:00", "currency": "eur", "order_id": "ord_sent"}', 'sent', NULL, 1, 0, NULL, '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('b7e894ad-b586-56f4-9e6f-b45262329bef', 'receipt', 'ord_failed', 'ord_failed', 'user_1', 'nobody@example.com', 'fr', '2026-03-01 12:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Raga & tala", "line_id": "line_1", "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "total": 3500, "paid_at": "2026-03-01T12:01:00+00:00", "currency": "eur", "order_id": "ord_failed"}', 'failed', 'rejected', 1, 0, NULL, '2026-03-01 12:04:00+00', '2026-03-01 12:04:00+00', NULL, 'The mail server refuses the recipient: 550 no such user.', '2026-03-01 12:04:00+00', NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('957a8e55-dc49-5bf5-a5a0-73a75dbd7b02', 'receipt', 'ord_reviewed', 'ord_reviewed', 'user_1', 'gone@example.com', 'es', '2026-03-01 12:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "total": 2000, "paid_at": "2026-03-01T12:01:00+00:00", "currency": "eur", "order_id": "ord_reviewed"}', 'skipped', 'reviewed', 1, 0, NULL, '2026-03-01 12:05:00+00', '2026-03-01 12:05:00+00', NULL, 'The mail server refuses the recipient: 550 no such user.', '2026-03-01 12:05:00+00', '2026-03-01 12:05:00+00', 'usr_admin', 'the buyer has no mailbox');
INSERT INTO public.deliveries VALUES ('c4e961ba-9e66-505d-ad47-9c598043aa75', 'receipt', 'ord_duplicate', 'ord_duplicate', 'user_1', 'lena@example.com', 'en-GB', '2026-03-01 12:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}], "total": 3920, "paid_at": "2026-03-01T12:01:00+00:00", "currency": "eur", "order_id": "ord_duplicate"}', 'pending', NULL, 0, 1, 'usr_admin', '2026-03-01 12:06:00+00', '2026-03-01 12:06:00+00', '2026-03-01 12:06:00+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('6ec18421-2d81-5598-9056-aae117849188', 'refund', 're_ord_duplicate', 'ord_duplicate', 'user_1', 'lena@example.com', 'en-GB', '2026-03-01 13:00:00+00', '{"lines": [{"kind": "course", "lost": true, "title": "Sitar for beginners", "line_id": "line_1", "refunded": 3920, "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}], "amount": 3920, "currency": "eur", "order_id": "ord_duplicate", "duplicate": true, "refunded_at": "2026-03-01T13:00:00+00:00"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('251d5987-e697-5308-b4db-2f104dfd4d92', 'refund', 're_part', 'ord_sent', 'user_1', 'asha@example.com', 'de', '2026-03-01 12:51:00+00', '{"lines": [{"kind": "course", "lost": false, "title": "Sitar for beginners", "line_id": "line_1", "refunded": 528, "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "lost": false, "title": "Raga & tala", "line_id": "line_2", "refunded": 472, "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "amount": 1000, "currency": "eur", "order_id": "ord_sent", "duplicate": false, "refunded_at": "2026-03-01T12:51:00+00:00"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('72010d37-d12b-5876-b52b-45fea5441d35', 'refund', 're_line', 'ord_sent', 'user_1', 'asha@example.com', 'de', '2026-03-01 12:55:00+00', '{"lines": [{"kind": "course", "lost": false, "title": "Sitar for beginners", "line_id": "line_1", "refunded": 472, "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "lost": false, "title": "Raga & tala", "line_id": "line_2", "refunded": 3028, "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "amount": 3500, "currency": "eur", "order_id": "ord_sent", "duplicate": false, "refunded_at": "2026-03-01T12:55:00+00:00"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('be2721aa-95b4-5587-a845-38164e293982', 'receipt', 'ord_free', 'ord_free', 'user_1', 'free@example.com', 'hi', '2026-03-01 13:01:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Tabla", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 2000}], "total": 0, "paid_at": "2026-03-01T13:01:00+00:00", "currency": "eur", "order_id": "ord_free"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('88c6b021-1603-5f95-ad3d-2d47105311a2', 'receipt', 'ord_late', 'ord_late', 'user_1', 'late@example.com', 'en', '2026-03-01 13:02:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "total": 2000, "paid_at": "2026-03-01T13:02:00+00:00", "currency": "eur", "order_id": "ord_late"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('36d8b2f8-5ebf-53c6-bd23-dd210fe31ecb', 'receipt', 'ord_tax', 'ord_tax', 'user_1', 'tax@example.com', 'de', '2026-03-01 13:03:00+00', '{"tax": 1410, "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": "start", "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "title": "Raga & tala", "line_id": "line_2", "bundle_id": "start", "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "total": 8830, "paid_at": "2026-03-01T13:03:00+00:00", "currency": "eur", "order_id": "ord_tax"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('ffbfb89a-e9b5-5754-badd-16451bc4c9a4', 'refund', 're_tax', 'ord_tax', 'user_1', 'tax@example.com', 'de', '2026-03-01 13:04:00+00', '{"lines": [{"kind": "course", "lost": true, "title": "Sitar for beginners", "line_id": "line_1", "refunded": 4665, "bundle_id": "start", "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "lost": true, "title": "Raga & tala", "line_id": "line_2", "refunded": 4165, "bundle_id": "start", "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "amount": 8830, "currency": "eur", "order_id": "ord_tax", "duplicate": false, "refunded_at": "2026-03-01T13:04:00+00:00"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('c2602b88-81f5-5082-908e-24a8ec828676', 'refund', 're_wrong', 'ord_wrong', 'user_1', 'wrong@example.com', 'en', '2026-03-01 13:06:00+00', '{"lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "amount": 1999, "currency": "eur", "order_id": "ord_wrong", "duplicate": false, "refunded_at": "2026-03-01T13:06:00+00:00"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.deliveries VALUES ('a364a450-923b-54ee-bd23-d9c95fa6213b', 'receipt', 'ord_usd', 'ord_usd', 'user_1', 'usd@example.com', 'en', '2026-03-01 13:07:00+00', '{"tax": 0, "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}, {"kind": "plan", "title": "A year of music", "line_id": "line_2", "bundle_id": null, "course_id": null, "access_days": null, "list_amount": 12000, "discount_amount": 0}], "total": 14000, "paid_at": "2026-03-01T13:07:00+00:00", "currency": "usd", "order_id": "ord_usd"}', 'pending', NULL, 0, 0, NULL, '2026-03-01 13:30:00+00', '2026-03-01 13:30:00+00', NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.events VALUES ('evt_ord_old_0', 'masterji.order.placed.v1', 1771934400000000, 0, NULL, NULL, NULL, 'ord_old', NULL, '{"email": "old@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "eur", "order_id": "ord_old", "amount_total": 2000}', '2026-11-27 10:34:25.643325+00');
INSERT INTO public.events VALUES ('evt_ord_old_1', 'checkout.session.completed', 1771934460000000, 6010, 'cs_ord_old', 'complete', NULL, 'ord_old', 'pi_ord_old', '{"amount": 2000, "currency": "eur", "order_id": "ord_old", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:25.643325+00');
INSERT INTO public.events VALUES ('evt_ord_sent_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_sent', NULL, '{"email": "asha@example.com", "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "title": "Raga & tala", "line_id": "line_2", "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "locale": "de", "user_id": "user_1", "currency": "eur", "order_id": "ord_sent", "amount_total": 7420}', '2026-11-27 10:34:25.677061+00');
INSERT INTO public.events VALUES ('evt_ord_sent_1', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_sent', 'complete', NULL, 'ord_sent', 'pi_ord_sent', '{"amount": 7420, "currency": "eur", "order_id": "ord_sent", "before_tax": 7420, "payment_status": "paid"}', '2026-11-27 10:34:25.677061+00');
INSERT INTO public.events VALUES ('evt_ord_erased_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_erased', NULL, '{"lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "eur", "order_id": "ord_erased", "amount_total": 2000}', '2026-11-27 10:34:26.138916+00');
INSERT INTO public.events VALUES ('evt_ord_erased_1', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_erased', 'complete', NULL, 'ord_erased', 'pi_ord_erased', '{"amount": 2000, "currency": "eur", "order_id": "ord_erased", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:26.138916+00');
INSERT INTO public.events VALUES ('evt_ord_failed_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_failed', NULL, '{"email": "nobody@example.com", "lines": [{"kind": "course", "title": "Raga & tala", "line_id": "line_1", "bundle_id": null, "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "locale": "fr", "user_id": "user_1", "currency": "eur", "order_id": "ord_failed", "amount_total": 3500}', '2026-11-27 10:34:26.252893+00');
INSERT INTO public.events VALUES ('evt_ord_failed_1', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_failed', 'complete', NULL, 'ord_failed', 'pi_ord_failed', '{"amount": 3500, "currency": "eur", "order_id": "ord_failed", "before_tax": 3500, "payment_status": "paid"}', '2026-11-27 10:34:26.252893+00');
INSERT INTO public.events VALUES ('evt_ord_reviewed_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_reviewed', NULL, '{"email": "gone@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "es", "user_id": "user_1", "currency": "eur", "order_id": "ord_reviewed", "amount_total": 2000}', '2026-11-27 10:34:26.387535+00');
INSERT INTO public.events VALUES ('evt_ord_reviewed_1', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_reviewed', 'complete', NULL, 'ord_reviewed', 'pi_ord_reviewed', '{"amount": 2000, "currency": "eur", "order_id": "ord_reviewed", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:26.387535+00');
INSERT INTO public.events VALUES ('evt_ord_duplicate_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_duplicate', NULL, '{"email": "lena@example.com", "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": null, "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}], "locale": "en-GB", "user_id": "user_1", "currency": "eur", "order_id": "ord_duplicate", "amount_total": 3920}', '2026-11-27 10:34:26.514057+00');
INSERT INTO public.events VALUES ('evt_ord_duplicate_1', 'checkout.session.completed', 1772366460000000, 6010, 'cs_ord_duplicate', 'complete', NULL, 'ord_duplicate', 'pi_ord_duplicate', '{"amount": 3920, "currency": "eur", "order_id": "ord_duplicate", "before_tax": 3920, "payment_status": "paid"}', '2026-11-27 10:34:26.514057+00');
INSERT INTO public.events VALUES ('evt_ord_duplicate_2', 'refund.created', 1772370000000000, 12030, 're_ord_duplicate', 'succeeded', NULL, NULL, 'pi_ord_duplicate', '{"amount": 3920, "status": "succeeded", "created": null, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": true, "refund_id": "re_ord_duplicate"}', '2026-11-27 10:34:26.643411+00');
INSERT INTO public.events VALUES ('evt_ord_sent_2', 'refund.created', 1772369400000000, 12010, 're_part', 'pending', NULL, NULL, 'pi_ord_sent', '{"amount": 1000, "status": "pending", "created": 1772369400, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_part"}', '2026-11-27 10:34:26.670208+00');
INSERT INTO public.events VALUES ('evt_ord_sent_3', 'refund.updated', 1772369460000000, 12031, 're_part', 'succeeded', 'pending', NULL, 'pi_ord_sent', '{"amount": 1000, "status": "succeeded", "created": 1772369400, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_part"}', '2026-11-27 10:34:26.670208+00');
INSERT INTO public.events VALUES ('evt_ord_sent_4', 'refund.created', 1772369700000000, 12030, 're_line', 'succeeded', NULL, NULL, 'pi_ord_sent', '{"amount": 3500, "status": "succeeded", "created": 1772369700, "currency": "eur", "line_ids": ["line_2"], "order_id": null, "duplicate": false, "refund_id": "re_line"}', '2026-11-27 10:34:26.670208+00');
INSERT INTO public.events VALUES ('evt_ord_sent_5', 'refund.updated', 1772369880000000, 12051, 're_line', 'failed', 'succeeded', NULL, 'pi_ord_sent', '{"amount": 3500, "status": "failed", "created": 1772369700, "currency": "eur", "line_ids": ["line_2"], "order_id": null, "duplicate": false, "refund_id": "re_line"}', '2026-11-27 10:34:26.670208+00');
INSERT INTO public.events VALUES ('evt_ord_free_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_free', NULL, '{"email": "free@example.com", "lines": [{"kind": "course", "title": "Tabla", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 2000}], "locale": "hi", "user_id": "user_1", "currency": "eur", "order_id": "ord_free", "amount_total": 0}', '2026-11-27 10:34:26.685159+00');
INSERT INTO public.events VALUES ('evt_ord_free_1', 'checkout.session.completed', 1772370060000000, 6010, 'cs_ord_free', 'complete', NULL, 'ord_free', NULL, '{"amount": 0, "currency": "eur", "order_id": "ord_free", "before_tax": 0, "payment_status": "no_payment_required"}', '2026-11-27 10:34:26.685159+00');
INSERT INTO public.events VALUES ('evt_ord_late_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_late', NULL, '{"email": "late@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "eur", "order_id": "ord_late", "amount_total": 2000}', '2026-11-27 10:34:26.696595+00');
INSERT INTO public.events VALUES ('evt_ord_late_1', 'checkout.session.completed', 1772366520000000, 6010, 'cs_ord_late', 'complete', NULL, 'ord_late', 'pi_ord_late', '{"amount": 2000, "currency": "eur", "order_id": "ord_late", "before_tax": 2000, "payment_status": "unpaid"}', '2026-11-27 10:34:26.696595+00');
INSERT INTO public.events VALUES ('evt_ord_late_2', 'checkout.session.async_payment_succeeded', 1772370120000000, 6020, 'cs_ord_late', 'complete', NULL, 'ord_late', 'pi_ord_late', '{"amount": 2000, "currency": "eur", "order_id": "ord_late", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:26.696595+00');
INSERT INTO public.events VALUES ('evt_ord_tax_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_tax', NULL, '{"email": "tax@example.com", "lines": [{"kind": "course", "title": "Sitar for beginners", "line_id": "line_1", "bundle_id": "start", "course_id": "sitar", "access_days": null, "list_amount": 4900, "discount_amount": 980}, {"kind": "course", "title": "Raga & tala", "line_id": "line_2", "bundle_id": "start", "course_id": "raga", "access_days": 365, "list_amount": 3500, "discount_amount": 0}], "locale": "de", "user_id": "user_1", "currency": "eur", "order_id": "ord_tax", "amount_total": 7420}', '2026-11-27 10:34:26.709651+00');
INSERT INTO public.events VALUES ('evt_ord_tax_1', 'checkout.session.completed', 1772370180000000, 6010, 'cs_ord_tax', 'complete', NULL, 'ord_tax', 'pi_ord_tax', '{"amount": 8830, "currency": "eur", "order_id": "ord_tax", "before_tax": 7420, "payment_status": "paid"}', '2026-11-27 10:34:26.709651+00');
INSERT INTO public.events VALUES ('evt_ord_tax_2', 'refund.created', 1772370240000000, 12030, 're_tax', 'succeeded', NULL, NULL, 'pi_ord_tax', '{"amount": 8830, "status": "succeeded", "created": 1772370240, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_tax"}', '2026-11-27 10:34:26.709651+00');
INSERT INTO public.events VALUES ('evt_ord_wrong_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_wrong', NULL, '{"email": "wrong@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "eur", "order_id": "ord_wrong", "amount_total": 2000}', '2026-11-27 10:34:26.728827+00');
INSERT INTO public.events VALUES ('evt_ord_wrong_1', 'checkout.session.completed', 1772370300000000, 6010, 'cs_ord_wrong', 'complete', NULL, 'ord_wrong', 'pi_ord_wrong', '{"amount": 1999, "currency": "eur", "order_id": "ord_wrong", "before_tax": 1999, "payment_status": "paid"}', '2026-11-27 10:34:26.728827+00');
INSERT INTO public.events VALUES ('evt_ord_wrong_2', 'refund.created', 1772370360000000, 12030, 're_wrong', 'succeeded', NULL, NULL, 'pi_ord_wrong', '{"amount": 1999, "status": "succeeded", "created": null, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_wrong"}', '2026-11-27 10:34:26.728827+00');
INSERT INTO public.events VALUES ('evt_ord_usd_0', 'masterji.order.placed.v1', 1772366400000000, 0, NULL, NULL, NULL, 'ord_usd', NULL, '{"email": "usd@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}, {"kind": "plan", "title": "A year of music", "line_id": "line_2", "bundle_id": null, "course_id": null, "access_days": null, "list_amount": 12000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "usd", "order_id": "ord_usd", "amount_total": 14000}', '2026-11-27 10:34:26.743338+00');
INSERT INTO public.events VALUES ('evt_ord_usd_1', 'checkout.session.completed', 1772370420000000, 6010, 'cs_ord_usd', 'complete', NULL, 'ord_usd', 'pi_ord_usd', '{"amount": 14000, "currency": "usd", "order_id": "ord_usd", "before_tax": 14000, "payment_status": "paid"}', '2026-11-27 10:34:26.743338+00');
INSERT INTO public.events VALUES ('evt_ord_placed_0', 'masterji.order.placed.v1', 1772370480000000, 0, NULL, NULL, NULL, 'ord_placed', NULL, '{"email": "placed@example.com", "lines": [{"kind": "course", "title": "Course 1", "line_id": "line_1", "bundle_id": null, "course_id": "course-1", "access_days": null, "list_amount": 2000, "discount_amount": 0}], "locale": "en", "user_id": "user_1", "currency": "eur", "order_id": "ord_placed", "amount_total": 2000}', '2026-11-27 10:34:26.769874+00');
INSERT INTO public.events VALUES ('evt_ord_loose_0', 'checkout.session.completed', 1772370540000000, 6010, 'cs_ord_loose', 'complete', NULL, 'ord_loose', 'pi_ord_loose', '{"amount": 2000, "currency": "eur", "order_id": "ord_loose", "before_tax": 2000, "payment_status": "paid"}', '2026-11-27 10:34:26.785355+00');
INSERT INTO public.events VALUES ('evt_ord_loose_1', 'refund.created', 1772370600000000, 12030, 're_loose', 'succeeded', NULL, NULL, 'pi_ord_loose', '{"amount": 500, "status": "succeeded", "created": null, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_loose"}', '2026-11-27 10:34:26.785355+00');
INSERT INTO public.events VALUES ('evt_ord_foreign_0', 'refund.created', 1772370660000000, 12030, 're_foreign', 'succeeded', NULL, NULL, 'pi_foreign', '{"amount": 700, "status": "succeeded", "created": null, "currency": "eur", "line_ids": [], "order_id": null, "duplicate": false, "refund_id": "re_foreign"}', '2026-11-27 10:34:26.79701+00');

INSERT INTO public.owners VALUES ('ord_old', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_sent', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_erased', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_failed', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_reviewed', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_duplicate', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_free', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_late', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_tax', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_wrong', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_usd', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_placed', NULL, false, NULL, NULL, 0);
INSERT INTO public.owners VALUES ('ord_loose', NULL, false, NULL, NULL, 0);

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
