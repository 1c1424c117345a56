-- When the oldest that is held was received: a hold that was forgotten is found by it.
ALTER TABLE "lane_health" ADD COLUMN "oldest_held" TIMESTAMPTZ(3);
ALTER TABLE "vendor_health" ADD COLUMN "oldest_held" TIMESTAMPTZ(3);

-- What is held already is looked at by the first rounds.
INSERT INTO "lane_health_due" ("shop_id", "vendor") SELECT "shop_id", "vendor" FROM "lane_health" WHERE "held" > 0;
