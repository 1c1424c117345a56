import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { comingTimeOption, print, table, timeOption } from './context.ts'
import { Failure } from './failure.ts'
import { merged, settingsFrom } from './settings.ts'

describe('timeOption', () => {
  const since = timeOption('--since')
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00.000Z') })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['2026-11-19', '2026-11-19T00:00:00.000Z'],
    ['2026-11-19T10:00:00Z', '2026-11-19T10:00:00.000Z'],
    ['2026-11-19T10:00', '2026-11-19T10:00:00.000Z'],
    ['2026-11-19T10:00:00.123+02:00', '2026-11-19T08:00:00.123Z'],
    ['90m', '2026-11-20T10:30:00.000Z'],
    ['24h', '2026-11-19T12:00:00.000Z'],
    ['7d', '2026-11-13T12:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(since(text)).toEqual(new Date(expected))
  })

  it.each(['', '24', 'yesterday', '7w', '-7d', '2026-13-01', '1.5h'])('refuses %j by name', text => {
    expect(() => since(text)).toThrow(Failure)
    expect(() => since(text)).toThrow(/^--since must be/)
  })

  const until = comingTimeOption('--until')
  it.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['90m', '2026-11-20T13:30:00.000Z'],
    ['2h', '2026-11-20T14:00:00.000Z'],
  ])('reads %s as still to come', (text, expected) => {
    expect(until(text)).toEqual(new Date(expected))
  })

  it.each(['2026-11-19', '2026-11-20T12:00:00Z', '0h'])('refuses %s, which is no time to come', text => {
    expect(() => until(text)).toThrow('--until must be a time that is still to come.')
  })

  it('says how a time to come is given', () => {
    expect(() => until('soon')).toThrow('or a time from now such as 2h.')
  })
})

describe('table', () => {
  it('aligns columns under their header', () => {
    const rows = [
      ['a', 'long value', 'x'],
      ['longer', 'b', ''],
    ]
    expect(table(['ONE', 'TWO', 'THREE'], rows, 'none')).toBe(
      ['ONE     TWO         THREE', 'a       long value  x', 'longer  b'].join('\n'),
    )
  })

  it('is the sentence when there is nothing', () => {
    expect(table(['ONE'], [], 'Nothing.')).toBe('Nothing.')
  })
})

describe('print', () => {
  const printed = async (...args: string[]) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const program = new Command('sluice').option('--json')
    program.command('show').action((_options: unknown, command: Command) => {
      print(command, { a: [1] }, ({ a }) => `a is \u001b[31m${a}\n`)
    })
    await program.parseAsync(['show', ...args], { from: 'user' })
    const [[text] = []] = log.mock.calls
    log.mockRestore()
    return text
  }

  it('is text, in which nothing steers the terminal', async () => {
    expect(await printed()).toBe('a is [31m1\n')
  })

  it('is JSON when asked for', async () => {
    expect(JSON.parse(await printed('--json'))).toEqual({ a: [1] })
  })
})

describe('settingsFrom', () => {
  const from = (...pairs: string[]) =>
    settingsFrom(tinyVendor(), [`apiKey=${TINY_SETTINGS.apiKey}`, ...pairs])

  it('reads pairs, also with "=" in the value', () => {
    expect(from('region=us')).toEqual({ ...TINY_SETTINGS, region: 'us' })
    expect(settingsFrom(tinyVendor(), ['apiKey=a=b=='])).toEqual({ apiKey: 'a=b==' })
  })

  it('reads a record from JSON', () => {
    expect(from('rows={"product_viewed":false}')).toMatchObject({ rows: { product_viewed: false } })
    expect(() => from('rows={')).toThrow('rows must be JSON')
  })

  it.each(['region', '=us', ''])('refuses %j, which is no pair', pair => {
    expect(() => from(pair)).toThrow(Failure)
  })
})

describe('merged', () => {
  const saved = { appId: 'a1', appToken: 'secret-token-1234' }
  const elsewhere = { baseUrl: 'https://collect.example.com' }

  it('does not take a saved secret to another address', () => {
    const voucherify = vendorById('voucherify')
    expect(() => merged(voucherify, saved, elsewhere)).toThrow(
      'Secret key: enter the key again, because it would go to another address: --set appToken=…',
    )
    const entered = { ...elsewhere, appToken: 'new' }
    expect(merged(voucherify, saved, entered)).toEqual({ appId: 'a1', ...entered })
    expect(merged(voucherify, saved, { region: 'eu', appId: 'a2' })).toEqual({
      ...saved,
      region: 'eu',
      appId: 'a2',
    })
  })
})
