-- CreateTable
CREATE TABLE "replays" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "sent_by" TEXT NOT NULL,
    "chosen" JSONB NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "replays_pkey" PRIMARY KEY ("shop_id","id")
);

-- AddForeignKey
ALTER TABLE "replays" ADD CONSTRAINT "replays_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
