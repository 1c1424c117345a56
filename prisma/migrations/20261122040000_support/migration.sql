-- CreateTable
CREATE TABLE "support_accounts" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "password_hash" TEXT,
    "totp_secret" TEXT,
    "totp_step" BIGINT,
    "oidc_subject" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),
    "signed_in_at" TIMESTAMPTZ(3),

    CONSTRAINT "support_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "support_sessions" (
    "token_hash" TEXT NOT NULL,
    "account_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "address" TEXT,
    "agent" TEXT,

    CONSTRAINT "support_sessions_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "role" TEXT,
    "address" TEXT,
    "action" TEXT NOT NULL,
    "shop" TEXT,
    "vendor" TEXT,
    "subject" TEXT,
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection_changes" (
    "id" BIGSERIAL NOT NULL,
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "what" TEXT NOT NULL,
    "message" TEXT,

    CONSTRAINT "connection_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lane_health" (
    "shop_id" INTEGER NOT NULL,
    "vendor" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "waiting" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    "oldest_waiting" TIMESTAMPTZ(3),
    "delivered" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lane_health_pkey" PRIMARY KEY ("shop_id","vendor")
);

-- CreateTable
CREATE TABLE "fleet_actions" (
    "id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "vendor" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3),
    "actor" TEXT NOT NULL,
    "role" TEXT,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" TEXT NOT NULL DEFAULT 'running',
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "up_to" INTEGER NOT NULL DEFAULT 0,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "fleet_actions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "support_accounts_email_key" ON "support_accounts"("email");

-- CreateIndex
CREATE UNIQUE INDEX "support_accounts_oidc_subject_key" ON "support_accounts"("oidc_subject");

-- CreateIndex
CREATE INDEX "support_sessions_account_id_idx" ON "support_sessions"("account_id");

-- CreateIndex
CREATE INDEX "audit_entries_shop_id_idx" ON "audit_entries"("shop", "id");

-- CreateIndex
CREATE INDEX "audit_entries_actor_id_idx" ON "audit_entries"("actor", "id");

-- CreateIndex
CREATE INDEX "audit_entries_action_id_idx" ON "audit_entries"("action", "id");

-- CreateIndex
CREATE INDEX "connection_changes_shop_id_vendor_id_idx" ON "connection_changes"("shop_id", "vendor", "id");

-- CreateIndex
CREATE INDEX "fleet_actions_created_at_idx" ON "fleet_actions"("created_at");

-- AddForeignKey
ALTER TABLE "support_sessions" ADD CONSTRAINT "support_sessions_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "support_accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_changes" ADD CONSTRAINT "connection_changes_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lane_health" ADD CONSTRAINT "lane_health_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What support did stays written: whoever has only the app's statements can neither change nor take away an entry. Somebody who
-- owns the database can drop the trigger, and then it is missing.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are only added, never changed or deleted';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- A connection is changed from many places (the merchant's pages, the command line, a refusal in a lane, a hold that ends): here
-- none is forgotten. A lane's turns, each time it is drained, change nothing that is noted.
CREATE FUNCTION note_connection_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    -- A shop that is erased takes its history with it.
    INSERT INTO connection_changes (shop_id, vendor, what)
      SELECT OLD.shop_id, OLD.vendor, 'disconnected' WHERE EXISTS (SELECT FROM shops WHERE id = OLD.shop_id);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO connection_changes (shop_id, vendor, what) VALUES (NEW.shop_id, NEW.vendor, 'connected');
    RETURN NULL;
  END IF;
  INSERT INTO connection_changes (shop_id, vendor, what, message)
    SELECT NEW.shop_id, NEW.vendor, what, message FROM (VALUES
      (1, 'settings', NULL, NEW.secrets <> OLD.secrets OR NEW.settings <> OLD.settings),
      (2, CASE WHEN NEW.test_ok THEN 'test_passed' ELSE 'test_failed' END, NEW.test_message,
        NEW.test_ok IS NOT NULL AND (NEW.test_ok, NEW.test_message) IS DISTINCT FROM (OLD.test_ok, OLD.test_message)),
      (3, CASE WHEN NEW.attention IS NULL THEN 'attention_over' ELSE 'attention' END, coalesce(NEW.attention, OLD.attention),
        NEW.attention IS DISTINCT FROM OLD.attention),
      (4, CASE WHEN NEW.enabled THEN 'on' ELSE 'off' END, NULL, NEW.enabled <> OLD.enabled),
      (5, CASE WHEN NEW.hold_reason IS NULL THEN 'release' ELSE 'hold' END, NEW.hold_reason,
        (NEW.hold_reason, NEW.hold_until) IS DISTINCT FROM (OLD.hold_reason, OLD.hold_until))
    ) AS noted (place, what, message, happened) WHERE happened ORDER BY place;
  RETURN NULL;
END $$;
CREATE TRIGGER connections_made AFTER INSERT OR DELETE ON connections
  FOR EACH ROW EXECUTE FUNCTION note_connection_change();
CREATE TRIGGER connections_changed AFTER UPDATE ON connections
  FOR EACH ROW
  WHEN ((OLD.secrets, OLD.settings, OLD.test_ok, OLD.test_message, OLD.attention, OLD.enabled, OLD.hold_reason, OLD.hold_until)
    IS DISTINCT FROM
    (NEW.secrets, NEW.settings, NEW.test_ok, NEW.test_message, NEW.attention, NEW.enabled, NEW.hold_reason, NEW.hold_until))
  EXECUTE FUNCTION note_connection_change();
