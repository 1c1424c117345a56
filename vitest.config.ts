import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['app', 'bench', 'sandbox', 'scripts', 'tests'].map(folder => `${folder}/**/*.test.ts`),
    setupFiles: ['tests/setup/properties.ts'],
    globalSetup: ['tests/setup/build.ts', 'tests/setup/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
