-- Alone: nobody may even read connections until the script ends. Its index is the next one's.
ALTER TABLE "connections" ADD COLUMN "unnamed_since" TIMESTAMPTZ(3);
