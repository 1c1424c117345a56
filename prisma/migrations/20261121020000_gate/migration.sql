-- CreateTable
CREATE TABLE "allowances" (
    "key" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "idle_from" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "allowances_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "circuits" (
    "key" TEXT NOT NULL,
    "open_until" TIMESTAMPTZ(3) NOT NULL,
    "rest_ms" INTEGER NOT NULL,
    "probing_until" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "circuits_pkey" PRIMARY KEY ("key")
);
