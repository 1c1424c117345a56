-- Written by hand: Prisma's schema has no words for it. Lists of shops by how old what is held is, as lane_health_oldest_idx is for what
-- waits. IF NOT EXISTS: of a large table it is built before (app/db/build-ahead.ts).
CREATE INDEX IF NOT EXISTS "lane_health_oldest_held_idx" ON "lane_health"("vendor", "state", (coalesce("oldest_held", 'infinity')), "shop_id");
