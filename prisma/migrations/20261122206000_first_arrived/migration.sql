-- What of real events reached a tool first is looked for once, and then known.
ALTER TABLE "shops" ADD COLUMN "arrived_event_id" UUID, ADD COLUMN "arrived_vendor" TEXT;

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows it by name.

-- A shop's tests, which are few among its events.
CREATE INDEX "events_tests_idx" ON "events"("shop_id", "id") WHERE "source" = 'test';
