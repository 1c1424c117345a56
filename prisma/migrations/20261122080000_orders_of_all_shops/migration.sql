-- Orders are looked for by name in one shop and over all shops: with the name first one index does for both. It is built beside the one
-- that it follows, in a transaction of its own, so that others may read meanwhile.
CREATE INDEX "events_order_named_idx" ON "events"(left("data" #>> '{order,name}', 100), "shop_id", "id")
    WHERE ("data" #>> '{order,name}') IS NOT NULL;
