-- Why a delivery waited: how its lane stood when it was made, and each change from then on, however many there were before.
CREATE INDEX IF NOT EXISTS "connection_changes_shop_id_vendor_what_at_idx" ON "connection_changes"("shop_id", "vendor", "what", "at");
