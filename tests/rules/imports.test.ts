/** The import rule finds a breach, and its message says how to mend it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
let tree: string
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'sluice-imports-'))
  for (const name of ['node_modules', 'tsconfig.json', '.dependency-cruiser.cjs'])
    symlinkSync(join(ROOT, name), join(tree, name))
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}')
})
afterEach(() => rmSync(tree, { recursive: true }))

function write(path: string, text: string) {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}
function check() {
  const { status, stdout } = spawnSync(
    join(ROOT, 'node_modules/.bin/depcruise'),
    ['app', '--output-type', 'err-long'],
    { cwd: tree, encoding: 'utf8' },
  )
  return { status, text: stdout.replace(/\s+/g, ' ') }
}

it.each([
  [
    'app/vendors/ecomail/map.ts',
    'app/db/pool.ts',
    'vendors-know-only-events',
    'must reach it through the contract',
  ],
  [
    'app/vendors/ecomail/map.ts',
    'app/vendors/alana/map.ts',
    'vendors-do-not-know-each-other',
    'Put what both need into a file directly in app/vendors',
  ],
  [
    'app/events/types.ts',
    'app/vendors/vendor.ts',
    'events-import-nothing',
    'Move what it needs into app/events',
  ],
  [
    'app/delivery/drain.ts',
    'app/vendors/alana/map.ts',
    'delivery-knows-vendors-by-contract',
    'into the vendor declaration',
  ],
  [
    'app/routes/page.ts',
    'app/db/pool.ts',
    'routes-only-render',
    'add a function to app/runtime or app/insights',
  ],
  [
    'app/delivery/drain.ts',
    'app/shopify/shops.ts',
    'delivery-is-below-shopify-and-the-surface',
    'Pass what it needs in',
  ],
  [
    'app/runtime/services.ts',
    'sandbox/store.ts',
    'only-tests-know-the-sandbox',
    'give the app an address instead',
  ],
])('%s importing %s is a breach of %s', (from, to, rule, remedy) => {
  const path = '../'.repeat(from.split('/').length - 1) + to
  write(from, `import { thing } from '${path}'\nexport const other = thing\n`)
  write(to, 'export const thing = 1\n')
  const { status, text } = check()
  expect(status).not.toBe(0)
  expect(text).toContain(rule)
  expect(text).toContain(remedy)
})

it('a tree that keeps the rules passes', () => {
  write(
    'app/vendors/ecomail/map.ts',
    "import { thing } from '../../events/types.ts'\nexport const other = thing\n",
  )
  write('app/events/types.ts', 'export const thing = 1\n')
  expect(check()).toMatchObject({ status: 0 })
})
