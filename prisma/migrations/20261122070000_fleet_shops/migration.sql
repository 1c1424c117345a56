-- AlterTable
ALTER TABLE "fleet_actions" ADD COLUMN "followed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "followed_up_to" INTEGER NOT NULL DEFAULT 0;

-- Whether the vendor, while it is being disconnected, goes also where support holds it.
ALTER TABLE "connections" ADD COLUMN "disconnect_even_held" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "fleet_shops" (
    "action_id" UUID NOT NULL,
    "shop_id" INTEGER NOT NULL,
    "changed" BOOLEAN NOT NULL DEFAULT false,
    "hold_reason" TEXT,
    "hold_since" TIMESTAMPTZ(3),

    CONSTRAINT "fleet_shops_pkey" PRIMARY KEY ("action_id","shop_id")
);

-- CreateIndex
CREATE INDEX "fleet_shops_shop_id_idx" ON "fleet_shops"("shop_id");

-- AddForeignKey
ALTER TABLE "fleet_shops" ADD CONSTRAINT "fleet_shops_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "fleet_actions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fleet_shops" ADD CONSTRAINT "fleet_shops_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- Of a vendor one action runs at a time: a release in the middle of a hold would leave nobody able to say what is so.
CREATE UNIQUE INDEX "fleet_actions_running_idx" ON "fleet_actions"("vendor") WHERE "state" = 'running';

-- Holds whose time has come are looked for every few seconds, and those of a reason by the fleet's pages, among the connections of
-- all shops.
CREATE INDEX IF NOT EXISTS "connections_held_idx" ON "connections"("vendor", "shop_id") WHERE "hold_reason" IS NOT NULL;
