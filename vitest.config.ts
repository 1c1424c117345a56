import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['app', 'bench', 'extensions', 'sandbox', 'scripts', 'storefront', 'tests'].map(
      folder => `${folder}/**/*.test.ts`,
    ),
    setupFiles: ['tests/setup/properties.ts'],
    globalSetup: ['tests/setup/build.ts', 'tests/setup/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a test waits for may take long on a busy machine; it passes as soon as it is there.
    expect: { poll: { timeout: 15_000 } },
    // One more than the cores of a small machine: many tests wait for a browser, a process or a lane.
    maxWorkers: 3,
  },
})
