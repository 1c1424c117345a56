-- Followed by events_order_folded_idx. Apart from its building: nobody may even read while an index is dropped, which is a moment here.
DROP INDEX "events_order_named_idx";
