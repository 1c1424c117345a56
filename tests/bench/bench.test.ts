import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')

const figure = z.object({
  name: z.string().min(1),
  value: z.number(),
  unit: z.enum(['/s', 'ms', 'MB', 'B', 'ratio', 'count', 'score']),
  met: z.boolean().optional(),
})
const measured = z.object({
  startedAt: z.iso.datetime(),
  quick: z.literal(true),
  machine: z.object({
    cores: z.number().positive(),
    memoryGb: z.number(),
    node: z.string(),
    model: z.string(),
  }),
  suites: z
    .array(
      z.object({ id: z.string(), about: z.string(), seconds: z.number(), figures: z.array(figure).min(1) }),
    )
    .length(1),
})

const results = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'))
afterAll(() => rmSync(results, { recursive: true }))

function bench(...args: string[]) {
  const run = spawnSync(process.execPath, ['bench/run.ts', '--results', results, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return { status: run.status, out: run.stdout, err: run.stderr }
}

describe('npm run bench', () => {
  let run: ReturnType<typeof bench>
  beforeAll(() => {
    run = bench('--quick', '--only', 'storefront', '--json')
  }, 120_000)

  it('measures what was asked for', () => {
    expect(run, run.err).toMatchObject({ status: 0 })
  })

  it('keeps the figures, with the machine they are of', () => {
    const [file = '', ...others] = readdirSync(results)
    expect(others).toEqual([])
    const kept = measured.parse(JSON.parse(readFileSync(join(results, file), 'utf8')))
    expect(kept.suites[0]?.id).toBe('storefront')
    expect(kept.suites[0]?.figures.map(({ name }) => name)).toContain('events / webhooks')
    expect(kept.suites[0]?.figures.filter(({ value }) => value <= 0)).toEqual([])
  })

  it('prints the same as JSON', () => {
    expect(measured.parse(JSON.parse(run.out)).suites[0]?.id).toBe('storefront')
  })

  it('names the benchmarks when asked for one that there is not', () => {
    const wrong = bench('--only', 'weather')
    expect(wrong.status).toBe(1)
    expect(wrong.err).toMatch(/no benchmark "weather": ingest, storefront, delivery/)
  })
})

describe('the benchmark of a page', () => {
  let figures: z.infer<typeof figure>[]
  beforeAll(() => {
    const run = bench('--quick', '--only', 'page', '--json')
    expect(run, run.err).toMatchObject({ status: 0 })
    figures = measured.parse(JSON.parse(run.out)).suites[0]?.figures ?? []
  }, 120_000)

  it('sees the embed at work', () => {
    // A difference of two pages may be below nothing on a busy machine.
    const seen = [
      'script, by samples',
      'LCP, on',
      'LCP, off',
      'requests in all',
      'script, after gzip',
      'facts',
    ]
    expect(figures.filter(({ name, value }) => seen.includes(name) && value > 0)).toHaveLength(seen.length)
    expect(figures.map(({ name }) => name)).toContain('script with its waiting, on - off')
  })

  it('finds that the embed moves nothing and asks for nothing before the browser is idle', () => {
    const still = ['layout shift, on - off', 'requests before the first idle callback']
    expect(figures.filter(({ name, met }) => still.includes(name) && met)).toHaveLength(still.length)
  })
})
