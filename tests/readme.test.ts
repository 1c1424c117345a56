/** README's commands do what it says of them: its blocks are run as they stand there, against a demo at other addresses. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeEmbedded } from '../app/db/embedded/index.ts'
import { createLog } from '../app/log.ts'
import { type Demo, startDemo } from '../sandbox/demo/environment.ts'
import { untilIdle } from '../sandbox/demo/idle.ts'
import { VENDORS } from '../sandbox/vendors/contract.ts'

const ROOT = resolve(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const BLOCKS = [...README.matchAll(/^```(sh|json)\n(.*?)^```/gms)].map(([, kind, code = '']) => ({
  kind,
  code,
}))

/** The only block in which the words stand. */
function block(words: string): string {
  const found = BLOCKS.filter(({ code }) => code.includes(words))
  if (found.length !== 1) throw new Error(`README has ${found.length} blocks with ${words}`)
  return found[0]?.code ?? ''
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'))
let demo: Demo
let settings: Record<string, string>
beforeAll(async () => {
  demo = await startDemo({ folder, port: 0, log: createLog('error'), storefront: true })
  settings = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))
  await demo.storefront?.settled()
}, 90_000)
afterAll(async () => {
  await demo?.close()
  await removeEmbedded(folder)
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a block in a shell, beside the demo of this test in place of the one at README's addresses. */
async function run(code: string): Promise<string> {
  const here = code
    .replaceAll('http://127.0.0.1:3000', demo.appUrl)
    .replaceAll('http://127.0.0.1:3001', demo.vendors.urls.inbox)
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
  const child = spawn('sh', ['-ec', here], {
    cwd: ROOT,
    env: { NODE_ENV: 'production', PATH: path, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>(done => child.once('close', done))
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (status !== 0) throw new Error(`${status}: ${out}${err}`)
  return out
}
const taken = () => VENDORS.map(vendor => demo.vendors.counts(vendor).taken)

describe('README', () => {
  it('sends an order that every vendor gets once, however often it is sent, and tells its story', async () => {
    const before = taken()
    const answer = await run(block('BODY='))
    expect(answer).toContain('HTTP/1.1 200')
    await untilIdle(demo.server.services)
    const after = taken()
    expect(after.every((count, at) => count > (before[at] ?? 0))).toBe(true)

    expect(await run(block('BODY='))).toContain('HTTP/1.1 200')
    await untilIdle(demo.server.services)
    expect(taken()).toEqual(after)
    expect(await run(block('BODY=').replace('demo-secret', 'demo-secreT'))).toContain('HTTP/1.1 401')

    const [, id = ''] = /([0-9a-f]{8}-[0-9a-f-]{27})/.exec(answer) ?? []
    const told = await run(block('explain ').replace('EVENT_ID', id))
    expect(told).toContain(id)
    expect(told).toContain('order_created')
  }, 90_000)

  it('sends a batch of the storefront that is taken, and would not be under a robot’s name', async () => {
    const code = block('createHmac')
    expect(await run(code)).toBe('202 {"accepted":1,"rejected":[]}\n')
    for (const robot of ['curl/8.5.0', 'node', 'Mozilla/5.0']) {
      expect(await run(code.replace(/"Mozilla[^"]*"/, `"${robot}"`))).toContain('automated')
    }
  }, 90_000)

  it('asks for what was skipped', async () => {
    await expect(run(block('--state skipped'))).resolves.toBeDefined()
  }, 90_000)

  it('makes a vendor fail, and leaves no fault behind', async () => {
    const code = block('/control/ecomail -H')
    expect(code.trim().split('\n')).toHaveLength(4)
    const out = await run(code)
    expect(out).toContain('503')
    expect(await run('curl -s http://127.0.0.1:3001/control/ecomail')).not.toContain('503')
  })

  it('has a script of which every event reaches every vendor that wants it', async () => {
    const file = join(folder, 'script.jsonl')
    writeFileSync(file, block('"storefront":'))
    const out = await run(`node scripts/demo.ts --script ${file}`)
    expect(out.match(/✓ line/g)).toHaveLength(2)
    expect(out).toContain('order_created at topmail: delivered')
    expect(out).not.toContain('skipped')
  }, 90_000)
})
