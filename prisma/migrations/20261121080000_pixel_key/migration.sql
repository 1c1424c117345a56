-- 128 random bits, which PostgreSQL has no function for without an extension: two random UUIDs have 244.
-- A default that is not constant is worked out for each row there is, and so gives every shop its own.
ALTER TABLE "shops" ADD COLUMN "pixel_key" TEXT NOT NULL DEFAULT "left"(encode(sha256((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))), 'hex'::text), 32);

-- CreateIndex
CREATE UNIQUE INDEX "shops_pixel_key_key" ON "shops"("pixel_key");
