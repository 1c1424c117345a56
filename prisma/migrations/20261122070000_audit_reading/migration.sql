-- A period of long ago is found without reading all that was done since.
CREATE INDEX IF NOT EXISTS "audit_entries_at_idx" ON "audit_entries"("at");
