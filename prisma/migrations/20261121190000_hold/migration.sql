-- AlterTable
ALTER TABLE "connections" ADD COLUMN     "hold_reason" TEXT,
ADD COLUMN     "hold_since" TIMESTAMPTZ(3),
ADD COLUMN     "hold_until" TIMESTAMPTZ(3);
