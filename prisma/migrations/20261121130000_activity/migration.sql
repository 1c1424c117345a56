-- By which an event is found by its person's address while that is sealed. Events from before this have none.
ALTER TABLE "events" ADD COLUMN "email_mark" TEXT;

-- CreateIndex
CREATE INDEX "events_shop_id_type_id_idx" ON "events"("shop_id", "type", "id");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- Most events have no address, and no order.
CREATE INDEX "events_email_idx" ON "events"("shop_id", "email_mark", "id") WHERE "email_mark" IS NOT NULL;

-- An index takes no text of any length.
CREATE INDEX "events_order_name_idx" ON "events"("shop_id", left("data" #>> '{order,name}', 100), "id")
    WHERE ("data" #>> '{order,name}') IS NOT NULL;

-- What was skipped for one reason may be few among a million.
CREATE INDEX "deliveries_skipped_idx" ON "deliveries"("shop_id", "vendor", "reason", "event_id") WHERE "state" = 'skipped';
