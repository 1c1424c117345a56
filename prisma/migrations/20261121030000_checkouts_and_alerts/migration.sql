-- AlterTable
ALTER TABLE "shops" ADD COLUMN     "abandoned_after_minutes" INTEGER NOT NULL DEFAULT 60;

-- CreateTable
CREATE TABLE "checkouts" (
    "shop_id" INTEGER NOT NULL,
    "token" TEXT NOT NULL,
    "cart_token" TEXT,
    "event_id" UUID,
    "state_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "ordered_at" TIMESTAMPTZ(3),
    "abandoned_at" TIMESTAMPTZ(3),

    CONSTRAINT "checkouts_pkey" PRIMARY KEY ("shop_id","token")
);

-- CreateTable
CREATE TABLE "alerts" (
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "level" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "message" TEXT NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("shop_id","vendor","kind","opened_at")
);

-- CreateTable
CREATE TABLE "alert_notices" (
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "channel" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_notices_pkey" PRIMARY KEY ("shop_id","vendor","kind","opened_at","channel","level")
);

-- CreateIndex
CREATE INDEX "checkouts_shop_id_cart_token_idx" ON "checkouts"("shop_id", "cart_token");

-- CreateIndex
CREATE INDEX "checkouts_changed_at_idx" ON "checkouts"("changed_at");

-- AddForeignKey
ALTER TABLE "checkouts" ADD CONSTRAINT "checkouts_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_notices" ADD CONSTRAINT "alert_notices_shop_id_vendor_kind_opened_at_fkey" FOREIGN KEY ("shop_id", "vendor", "kind", "opened_at") REFERENCES "alerts"("shop_id", "vendor", "kind", "opened_at") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- The timer finds checkouts whose time has come over all shops; those that are settled have no time any more.
CREATE INDEX "checkouts_due_idx" ON "checkouts"("due_at", "shop_id", "token") WHERE "due_at" IS NOT NULL;

-- One open alert per lane and kind; a second, opened by two processes at once, would be told twice.
CREATE UNIQUE INDEX "alerts_open_idx" ON "alerts"("shop_id", "vendor", "kind") WHERE "resolved_at" IS NULL;

-- What is still to be told, over all shops.
CREATE INDEX "alert_notices_waiting_idx" ON "alert_notices"("channel", "due_at") WHERE "sent_at" IS NULL AND "failed_at" IS NULL;

-- Alerts look each minute for lanes that wait for a person, over all shops; few connections do.
CREATE INDEX "connections_attention_idx" ON "connections"("shop_id", "vendor") WHERE "attention" IS NOT NULL;
