-- Everything that was done to one thing: a fleet action and each of its shops, or an event.
CREATE INDEX IF NOT EXISTS "audit_entries_subject_id_idx" ON "audit_entries"("subject", "id");

-- What follows is written by hand: Prisma's schema has no words for it. The drift test knows each by name.

-- A fleet action writes an entry for each of thousands of shops: lists without those do not read past them.
CREATE INDEX IF NOT EXISTS "audit_entries_plain_idx" ON "audit_entries"("id")
  WHERE "action" NOT IN ('hold', 'release') OR "subject" IS NULL;
CREATE INDEX IF NOT EXISTS "audit_entries_plain_actor_idx" ON "audit_entries"("actor", "id")
  WHERE "action" NOT IN ('hold', 'release') OR "subject" IS NULL;
