-- That a test event was sent is known also once the event has been deleted for its age.
ALTER TABLE "shops" ADD COLUMN "test_sent_at" TIMESTAMPTZ(3);
