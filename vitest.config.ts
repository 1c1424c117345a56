import { defineConfig } from 'vitest/config'
import { keepInMemory } from './tests/setup/memory.ts'
import { LongestFirst } from './tests/setup/order.ts'

keepInMemory()

// Pages are made as they are for people: without what React checks for its developers, a fifth of a run of the admin's matrix.
process.env.NODE_ENV = 'production'

/** Change modules for as long as their process lasts, or wait for processes most of the time: each by itself, and first of all. */
const ALONE = [
  'app/delivery/send.test.ts',
  'tests/e2e/markup.test.ts',
  'tests/chaos/**/*.test.ts',
  'tests/process/**/*.test.ts',
]
const FOLDERS = ['app', 'bench', 'extensions', 'sandbox', 'scripts', 'storefront', 'tests']

export default defineConfig({
  test: {
    setupFiles: ['tests/setup/properties.ts'],
    globalSetup: ['tests/setup/build.ts', 'tests/setup/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a test waits for may take long on a busy machine; it passes as soon as it is there.
    expect: { poll: { timeout: 15_000 } },
    // More than the cores of a small machine: many tests wait for a browser, a process or a lane.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    // Run in the order of their names.
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      // In one process file after file: a process for each would take a quarter of their time.
      {
        extends: true,
        test: {
          name: 'together',
          include: FOLDERS.map(folder => `${folder}/**/*.test.ts`),
          exclude: ALONE,
          isolate: false,
        },
      },
    ],
  },
})
