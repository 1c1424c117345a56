-- AlterTable
ALTER TABLE "shops" ADD COLUMN     "alert_channels" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "alert_kinds" TEXT[] DEFAULT ARRAY['waiting', 'giving_up', 'attention']::TEXT[],
ADD COLUMN     "alert_to" TEXT,
ADD COLUMN     "language" TEXT,
ADD COLUMN     "retention_days" INTEGER;
