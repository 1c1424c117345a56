-- CreateTable
CREATE TABLE "shops" (
    "id" SERIAL NOT NULL,
    "domain" TEXT NOT NULL,
    "name" TEXT,
    "currency" TEXT,
    "primary_domain" TEXT,
    "stated_at" TIMESTAMPTZ(3),
    "scopes" TEXT[],
    "scopes_stated_at" TIMESTAMPTZ(3),
    "installed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uninstalled_at" TIMESTAMPTZ(3),

    CONSTRAINT "shops_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connections" (
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "secrets" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "attention" TEXT,
    "paused_until" TIMESTAMPTZ(3),
    "tested_at" TIMESTAMPTZ(3),
    "test_ok" BOOLEAN,
    "test_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("shop_id","vendor")
);

-- CreateTable
CREATE TABLE "receipts" (
    "shop_id" INTEGER NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "event_key" TEXT,
    "topic" TEXT NOT NULL,
    "triggered_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "ignored" TEXT,

    CONSTRAINT "receipts_pkey" PRIMARY KEY ("shop_id","webhook_id")
);

-- CreateTable
CREATE TABLE "events" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT,
    "version" TIMESTAMPTZ(3),
    "visitor_id" TEXT,
    "customer_id" TEXT,
    "webhook_id" TEXT,
    "triggered_at" TIMESTAMPTZ(3),
    "consent" JSONB NOT NULL,
    "data" JSONB NOT NULL,
    "personal" TEXT,

    CONSTRAINT "events_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "shop_id" INTEGER NOT NULL,
    "event_id" UUID NOT NULL,
    "vendor" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "message" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "done" TEXT[],
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "trying_since" TIMESTAMPTZ(3),
    "replay" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("shop_id","event_id","vendor")
);

-- CreateTable
CREATE TABLE "attempts" (
    "shop_id" INTEGER NOT NULL,
    "event_id" UUID NOT NULL,
    "vendor" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "part" INTEGER NOT NULL,
    "step" TEXT NOT NULL,
    "exchange_id" UUID NOT NULL,
    "outcome" TEXT NOT NULL,
    "message" TEXT,
    "log" TEXT,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("shop_id","event_id","vendor","number","part")
);

-- CreateTable
CREATE TABLE "exchanges" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "vendor" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "request" JSON NOT NULL,
    "response" JSON,
    "error" TEXT,

    CONSTRAINT "exchanges_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "memories" (
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "version" TIMESTAMPTZ(3),
    "fingerprint" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "triggered_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "memories_pkey" PRIMARY KEY ("shop_id","vendor","subject")
);

-- CreateTable
CREATE TABLE "products" (
    "shop_id" INTEGER NOT NULL,
    "product_id" TEXT NOT NULL,
    "handle" TEXT,
    "title" TEXT,
    "brand" TEXT,
    "product_type" TEXT,
    "category" TEXT,
    "tags" TEXT[],
    "image_url" TEXT,
    "variants" JSONB NOT NULL,
    "metafields" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "products_pkey" PRIMARY KEY ("shop_id","product_id")
);

-- CreateTable
CREATE TABLE "customers" (
    "shop_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "personal" TEXT NOT NULL,
    "marketing" BOOLEAN,
    "marketing_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "customers_pkey" PRIMARY KEY ("shop_id","customer_id")
);

-- CreateTable
CREATE TABLE "privacy_requests" (
    "shop_id" INTEGER NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "privacy_requests_pkey" PRIMARY KEY ("shop_id","webhook_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "shops_domain_key" ON "shops"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "receipts_shop_id_event_key_key" ON "receipts"("shop_id", "event_key");

-- CreateIndex
CREATE INDEX "events_shop_id_subject_id_idx" ON "events"("shop_id", "subject", "id");

-- CreateIndex
CREATE UNIQUE INDEX "events_shop_id_dedupe_key_key" ON "events"("shop_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "deliveries_shop_id_vendor_event_id_idx" ON "deliveries"("shop_id", "vendor", "event_id");

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_shop_id_event_id_fkey" FOREIGN KEY ("shop_id", "event_id") REFERENCES "events"("shop_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_shop_id_event_id_vendor_fkey" FOREIGN KEY ("shop_id", "event_id", "vendor") REFERENCES "deliveries"("shop_id", "event_id", "vendor") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_shop_id_exchange_id_fkey" FOREIGN KEY ("shop_id", "exchange_id") REFERENCES "exchanges"("shop_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exchanges" ADD CONSTRAINT "exchanges_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memories" ADD CONSTRAINT "memories_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "products" ADD CONSTRAINT "products_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customers" ADD CONSTRAINT "customers_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "privacy_requests" ADD CONSTRAINT "privacy_requests_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- A lane takes its waiting deliveries in order of receipt (event ids sort by time). Almost all rows of the table
-- are done; an index of all of them would make every drain step over a shop's whole history.
CREATE INDEX "deliveries_waiting_idx" ON "deliveries"("shop_id", "vendor", "event_id") WHERE "state" IN ('pending', 'retry');

-- The sweep finds lanes that have something due and no job, over all shops; an index that starts with the shop
-- would make it visit every shop.
CREATE INDEX "deliveries_due_idx" ON "deliveries"("due_at") WHERE "state" IN ('pending', 'retry');

-- What is held or dead is looked for by releases, lists and alerts, and is as rare as what waits.
CREATE INDEX "deliveries_stopped_idx" ON "deliveries"("shop_id", "vendor", "event_id") WHERE "state" IN ('held', 'dead');

-- A state outside this list would drop a delivery out of both indexes and out of every count: it would be lost
-- without a trace.
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_state_check"
    CHECK ("state" IN ('pending', 'retry', 'delivered', 'skipped', 'dead', 'held'));

-- A privacy request in a state that nobody looks for would pass its legal term unseen.
ALTER TABLE "privacy_requests" ADD CONSTRAINT "privacy_requests_state_check"
    CHECK ("state" IN ('received', 'done'));
