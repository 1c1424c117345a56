-- CreateTable
CREATE TABLE "support_throttle" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "support_throttle_pkey" PRIMARY KEY ("key")
);
