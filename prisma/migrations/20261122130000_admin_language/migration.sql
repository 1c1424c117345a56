-- In which language Shopify's admin last opened the app: that of the shop's alerts where its merchant has chosen none.
ALTER TABLE "shops" ADD COLUMN     "admin_language" TEXT;
