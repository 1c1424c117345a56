-- Alone: nobody may even read how lanes stand until the script ends.
-- AlterTable
ALTER TABLE "lane_health" ADD COLUMN "oldest_held" TIMESTAMPTZ(3), ADD COLUMN "paused_until" TIMESTAMPTZ(3);
ALTER TABLE "vendor_health" ADD COLUMN "oldest_held" TIMESTAMPTZ(3), ADD COLUMN "paused" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "paused_until" TIMESTAMPTZ(3);
