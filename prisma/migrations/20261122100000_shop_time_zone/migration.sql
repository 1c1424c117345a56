-- The shop's time zone, as Shopify tells it; and the one by whose days delivery_days is counted, which follows (null: UTC).
ALTER TABLE "shops" ADD COLUMN     "days_zone" TEXT,
ADD COLUMN     "time_zone" TEXT;

-- When the web pixel was last given settings or refused them, and how often in a row it was refused.
ALTER TABLE "shops" ADD COLUMN     "pixel_tried_at" TIMESTAMPTZ(3),
ADD COLUMN     "pixel_tries" INTEGER NOT NULL DEFAULT 0;

-- Changes are looked for under another name, and the one before is refused: a worker that counts by UTC's days alone, and still runs, can
-- note none any more, so it counts none. What reads that name finds that nothing is counted yet.
UPDATE "rollups" SET "name" = 'shop_days' WHERE "name" = 'delivery_days';
ALTER TABLE "rollups" ADD CONSTRAINT "rollups_name_check" CHECK ("name" <> 'delivery_days');

-- Those that are to be counted by other days: next to none.
CREATE INDEX "shops_zone_moved_idx" ON "shops"("id") WHERE "days_zone" IS DISTINCT FROM "time_zone";

-- A zone that this PostgreSQL knows, else null: another one, after a move of the database, may know other zones.
CREATE FUNCTION known_zone(zone text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
  PERFORM now() AT TIME ZONE zone;
  RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN NULL;
END $$;

-- The day on a clock of the zone; UTC where there is none that is known.
CREATE FUNCTION day_of(at timestamptz, zone text) RETURNS date LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT (at AT TIME ZONE coalesce(known_zone(zone), 'UTC'))::date
$$;

-- The first moment of a day on a clock of the zone. Where midnight is left out, AT TIME ZONE gives the moment at which the clock is put
-- forward, which is right; where the clock shows midnight twice, it gives the second: the first is found by what the clock was
-- ahead of UTC some hours before.
CREATE FUNCTION day_begins(day date, zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
  known text := coalesce(known_zone(zone), 'UTC');
  usual timestamptz := day::timestamp AT TIME ZONE known;
  before timestamptz := usual - interval '3 hours';
  ahead interval := before AT TIME ZONE known - before AT TIME ZONE 'UTC';
  first timestamptz := (day::timestamp - ahead) AT TIME ZONE 'UTC';
BEGIN
  RETURN CASE WHEN first AT TIME ZONE known = day::timestamp THEN least(first, usual) ELSE usual END;
END $$;
