-- One word for what became of a request: when our part of it was done. Until then, when it was last tried in vain, and why.
DROP INDEX "privacy_requests_to_erase_idx";
ALTER TABLE "privacy_requests" DROP CONSTRAINT "privacy_requests_state_check";

-- AlterTable
ALTER TABLE "privacy_requests" DROP COLUMN "state",
ADD COLUMN     "tried_at" TIMESTAMPTZ(3),
ADD COLUMN     "trouble" TEXT;

-- AlterTable
ALTER TABLE "customers" ADD COLUMN     "known_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "customer_fetches_asked_at_idx" ON "customer_fetches"("asked_at");

-- CreateIndex
CREATE INDEX "customers_known_at_idx" ON "customers"("known_at");

-- CreateIndex
CREATE INDEX "visitor_checkouts_shop_id_customer_id_idx" ON "visitor_checkouts"("shop_id", "customer_id");

-- CreateIndex
CREATE INDEX "visitor_checkouts_shop_id_email_mark_idx" ON "visitor_checkouts"("shop_id", "email_mark");

-- CreateIndex
CREATE INDEX "visitor_links_shop_id_email_mark_idx" ON "visitor_links"("shop_id", "email_mark");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- What is still to be erased, over all shops: what was tried in vain comes after what was not tried yet.
CREATE INDEX "privacy_requests_to_erase_idx" ON "privacy_requests"("tried_at" NULLS FIRST, "received_at")
    WHERE "topic" IN ('customers/redact', 'shop/redact') AND "erased_at" IS NULL;
