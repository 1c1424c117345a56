import { describe, expect, it } from 'vitest'
import type { AuditLine } from '../insights/audit.ts'
import { toldEntry } from './audit-words.ts'

const AT = '2026-11-20T17:30:00.000Z'
const line = (over: Partial<AuditLine>): AuditLine => ({
  ...{
    id: '1',
    at: new Date(AT),
    actor: 'a@example.com',
    role: 'agent',
    address: null,
    shop: 's',
    vendor: null,
  },
  ...{ action: 'hold', subject: null, reason: null, before: null, after: null },
  ...over,
})
const FLEET = '01930000-0000-7000-8000-000000000001'

describe('an entry', () => {
  it.each<[string, Partial<AuditLine>, { what: string; changes: string }]>([
    [
      'of a hold in place of another',
      { reason: 'New.', before: { reason: 'Old.', until: AT }, after: { reason: 'New.', until: null } },
      { what: 'Changed the hold', changes: `Held because: Old. → New.; Hold ends by itself: ${AT} → none` },
    ],
    [
      'of a hold in place of one that was over',
      { reason: 'New.', before: { reason: 'Old.', since: AT }, after: { reason: 'New.', since: 'later' } },
      { what: 'Held', changes: `Held because: Old. → New.; Held since: ${AT} → later` },
    ],
    [
      "of a test, which was told as Ok: No and in the merchant's words",
      {
        ...{ action: 'vendor_test', before: null },
        after: {
          ok: false,
          message: 'Ecomail does not accept the credentials. Check them in the tool’s settings.',
        },
      },
      {
        what: 'Tested the credentials',
        changes:
          'The test: Did not work; What it said: Ecomail does not accept the credentials. The merchant has to check them in the vendor’s settings.',
      },
    ],
    [
      'of a file, which was told as Each shop of fleet actions: No',
      { action: 'export', after: { eachShop: false } },
      { what: 'Took the audit as a file', changes: 'Each shop of fleet actions: Left out of the file' },
    ],
    [
      'whose reason says it all',
      { reason: 'New.', after: { reason: 'New.' } },
      { what: 'Held', changes: '' },
    ],
    [
      'of a switch',
      { action: 'vendor_off', before: { on: true }, after: { on: false } },
      { what: 'Switched off', changes: 'Switched on: Yes → No' },
    ],
    [
      "of a vendor's settings, which have names of their own",
      { action: 'vendor_connect', vendor: 'ecomail', before: null, after: { apiKey: '…6789' } },
      { what: 'Connected, or changed settings', changes: 'API key: …6789' },
    ],
    [
      'of a pause that was ended',
      {
        action: 'lane_resume',
        before: { pausedUntil: AT, announced: [], broughtForward: 0, stop: null },
        after: { pausedUntil: null, announced: [], broughtForward: 2, stop: null },
      },
      {
        what: 'Ended a pause',
        changes: `Paused until: ${AT} → none; Tries brought forward: 0 → 2`,
      },
    ],
    [
      'of deliveries that were sent again',
      {
        ...{ action: 'replay', vendor: 'ecomail' },
        after: {
          ...{ type: 'order_paid', outcome: 'failed', reason: 'rejected', vendor: 'ecomail' },
          ...{ partlyRejected: false, person: true, replayId: FLEET, since: '2026-11-19', zone: 'UTC' },
          ...{ count: 12, held: 3, replay: FLEET },
        },
      },
      {
        what: 'Sent 12 deliveries again that had failed. To be sent then: 9 of them. Held, because the vendor was stopped: 3.',
        changes:
          'Kind of event: Order paid; They had come to: Rejected; Of one person alone: Yes; Sent again before on: 2024-11-06T05:43:40.288Z; Received from: 2026-11-19; Days of the time zone: UTC',
      },
    ],
    [
      'of one event that was sent again while its vendor was held',
      { action: 'replay', vendor: 'ecomail', subject: FLEET, after: { count: 1, held: 1, replay: FLEET } },
      { what: 'Sent 1 delivery again. It was held then, because the vendor was stopped.', changes: '' },
    ],
    [
      'of what the command line began to send again',
      { action: 'replay', after: { states: ['dead'], vendor: 'ecomail', replay: FLEET } },
      { what: 'Began to send deliveries again that had failed', changes: '' },
    ],
    [
      'of a pause that there was not',
      {
        action: 'lane_resume',
        before: { pausedUntil: null, announced: [], broughtForward: 0, stop: { reason: 'off' } },
        after: { pausedUntil: null, announced: [], broughtForward: 0, stop: { reason: 'off' } },
      },
      { what: 'Asked to end a pause: nothing was changed', changes: '' },
    ],
    [
      'of a fleet action, with how many shops it is for',
      {
        ...{ action: 'fleet_hold', shop: null, vendor: 'alana', subject: FLEET },
        after: { shops: 120, filter: { states: ['late', 'failing'] } },
      },
      { what: 'Held for many shops: 120', changes: 'State was: Late, Failing' },
    ],
    [
      'that is newer than the texts',
      { action: 'later_deed', after: { newField: 7 } },
      { what: 'later_deed', changes: 'New field: 7' },
    ],
  ])('%s is told in words', (_, over, told) => {
    expect(toldEntry(line(over))).toEqual({ who: 'a@example.com (Agent)', ...told })
  })

  it.each([
    [{ action: 'sign_in' }, 'a@example.com (Agent)'],
    [{ action: 'sign_in_failed' }, 'Somebody, as a@example.com (Agent)'],
    [{ action: 'sign_in_failed', actor: 'nobody', role: null }, 'Somebody'],
    [{ action: 'hold', actor: 'command line: ann', role: null }, 'command line: ann'],
  ])('%j does not say that a person did what anybody may have tried', (over, who) => {
    expect(toldEntry(line(over)).who).toBe(who)
  })
})
