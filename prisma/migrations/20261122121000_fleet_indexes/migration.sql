-- All that a hold or a release for many shops asks of connections before it begins, without their settings and secrets, which are
-- many times as long.
CREATE INDEX IF NOT EXISTS "connections_fleet_idx" ON "connections"("vendor", "shop_id", "hold_reason", "hold_since", "hold_until");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- Looked for every few seconds: next to none.
CREATE INDEX IF NOT EXISTS "connections_unnamed_idx" ON "connections"("unnamed_since") WHERE "unnamed_since" IS NOT NULL;

-- A lane that is gone changes what its vendor comes to over all shops, and nothing else says so.
CREATE FUNCTION note_lane_health_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lane_health_due (shop_id, vendor) VALUES (OLD.shop_id, OLD.vendor);
  RETURN NULL;
END $$;
CREATE TRIGGER lane_health_gone AFTER DELETE ON connections
  FOR EACH ROW EXECUTE FUNCTION note_lane_health_gone();
