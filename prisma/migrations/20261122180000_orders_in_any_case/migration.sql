-- Orders are looked for by name in any case: "Web-1001x" is found as "WEB-1001X". Built beside the index that it follows, in a
-- transaction of its own, so that others may read meanwhile.
CREATE INDEX "events_order_folded_idx" ON "events"(lower(left("data" #>> '{order,name}', 100)), "shop_id", "id")
    WHERE ("data" #>> '{order,name}') IS NOT NULL;
