-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "visitor_id" TEXT;

-- Whose visitor what waits now is for.
UPDATE "deliveries" d SET "visitor_id" = e."visitor_id"
FROM "events" e
WHERE d."state" = 'waiting' AND e."shop_id" = d."shop_id" AND e."id" = d."event_id";

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows it by name.

-- What waits of one visitor, without looking through all that the visitor has done.
CREATE INDEX "deliveries_visitor_idx" ON "deliveries"("shop_id", "visitor_id", "vendor", "event_id") WHERE "state" = 'waiting';
