import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { removeEmbedded } from '../../app/db/embedded/index.ts'
import { createLog } from '../../app/log.ts'
import { activatePixel } from '../../app/shopify/admin/pixel.ts'
import { pixelAddress } from '../../app/shopify/admin/pixel-state.ts'
import { rotatePixelKey } from '../../app/shopify/pixel-key.ts'
import { shopByDomain } from '../../app/shopify/shops.ts'
import { DEMO_SHOP, startDemo } from '../../sandbox/demo/environment.ts'
import { checkInbox, EXPECTED } from '../../sandbox/demo/expected.ts'
import { VENDORS } from '../../sandbox/vendors/contract.ts'

const ROOT = resolve(import.meta.dirname, '../..')

async function demo(...args: string[]) {
  const child = spawn(process.execPath, ['scripts/demo.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, code }
}

describe('the demo', () => {
  it('plays a day in a store, and every inbox holds exactly what it should', async () => {
    const { out, code } = await demo('--once')
    expect(out).toContain('Everything arrived, once.')
    expect(out).not.toContain('✗')
    expect(code).toBe(0)
  }, 90_000)

  it('plays a script, and fails when a line of it is not taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-script-'))
    const script = join(folder, 'script.jsonl')
    const lines = [
      { webhook: { topic: 'shop/update', payload: { id: 1, name: 'Shop' } } },
      {
        storefront: {
          visitorId: 'v',
          sentAt: new Date().toISOString(),
          consent: { analytics: true, marketing: true },
          events: [],
        },
      },
      { storefront: 'no batch' },
    ]
    writeFileSync(script, `# a script\n${lines.map(line => JSON.stringify(line)).join('\n')}\n`)
    const { out, code } = await demo('--script', script)
    rmSync(folder, { recursive: true })
    expect(out).toMatch(/✓ line 2: 200/)
    expect(out).toMatch(/✗ line 4: 400/)
    expect(code).toBe(1)
  }, 90_000)

  it('sends nothing of a script that cannot be read to its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-script-'))
    const script = join(folder, 'script.jsonl')
    writeFileSync(script, '{"webhook": {"topic": "shop/update", "payload": {"id": 1}}}\nno JSON\n')
    const { out, err, code } = await demo('--script', script)
    rmSync(folder, { recursive: true })
    expect(out).toBe('')
    expect(err).toContain('Line 2 of the script')
    expect(code).toBe(1)
  })

  it('says what there is to whoever asks', async () => {
    const { out, err, code } = await demo('--help')
    expect([out.startsWith('npm run demo '), err, code]).toEqual([true, '', 0])
  })

  it.each([
    ['--embed', 'off'],
    ['embed', ''],
  ])('says what is wrong with %s', async (...args) => {
    const { err, code } = await demo(...args.filter(arg => arg !== ''))
    expect(err).toMatch(/^(Unknown option '--embed'|Unexpected argument 'embed')\. What there is:\n/)
    expect(code).toBe(1)
  })

  it('has a store whose first page says what to do, and where to watch; the next page after rotate-key has the new key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
    const log = createLog('error')
    const { storefront, vendors, server, appUrl, close } = await startDemo({
      folder,
      port: 0,
      log,
      storefront: true,
    })
    try {
      const page = await (await fetch(storefront?.url ?? '')).text()
      expect(page).toContain('A store to try Sluice in')
      expect(page).toContain(`href="${vendors.urls.inbox}"`)
      await storefront?.settled()
      expect(storefront?.webhooks.map(webhook => webhook.status)).toEqual(Array(9).fill(200))
      const { pool, admin, database } = server.services
      const shop = await shopByDomain(database.prisma, DEMO_SHOP)
      const id = shop?.id ?? 0
      const key = await rotatePixelKey(pool, id)
      expect(page).not.toContain(key)
      await activatePixel({ pool, log, admin, address: pixelAddress(appUrl) }, { id, domain: DEMO_SHOP, key })
      expect(await (await fetch(storefront?.url ?? '')).text()).toContain(`"key":"${key}"`)
    } finally {
      await close()
      await removeEmbedded(folder)
      rmSync(folder, { recursive: true, force: true })
    }
  }, 90_000)

  it('finds what is missing and what is too much in an inbox', () => {
    for (const vendor of VENDORS) {
      expect(checkInbox(vendor, []).filter(finding => finding.wanted !== finding.found)).toHaveLength(
        EXPECTED[vendor].length,
      )
    }
    const stray = {
      seq: 1,
      at: '',
      method: 'POST',
      path: '/elsewhere',
      headers: {},
      body: null,
      status: 404,
      answer: null,
      accepted: false,
      taken: 0,
      warnings: [],
    }
    expect(checkInbox('alana', [stray])).toContainEqual({
      vendor: 'alana',
      what: 'unexpected: POST /elsewhere 404',
      wanted: 0,
      found: 1,
    })
  })
})
