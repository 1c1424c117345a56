-- When the oldest held one was received is not known of these yet.
INSERT INTO lane_health_due (shop_id, vendor) SELECT shop_id, vendor FROM lane_health WHERE held > 0;

-- CreateTable
CREATE TABLE "vendor_days" (
    "vendor" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "state" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "delivered_before" BIGINT NOT NULL,

    CONSTRAINT "vendor_days_pkey" PRIMARY KEY ("vendor", "day", "state")
);

-- CreateTable
CREATE TABLE "vendor_day_changes" (
    "id" BIGSERIAL NOT NULL,
    "vendor" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "state" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "delivered_before" BIGINT NOT NULL,

    CONSTRAINT "vendor_day_changes_pkey" PRIMARY KEY ("id")
);

-- What follows is written by hand: Prisma's schema has no words for it.

-- By how much the count of a day of all shops changes with that of a day of one. A row of its own each time: two that count would wait
-- for each other at a sum.
CREATE FUNCTION note_vendor_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO vendor_day_changes (vendor, day, state, count, delivered_before)
      SELECT vendor, day, state, sum(count), sum(delivered_before) FROM is_there GROUP BY 1, 2, 3;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO vendor_day_changes (vendor, day, state, count, delivered_before)
      SELECT vendor, day, state, -sum(count), -sum(delivered_before) FROM was_there GROUP BY 1, 2, 3;
  ELSE
    INSERT INTO vendor_day_changes (vendor, day, state, count, delivered_before)
      SELECT vendor, day, state, sum(count), sum(delivered_before) FROM (
        SELECT vendor, day, state, count, delivered_before FROM is_there
        UNION ALL SELECT vendor, day, state, -count, -delivered_before FROM was_there) changed
      GROUP BY 1, 2, 3 HAVING sum(count) <> 0 OR sum(delivered_before) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER vendor_days_added AFTER INSERT ON delivery_days
  REFERENCING NEW TABLE AS is_there FOR EACH STATEMENT EXECUTE FUNCTION note_vendor_days();
CREATE TRIGGER vendor_days_gone AFTER DELETE ON delivery_days
  REFERENCING OLD TABLE AS was_there FOR EACH STATEMENT EXECUTE FUNCTION note_vendor_days();
CREATE TRIGGER vendor_days_changed AFTER UPDATE ON delivery_days
  REFERENCING OLD TABLE AS was_there NEW TABLE AS is_there FOR EACH STATEMENT EXECUTE FUNCTION note_vendor_days();

-- The triggers keep out whoever counts until this has ended: nothing is counted twice, and nothing left out. Of older days nobody
-- asks for the sum.
INSERT INTO vendor_days (vendor, day, state, count, delivered_before)
  SELECT vendor, day, state, sum(count), sum(delivered_before) FROM delivery_days
  WHERE day >= (now() AT TIME ZONE 'UTC')::date - 9 GROUP BY 1, 2, 3;
