-- How each vendor stands over all shops, so that a page does not add up some hundred thousand lanes.
CREATE TABLE "vendor_health" (
    "vendor" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "shops" INTEGER NOT NULL,
    "waiting" BIGINT NOT NULL,
    "held" BIGINT NOT NULL,
    "oldest_waiting" TIMESTAMPTZ(3),
    "delivered" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,

    CONSTRAINT "vendor_health_pkey" PRIMARY KEY ("vendor","state")
);
INSERT INTO "vendor_health" ("vendor", "state", "shops", "waiting", "held", "oldest_waiting", "delivered", "failed")
SELECT "vendor", "state", count(*), sum("waiting"), sum("held"), min("oldest_waiting"), sum("delivered"), sum("failed")
FROM "lane_health" GROUP BY 1, 2;
