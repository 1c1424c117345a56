-- When a delivery was sent again, and with what: only a replay writes it, where it touches the row anyway. Of what was sent again before
-- this is applied nothing is in it.
ALTER TABLE "deliveries" ADD COLUMN "replays" JSONB;
