-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows it by name.

-- The newest failures of a vendor over all shops. What is accepted and what arrives is not in it.
CREATE INDEX "deliveries_failed_idx" ON "deliveries"("vendor", "state", "event_id") WHERE "state" IN ('retry', 'dead');
