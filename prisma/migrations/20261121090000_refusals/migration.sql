-- AlterTable
ALTER TABLE "visitor_links" ADD COLUMN     "marketing" BOOLEAN;

-- AlterTable
ALTER TABLE "visitor_checkouts" ADD COLUMN     "marketing" BOOLEAN;

-- CreateTable
CREATE TABLE "visitor_refusals" (
    "shop_id" INTEGER NOT NULL,
    "visitor_id" TEXT NOT NULL,
    "analytics_until" TIMESTAMPTZ(3),
    "marketing_until" TIMESTAMPTZ(3),
    "noted_on" DATE NOT NULL,

    CONSTRAINT "visitor_refusals_pkey" PRIMARY KEY ("shop_id","visitor_id")
);

-- CreateIndex
CREATE INDEX "visitor_refusals_noted_on_idx" ON "visitor_refusals"("noted_on");
