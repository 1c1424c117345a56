-- What a database held when its tables were divided into weeks lies in the default partitions. PostgreSQL looks through
-- the whole of a default partition, and locks out everybody meanwhile, whenever a week is attached. So what is there
-- becomes a partition of its own, up to the first week that was made, else up to next Monday: "events_until_20261123"
-- holds what is older than that day. What lies beyond, and what comes for no week, is in the default partition as before.
-- A database without such rows is left as it is. app/db/partitions.ts and app/privacy/retention.ts know of these tables.
DO $$
DECLARE
    "parent" TEXT;
    "key" TEXT;
    "filled" BOOLEAN;
    "monday" DATE;
    "until" UUID;
    "history" TEXT;
BEGIN
    FOR "parent", "key" IN VALUES ('events', 'id'), ('deliveries', 'event_id'), ('attempts', 'event_id'), ('exchanges', 'id') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', "parent" || '_default') INTO "filled";
        CONTINUE WHEN NOT "filled";

        SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD')) INTO "monday"
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = "parent"::regclass AND c.relname ~ '_\d{8}$';
        "monday" := coalesce("monday", date_trunc('week', now() AT TIME ZONE 'UTC')::date + 7);
        "until" := (lpad(to_hex((extract(epoch FROM "monday") * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
        "history" := "parent" || '_until_' || to_char("monday", 'YYYYMMDD');

        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', "parent", "parent" || '_default');
        EXECUTE format('ALTER TABLE %I RENAME TO %I', "parent" || '_default', "history");
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', "parent" || '_default', "parent");
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
            "history", "key", "until", "parent" || '_default');
        -- Retention deletes what is old in it by age, and not the whole of it at once.
        EXECUTE format('CREATE INDEX ON %I (%I)', "history", "key");
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', "parent", "history", "until");
    END LOOP;
END $$;

-- Memories are forgotten once no event is kept that could need them: of their own subject, or of that of the event they
-- came from, where it is another. Where that event is gone already, it is told by the one subject of its own that a
-- vendor has had.
ALTER TABLE "memories" ADD COLUMN "event_subject" TEXT;
UPDATE "memories" m SET "event_subject" = e."subject"
FROM "events" e WHERE e."shop_id" = m."shop_id" AND e."id" = m."event_id" AND e."subject" <> m."subject";
UPDATE "memories" SET "event_subject" = regexp_replace("subject", '^subscription:', 'customer:')
WHERE "event_subject" IS NULL AND "subject" LIKE 'subscription:%';

-- Notices about products and shops count by when they were so, then by when Shopify noticed it, whenever they come.
ALTER TABLE "products"
    ADD COLUMN "noticed_at" TIMESTAMPTZ(3),
    ADD COLUMN "metafields_at" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "shops"
    ADD COLUMN "stated" JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN "scopes_noticed_at" TIMESTAMPTZ(3);
UPDATE "shops" SET "stated" = (
    SELECT jsonb_build_object('name', at, 'currency', at, 'primaryDomain', at)
    FROM to_char("stated_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') at)
WHERE "stated_at" IS NOT NULL;
ALTER TABLE "shops" DROP COLUMN "stated_at";
