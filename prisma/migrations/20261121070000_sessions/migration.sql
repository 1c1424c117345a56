-- AlterTable
ALTER TABLE "shops" ADD COLUMN "admin_trouble" TEXT,
ADD COLUMN "admin_trouble_at" TIMESTAMPTZ(3),
ADD COLUMN "pixel_id" TEXT,
ADD COLUMN "pixel_settings" JSONB,
ADD COLUMN "pixel_trouble" TEXT,
ADD COLUMN "pixel_set_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "is_online" BOOLEAN NOT NULL,
    "scope" TEXT,
    "expires" TIMESTAMPTZ(3),
    "access_token" TEXT,
    "refresh_token" TEXT,
    "refresh_token_expires" TIMESTAMPTZ(3),
    "staff" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sessions_shop_idx" ON "sessions"("shop");

-- CreateTable
CREATE TABLE "customer_fetches" (
    "shop_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "outcome" TEXT,

    CONSTRAINT "customer_fetches_pkey" PRIMARY KEY ("shop_id","customer_id")
);

-- AddForeignKey
ALTER TABLE "customer_fetches" ADD CONSTRAINT "customer_fetches_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
