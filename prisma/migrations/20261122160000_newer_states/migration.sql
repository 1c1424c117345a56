-- Of an order that was left to a newer state of it: what that came to. Counts of before do not say.
ALTER TABLE "delivery_days" ADD COLUMN "newer" TEXT NOT NULL DEFAULT '';
ALTER TABLE "delivery_days" DROP CONSTRAINT "delivery_days_pkey",
ADD CONSTRAINT "delivery_days_pkey" PRIMARY KEY ("shop_id", "day", "vendor", "type", "state", "reason", "newer");

-- By the days of which zone it was counted: of a day that was deleted before the shop's zone changed, that stays the one before.
ALTER TABLE "delivery_days" ADD COLUMN "zone" TEXT;

-- A worker of the version before would count without it, and by a key that is gone: it finds its name refused, and counts nothing.
ALTER TABLE "rollups" DROP CONSTRAINT "rollups_name_check";
UPDATE "rollups" SET "name" = 'shop_days_newer' WHERE "name" = 'shop_days';
ALTER TABLE "rollups" ADD CONSTRAINT "rollups_name_check" CHECK ("name" NOT IN ('delivery_days', 'shop_days'));

-- Days that have such orders are counted again, the last ones first.
INSERT INTO "delivery_days_due" ("shop_id", "day", "since", "recent")
SELECT DISTINCT "shop_id", "day", now(), "day" >= (now() AT TIME ZONE 'UTC')::date - 2
FROM "delivery_days" WHERE "type" = 'order_created' AND "reason" = 'superseded'
ON CONFLICT DO NOTHING;
