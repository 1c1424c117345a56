-- Alone: nobody may even read deliveries until the script ends. Its index is the next one's.
-- Which sending again of a selection a delivery was last part of: only a replay writes it, where it touches the row anyway.
ALTER TABLE "deliveries" ADD COLUMN "replay_id" UUID;
