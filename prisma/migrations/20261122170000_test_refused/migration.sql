-- AlterTable
ALTER TABLE "connections" ADD COLUMN     "test_refused" BOOLEAN;
