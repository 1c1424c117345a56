-- How many deliveries came to what, by shop and day, so that a page of numbers does not count a million rows.
-- A day is that of the event's receipt in UTC, which its UUIDv7 begins with.

CREATE TABLE "delivery_days" (
    "shop_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "vendor" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "delivery_days_pkey" PRIMARY KEY ("shop_id","day","vendor","type","state","reason")
);
CREATE INDEX "delivery_days_day_idx" ON "delivery_days"("day");

-- Days of which something has changed since they were counted.
CREATE TABLE "delivery_days_due" (
    "shop_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    -- One of the last three days when it was noted: these are counted first.
    "recent" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "delivery_days_due_pkey" PRIMARY KEY ("shop_id","day")
);
CREATE INDEX "delivery_days_due_recent_since_idx" ON "delivery_days_due"("recent" DESC, "since");

-- Up to when changes of deliveries have been looked for.
CREATE TABLE "rollups" (
    "name" TEXT NOT NULL,
    "seen_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rollups_pkey" PRIMARY KEY ("name")
);

-- Which deliveries have changed since: rows lie about in the order of their last change, so a range of pages says enough,
-- and keeping it costs an acceptance next to nothing. A page that is new is summarised soon, not at the next vacuum.
CREATE INDEX "deliveries_changed_idx" ON "deliveries" USING brin ("updated_at") WITH (pages_per_range = 32, autosummarize = on);

-- What is there already is found by the first look, a slice at a time: the migration reads nothing of it.
INSERT INTO "rollups" ("name", "seen_until") VALUES ('delivery_days', '-infinity');

-- When the theme's embed and the web pixel last sent anything, to a minute.
ALTER TABLE "shops" ADD COLUMN "storefront_heard_at" TIMESTAMPTZ(3);
ALTER TABLE "shops" ADD COLUMN "pixel_heard_at" TIMESTAMPTZ(3);
ALTER TABLE "shops" ADD COLUMN "guide_dismissed_at" TIMESTAMPTZ(3);
