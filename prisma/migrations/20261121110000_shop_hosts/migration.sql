-- AlterTable
ALTER TABLE "shops" ADD COLUMN     "hosts" TEXT[],
ADD COLUMN     "hosts_asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "pixel_key_before" TEXT,
ADD COLUMN     "pixel_key_before_until" TIMESTAMPTZ(3),
ADD COLUMN     "pixel_refused_at" TIMESTAMPTZ(3),
ADD COLUMN     "pixel_refused_host" TEXT;
