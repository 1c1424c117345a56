-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows it by name.

-- What became of the deliveries of one replay, and the list of their events. Of what was there before nothing is in it.
CREATE INDEX "deliveries_replay_idx" ON "deliveries"("shop_id", "replay_id", "state", "event_id") WHERE "replay_id" IS NOT NULL;
