-- How a lane stands depends on whether what is saved is known to work: a test says so, or what has arrived since it was saved.
DROP TRIGGER lane_health_changed ON connections;
CREATE TRIGGER lane_health_changed AFTER UPDATE OF enabled, attention, hold_reason, test_ok, tested_at, released_at ON connections
  FOR EACH ROW
  WHEN ((OLD.enabled, OLD.attention, OLD.hold_reason, OLD.test_ok, OLD.tested_at, OLD.released_at)
    IS DISTINCT FROM (NEW.enabled, NEW.attention, NEW.hold_reason, NEW.test_ok, NEW.tested_at, NEW.released_at))
  EXECUTE FUNCTION note_lane_health_due();

-- Those that may stand otherwise now are taken by the next rounds.
INSERT INTO "lane_health_due" ("shop_id", "vendor") SELECT "shop_id", "vendor" FROM "connections" WHERE "test_ok" IS NOT TRUE;
