/**
 * What the matrix (matrix.test.ts) knows of the console's routes: who may ask each, and what each action is sent. A route that is
 * not here makes the matrix fail, so that nobody adds one that was never tried by those who may not.
 */
import type { Role } from '../../app/support/roles.ts'

/**
 * Whom a route is for: anybody, everybody who is signed in, or from a role on. `absent`: it is there with single sign-on only, which
 * leaves no sessions by password to try (oidc.test.ts tries it).
 */
export type Least = Role | 'anybody' | 'absent'

export type ConsoleCase = {
  tell: string
  form: Readonly<Record<string, string>>
  least: Exclude<Least, 'absent'>
  /** What it does for who may: a case that changes nothing for anybody would prove little. */
  own: 'changes' | 'reads'
  /** Values of the route's parameters, or of its query; unset: the first of each. */
  params?: Readonly<Record<string, string>>
}

/** What is there for the cases to be done to. */
export type ConsoleTargets = {
  shop: string
  event: string
  vendor: string
  /** A fleet action that was stopped. */
  fleet: string
  /** An account that nobody of the matrix uses. */
  account: string
  /** The session of somebody else than who asks, as its own page names it. */
  session: string
}

/** Who may load a route. */
export const LOADERS: Readonly<Record<string, Least>> = {
  'routes/support': 'viewer',
  'routes/support._index': 'viewer',
  'routes/support.$': 'viewer',
  'routes/support.shops._index': 'viewer',
  'routes/support.shops.$shop': 'viewer',
  'routes/support.shops.$shop_.activity': 'viewer',
  'routes/support.shops.$shop_.events._index': 'viewer',
  'routes/support.shops.$shop_.events.$event': 'viewer',
  'routes/support.shops.$shop_.history': 'viewer',
  'routes/support.fleet._index': 'viewer',
  'routes/support.fleet.$action': 'viewer',
  'routes/support.fleet.vendor.$vendor': 'viewer',
  'routes/support.audit._index': 'viewer',
  'routes/support.audit.export': 'admin',
  'routes/support.accounts': 'admin',
  'routes/support.keys': 'admin',
  'routes/support.keys_.count': 'admin',
  'routes/support.sessions': 'viewer',
  'routes/support_.oidc': 'absent',
  'routes/support_.oidc_.callback': 'absent',
  'routes/support_.sign-in': 'anybody',
  'routes/support_.sign-out': 'anybody',
}

/** What a route's address needs beside its path. */
export const QUERIES: Readonly<Record<string, string>> = {
  'routes/support.shops.$shop_.history': 'vendor=voucherify',
}

/** By route, in the order in which those who may then do it. */
export function actionCases({
  account,
  vendor,
  session,
}: ConsoleTargets): Readonly<Record<string, readonly ConsoleCase[]>> {
  const REASON = { reason: 'Asked for by the matrix.' }
  const WHY = { why: REASON.reason }
  const agent = { least: 'agent', own: 'changes' } as const
  const admin = { least: 'admin', own: 'changes' } as const
  const chosen = { which: 'delivered', vendor }
  const BEGINS = { id: '019a0000-0000-7000-8000-000000000001', at: '2999-01-01T00:00:00.000Z' }
  return {
    'routes/support.shops.$shop': [
      { tell: 'counts', form: { intent: 'count', vendor }, least: 'agent', own: 'reads' },
      { tell: 'holds', form: { intent: 'hold', vendor, ...REASON }, ...agent },
      { tell: 'releases', form: { intent: 'release', vendor, ...REASON }, ...agent },
    ],
    'routes/support.shops.$shop_.activity': [
      { tell: 'filters', form: { intent: 'filter', outcome: 'failed' }, least: 'viewer', own: 'reads' },
      { tell: 'looks for one person', form: { intent: 'filter', email: 'a@example.com' }, ...agent },
      { tell: 'counts', form: { intent: 'count', ...chosen }, least: 'agent', own: 'reads' },
      { tell: 'sends again', form: { intent: 'step', ...chosen, ...BEGINS, ...WHY }, ...agent },
    ],
    'routes/support.shops.$shop_.events.$event': [
      { tell: 'sends one again', form: { intent: 'replay', vendor, ...WHY }, ...agent },
      { tell: 'reveals', form: { intent: 'reveal', ...REASON }, ...agent },
    ],
    'routes/support.fleet._index': [
      { tell: 'holds for all', form: { kind: 'hold', vendor, shops: '', ...REASON }, ...agent },
      { tell: 'releases for all', form: { kind: 'release', vendor, shops: '', ...REASON }, ...agent },
    ],
    'routes/support.fleet.$action': [
      { tell: 'resumes', form: { change: 'resume' }, ...agent },
      { tell: 'stops what is done', form: { change: 'stop' }, least: 'agent', own: 'reads' },
    ],
    'routes/support.accounts': [
      { tell: 'adds', form: { change: 'add', email: 'new@example.com', role: 'viewer' }, ...admin },
      { tell: 'changes a role', form: { change: 'role', email: account, role: 'agent' }, ...admin },
      { tell: 'resets', form: { change: 'reset', email: account }, ...admin },
      { tell: 'unlocks', form: { change: 'unlock', email: account }, ...admin },
      { tell: 'disables', form: { change: 'disable', email: account }, ...admin },
      { tell: 'enables', form: { change: 'enable', email: account }, ...admin },
      { tell: 'ends sessions', form: { change: 'end', email: 'viewer@example.com' }, ...admin },
    ],
    'routes/support.keys': [
      { tell: 'seals anew', form: { intent: 'rotate' }, least: 'admin', own: 'changes' },
    ],
    'routes/support.keys_.left': [{ tell: 'tells that it was left', form: {}, ...admin }],
    'routes/support.sessions': [
      { tell: 'ends a session that is not there', form: { session: 'x' }, least: 'viewer', own: 'reads' },
      { tell: "ends another's session", form: { session }, least: 'viewer', own: 'reads' },
    ],
    'routes/support.$': [],
    'routes/support_.sign-in': [],
    'routes/support_.sign-out': [],
  }
}
