-- CreateTable
CREATE TABLE "order_counts" (
    "shop_id" INTEGER NOT NULL,
    "days" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "orders" INTEGER NOT NULL,
    "before_install" INTEGER NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_counts_pkey" PRIMARY KEY ("shop_id","days")
);

-- AddForeignKey
ALTER TABLE "order_counts" ADD CONSTRAINT "order_counts_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- How many orders were placed in a time, from the index alone.
CREATE INDEX "events_orders_placed_idx" ON "events"("shop_id", "occurred_at", "id") WHERE "type" = 'order_created';
