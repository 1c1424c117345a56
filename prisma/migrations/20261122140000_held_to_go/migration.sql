-- Of what support holds, what a release would send: the rest is too old, or its lane is stopped besides.
ALTER TABLE "lane_health" ADD COLUMN "held_to_go" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "vendor_health" ADD COLUMN "held_to_go" BIGINT NOT NULL DEFAULT 0;

-- What follows is written by hand: Prisma's schema has no words for it.

-- How old something may be to be sent by a release.
CREATE TRIGGER shop_release_changed AFTER UPDATE OF release_within_days ON shops
  FOR EACH ROW WHEN (OLD.release_within_days <> NEW.release_within_days)
  EXECUTE FUNCTION note_shop_health_due();

-- What is held already is counted by the first rounds.
INSERT INTO "lane_health_due" ("shop_id", "vendor") SELECT "shop_id", "vendor" FROM "connections" WHERE "hold_reason" IS NOT NULL;
