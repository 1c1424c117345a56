-- A lane's row goes with its connection, also one that is just being taken while the vendor is disconnected.
ALTER TABLE "lane_health" DROP CONSTRAINT "lane_health_shop_id_fkey";
ALTER TABLE "lane_health" ADD CONSTRAINT "lane_health_shop_id_vendor_fkey" FOREIGN KEY ("shop_id", "vendor")
    REFERENCES "connections"("shop_id", "vendor") ON DELETE CASCADE ON UPDATE CASCADE;

-- Lanes of which something has changed since they were taken. Only added to and taken from: whoever notes one waits for nobody.
CREATE TABLE "lane_health_due" (
    "id" BIGSERIAL NOT NULL,
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,

    CONSTRAINT "lane_health_due_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "lane_health_taken_at_idx" ON "lane_health"("taken_at");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- Those that time alone can make worse or better.
CREATE INDEX "lane_health_moving_idx" ON "lane_health"("taken_at") WHERE "waiting" > 0 OR "state" = 'failing';

-- Lists by each order, of one vendor and one state; others are put together of these.
CREATE INDEX "lane_health_waiting_idx" ON "lane_health"("vendor", "state", (-"waiting"), "shop_id");
CREATE INDEX "lane_health_failed_idx" ON "lane_health"("vendor", "state", (-"failed"), "shop_id");
CREATE INDEX "lane_health_oldest_idx" ON "lane_health"("vendor", "state", (coalesce("oldest_waiting", 'infinity')), "shop_id");

-- Connections are changed from many places, and here none is forgotten. What is changed by the draining of a lane says nothing of
-- its health, but for a refusal.
CREATE FUNCTION note_lane_health_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lane_health_due (shop_id, vendor) VALUES (NEW.shop_id, NEW.vendor);
  RETURN NULL;
END $$;
CREATE TRIGGER lane_health_made AFTER INSERT ON connections
  FOR EACH ROW EXECUTE FUNCTION note_lane_health_due();
CREATE TRIGGER lane_health_changed AFTER UPDATE OF enabled, attention, hold_reason ON connections
  FOR EACH ROW
  WHEN ((OLD.enabled, OLD.attention, OLD.hold_reason) IS DISTINCT FROM (NEW.enabled, NEW.attention, NEW.hold_reason))
  EXECUTE FUNCTION note_lane_health_due();

CREATE FUNCTION note_shop_health_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lane_health_due (shop_id, vendor) SELECT shop_id, vendor FROM connections WHERE shop_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER shop_health_changed AFTER UPDATE OF uninstalled_at ON shops
  FOR EACH ROW WHEN ((OLD.uninstalled_at IS NULL) <> (NEW.uninstalled_at IS NULL))
  EXECUTE FUNCTION note_shop_health_due();

-- What there is already is taken by the first rounds.
INSERT INTO "lane_health_due" ("shop_id", "vendor") SELECT "shop_id", "vendor" FROM "connections";

-- Shops by the beginning of their domain or name, in any collation.
CREATE INDEX IF NOT EXISTS "shops_domain_prefix_idx" ON "shops"(lower("domain") text_pattern_ops);
CREATE INDEX IF NOT EXISTS "shops_name_prefix_idx" ON "shops"(lower("name") text_pattern_ops);
-- And by any part of them, where PostgreSQL has this extension and lets us have it: without it the same search reads all shops, which
-- takes tens of milliseconds with 100,000 of them. Somebody may have put it into a schema of its own.
DO $$
DECLARE place text;
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
    RAISE NOTICE 'shops are searched without pg_trgm: %', SQLERRM;
  END;
  SELECT n.nspname INTO place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
  IF place IS NOT NULL THEN
    EXECUTE format($index$CREATE INDEX "shops_search_idx" ON "shops"
      USING gin (lower(replace("domain", '.myshopify.com', '') || ' ' || coalesce("name", '')) %I.gin_trgm_ops)$index$, place);
  END IF;
END $$;
