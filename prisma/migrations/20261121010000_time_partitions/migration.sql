-- Events, deliveries, attempts and exchanges by week: retention drops a table instead of deleting millions of rows.
-- The partition's column is the UUIDv7 id of the event (of the exchange, for exchanges), whose first 48 bits are the
-- Unix time in milliseconds: keys stay as they were. app/db/partitions.ts makes the weeks and moves what the default
-- partitions hold into them.

-- Foreign keys between tables that every webhook writes cost a lookup and a lock per row, and a referenced partition
-- cannot be dropped without searching what refers to it.
ALTER TABLE "attempts" DROP CONSTRAINT "attempts_shop_id_event_id_vendor_fkey";
ALTER TABLE "attempts" DROP CONSTRAINT "attempts_shop_id_exchange_id_fkey";
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_shop_id_event_id_fkey";
ALTER TABLE "events" DROP CONSTRAINT "events_shop_id_fkey";
ALTER TABLE "exchanges" DROP CONSTRAINT "exchanges_shop_id_fkey";
ALTER TABLE "memories" DROP CONSTRAINT "memories_shop_id_fkey";
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_shop_id_fkey";

-- Receipts are deleted by age, a few thousand at a time.
CREATE INDEX "receipts_received_at_idx" ON "receipts"("received_at");

ALTER TABLE "shops" ADD COLUMN "release_within_days" INTEGER NOT NULL DEFAULT 7;
ALTER TABLE "connections" ADD COLUMN "released_at" TIMESTAMPTZ(3), ADD COLUMN "turn" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "deliveries" ADD COLUMN "priority" SMALLINT NOT NULL DEFAULT 0;

CREATE TABLE "event_keys" (
    "shop_id" INTEGER NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "event_id" UUID NOT NULL,

    CONSTRAINT "event_keys_pkey" PRIMARY KEY ("shop_id","dedupe_key")
);
INSERT INTO "event_keys" SELECT "shop_id", "dedupe_key", "id" FROM "events";
DROP INDEX "events_shop_id_dedupe_key_key";

-- Each table becomes the first rows of its partitioned successor.

ALTER TABLE "events" RENAME TO "events_before";
ALTER TABLE "events_before" RENAME CONSTRAINT "events_pkey" TO "events_before_pkey";
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
) PARTITION BY RANGE ("id");
CREATE TABLE "events_default" PARTITION OF "events" DEFAULT;
INSERT INTO "events" SELECT * FROM "events_before";
DROP TABLE "events_before";

ALTER TABLE "deliveries" RENAME TO "deliveries_before";
ALTER TABLE "deliveries_before" RENAME CONSTRAINT "deliveries_pkey" TO "deliveries_before_pkey";
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
    "priority" SMALLINT NOT NULL DEFAULT 0,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("shop_id","event_id","vendor")
) PARTITION BY RANGE ("event_id");
CREATE TABLE "deliveries_default" PARTITION OF "deliveries" DEFAULT;
INSERT INTO "deliveries" SELECT * FROM "deliveries_before";
DROP TABLE "deliveries_before";

ALTER TABLE "attempts" RENAME TO "attempts_before";
ALTER TABLE "attempts_before" RENAME CONSTRAINT "attempts_pkey" TO "attempts_before_pkey";
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
) PARTITION BY RANGE ("event_id");
CREATE TABLE "attempts_default" PARTITION OF "attempts" DEFAULT;
INSERT INTO "attempts" SELECT * FROM "attempts_before";
DROP TABLE "attempts_before";

ALTER TABLE "exchanges" RENAME TO "exchanges_before";
ALTER TABLE "exchanges_before" RENAME CONSTRAINT "exchanges_pkey" TO "exchanges_before_pkey";
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
) PARTITION BY RANGE ("id");
CREATE TABLE "exchanges_default" PARTITION OF "exchanges" DEFAULT;
INSERT INTO "exchanges" SELECT * FROM "exchanges_before";
DROP TABLE "exchanges_before";

CREATE INDEX "events_shop_id_subject_id_idx" ON "events"("shop_id", "subject", "id");
CREATE INDEX "deliveries_shop_id_vendor_event_id_idx" ON "deliveries"("shop_id", "vendor", "event_id");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- A lane takes its waiting deliveries live ones first, in order of receipt. Almost all rows of the table are done; an
-- index of all of them would make every drain step over a shop's whole history. The sweep walks it from lane to lane.
CREATE INDEX "deliveries_waiting_idx" ON "deliveries"("shop_id", "vendor", "priority", "event_id") WHERE "state" IN ('pending', 'retry');

-- What is held is looked for whenever a lane runs again, and must not be found among what is dead.
CREATE INDEX "deliveries_held_idx" ON "deliveries"("shop_id", "vendor", "event_id") WHERE "state" = 'held';
CREATE INDEX "deliveries_dead_idx" ON "deliveries"("shop_id", "vendor", "event_id") WHERE "state" = 'dead';

-- A state outside this list would drop a delivery out of both indexes and out of every count: it would be lost
-- without a trace.
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_state_check"
    CHECK ("state" IN ('pending', 'retry', 'delivered', 'skipped', 'dead', 'held'));
