-- Written by hand: Prisma's schema has no words for these. Lists of shops by what is held and by what was delivered, as
-- lane_health_waiting_idx is for what waits. IF NOT EXISTS: of a large table they are built before (app/db/build-ahead.ts).
CREATE INDEX IF NOT EXISTS "lane_health_held_idx" ON "lane_health"("vendor", "state", (-"held"), "shop_id");
CREATE INDEX IF NOT EXISTS "lane_health_delivered_idx" ON "lane_health"("vendor", "state", (-"delivered"), "shop_id");
