-- Support finds an event over all shops by its id, which names the week: without this each shop would be asked. It grows at its end alone.
-- CreateIndex
CREATE INDEX "events_id_idx" ON "events"("id");
