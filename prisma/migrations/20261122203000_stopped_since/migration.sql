-- AlterTable
ALTER TABLE "connections" ADD COLUMN "stopped_since" TIMESTAMPTZ(3);

-- What follows is written by hand: Prisma's schema has no words for it.

-- A lane that is held, switched off or waits for a person is stopped: since the first of these, until none is left.
CREATE FUNCTION keep_stopped_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.stopped_since := CASE
    WHEN NEW.enabled AND NEW.attention IS NULL AND NEW.hold_reason IS NULL THEN NULL
    WHEN TG_OP = 'INSERT' THEN now()
    ELSE coalesce(OLD.stopped_since, now()) END;
  RETURN NEW;
END $$;
CREATE TRIGGER connection_made_stopped BEFORE INSERT ON connections
  FOR EACH ROW EXECUTE FUNCTION keep_stopped_since();
CREATE TRIGGER connection_stopped BEFORE UPDATE OF enabled, attention, hold_reason ON connections
  FOR EACH ROW EXECUTE FUNCTION keep_stopped_since();

-- Of what is stopped already: the first of what stops it now. What had stopped it before that is over, and not looked for.
UPDATE connections c SET stopped_since = coalesce(least(c.hold_since,
    (SELECT max(h.at) FROM connection_changes h
     WHERE NOT c.enabled AND h.shop_id = c.shop_id AND h.vendor = c.vendor AND h.what = 'off'),
    (SELECT max(h.at) FROM connection_changes h
     WHERE c.attention IS NOT NULL AND h.shop_id = c.shop_id AND h.vendor = c.vendor AND h.what = 'attention')), c.updated_at)
  WHERE NOT c.enabled OR c.attention IS NOT NULL OR c.hold_reason IS NOT NULL;
