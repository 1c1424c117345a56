-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- What could not be accepted, of all shops and of one, by when it came: lately, a day ago or a week ago. What waits is not in them, so a rush
-- writes neither.
CREATE INDEX IF NOT EXISTS "spool_failed_idx" ON "spool"("received_at") WHERE "failure" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "spool_shop_failed_idx" ON "spool"("shop_id", "received_at") WHERE "failure" IS NOT NULL;
