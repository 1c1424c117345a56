-- CreateTable
CREATE TABLE "spool" (
    "id" UUID NOT NULL,
    "shop_id" INTEGER NOT NULL,
    "items" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "body" BYTEA NOT NULL,

    CONSTRAINT "spool_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "spool_shop_id_due_at_id_idx" ON "spool"("shop_id", "due_at", "id");

-- Sealed bytes do not compress: PostgreSQL need not try.
ALTER TABLE "spool" ALTER COLUMN "body" SET STORAGE EXTERNAL;
