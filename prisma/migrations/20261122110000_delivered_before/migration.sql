-- Whether a delivery had arrived before it was sent again. Only a replay writes it, where it touches the row anyway. What is being sent
-- again while this is applied counts as waiting until it is answered.
ALTER TABLE "deliveries" ADD COLUMN "delivered_before" BOOLEAN NOT NULL DEFAULT false;

-- Of what a day's count counts, so many had arrived before.
ALTER TABLE "delivery_days" ADD COLUMN "delivered_before" INTEGER NOT NULL DEFAULT 0;

-- What was received before this has begun to be deleted by the shop's retention: of a day that begins before, what remains is not the
-- whole, even once the shop keeps events for longer.
ALTER TABLE "shops" ADD COLUMN "thinned_until" TIMESTAMPTZ(3);
UPDATE "shops" SET "thinned_until" = now() - make_interval(hours => 24 * "retention_days")
  WHERE "retention_days" IS NOT NULL;
