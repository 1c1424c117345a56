-- When the credentials were set: saving other settings leaves it as it is. Not known of those that were set before.
ALTER TABLE "connections" ADD COLUMN     "secrets_set_at" TIMESTAMPTZ(3);
