-- Written by hand: Prisma's schema has no words for it. Lanes that time alone changes, those that wait for a person among them.
-- IF NOT EXISTS: of a large table it is built before (app/db/build-ahead.ts).
CREATE INDEX IF NOT EXISTS "lane_health_again_idx" ON "lane_health"("taken_at") WHERE "waiting" > 0 OR "state" IN ('failing', 'attention');
