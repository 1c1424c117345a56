/**
 * How often somebody may try to sign in. Each try counts before it is looked at, so that many at once are not more, and is given
 * back when it was right. What is counted is the same whether there is such an account or not.
 *
 * A browser that has signed in as the account before is counted by itself. All others are counted by account and address, then
 * by address, then by account: who is stopped by one is not counted by those after it, so that one address alone cannot use up what
 * an account has from everywhere, and nobody at all can use up what its own browsers have. An address that has used up its own is
 * stopped before anything is counted: it adds no more rows. One that is not known counts as one address.
 */
import { createHash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Device } from './device.ts'

const WINDOW_SECONDS = 15 * 60
/** Tries in that time. */
const MOST = {
  /** Of one known browser as one account. */
  device: 10,
  /** From one address as one account. */
  pair: 10,
  /** From one address, where a whole office may be, as anybody. */
  address: 50,
  /** From anywhere as one account. */
  account: 100,
  /** From one address, back from the provider of single sign-on: each makes us ask the provider. */
  callback: 50,
  /** Of these, those given back because the provider does not answer: who tries again is not to blame, but may not ask it for ever. */
  unanswered: 50,
  /** Of one person whom the provider knows and who has no way in here, written down. */
  refusal: 1,
} as const
type Count = keyof typeof MOST

/** `address`: for counting, null where it is not known. */
export type Attempt = { email: string; address: string | null; device: Device | null }
/** What was used up: that of a known browser, of an account from one address, of an address, or of an account from everywhere. */
export type UsedUp = 'device' | 'pair' | 'address' | 'account'
/** `first`: it is the first that is stopped, which is worth writing down; those after it are not. */
export type Stopped = { seconds: number; first: boolean }

export type Throttle = {
  /** @returns null: it may be tried */
  take(attempt: Attempt): Promise<(Stopped & { by: UsedUp }) | null>
  /** The attempt was right. */
  giveBack(attempt: Attempt): Promise<void>
  /** The same for who comes back from the provider of single sign-on. @param address for counting */
  takeCallback(address: string | null): Promise<Stopped | null>
  giveBackCallback(address: string | null): Promise<void>
  /** The provider did not answer: given back too, up to so many. */
  giveBackUnanswered(address: string | null): Promise<void>
  /** @param refused who was turned away, and why @returns whether it is the first time, which is worth writing down */
  isFirstRefusal(...refused: string[]): Promise<boolean>
}

export function createThrottle(pool: Pool): Throttle {
  const limiter = (name: Count) =>
    new RateLimiterPostgres({
      storeClient: pool,
      tableName: 'support_throttle',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: MOST[name],
      duration: WINDOW_SECONDS,
    })
  const limiters = {
    device: limiter('device'),
    pair: limiter('pair'),
    address: limiter('address'),
    account: limiter('account'),
    callback: limiter('callback'),
    unanswered: limiter('unanswered'),
    refusal: limiter('refusal'),
  }
  return {
    async take(attempt) {
      const counts = countsOf(attempt)
      const address = counts.find(([name]) => name === 'address')
      const known = address && (await limiters.address.get(address[1]))
      if (known && known.consumedPoints > MOST.address)
        return { seconds: secondsOf(known), first: false, by: 'address' }
      for (const [name, key] of counts) {
        const stopped = await take(limiters[name], key)
        if (stopped) return { ...stopped, by: name }
      }
      return null
    },
    async giveBack(attempt) {
      for (const [name, key] of countsOf(attempt)) await limiters[name].reward(key)
    },
    takeCallback: address => take(limiters.callback, digest(address ?? '')),
    async giveBackCallback(address) {
      await limiters.callback.reward(digest(address ?? ''))
    },
    async giveBackUnanswered(address) {
      const key = digest(address ?? '')
      if (!(await take(limiters.unanswered, key))) await limiters.callback.reward(key)
    },
    isFirstRefusal: async (...refused) => (await take(limiters.refusal, digest(...refused))) === null,
  }
}

/** What an attempt is counted by, in this order. */
function countsOf({ email, address, device }: Attempt): [UsedUp, string][] {
  const account = digest(email)
  if (device?.emails.includes(email)) return [['device', account + digest(device.id)]]
  const from = digest(address ?? '')
  return [
    ['pair', account + from],
    ['address', from],
    ['account', account],
  ]
}

/** Forgets all tries at an account, from wherever: whoever was to wait may try again. @returns how many counts */
export async function forgetAttemptsAt(client: Pool | PoolClient, email: string): Promise<number> {
  const result = await client.query(
    `delete from support_throttle
     where starts_with(key, 'account:' || $1) or starts_with(key, 'pair:' || $1) or starts_with(key, 'device:' || $1)`,
    [digest(email)],
  )
  return result.rowCount ?? 0
}

/** @returns of these accounts those at which a next try has to wait, somewhere or everywhere */
export async function stoppedAccounts(pool: Pool, emails: readonly string[]): Promise<Set<string>> {
  const byDigest = new Map(emails.map(email => [digest(email), email]))
  const found = await pool.query<{ account: string }>(
    `select distinct substring(split_part(key, ':', 2) for ${DIGEST_LETTERS}) as account from support_throttle
     where expire > $1 and points >= ($2::jsonb ->> split_part(key, ':', 1))::int`,
    [Date.now(), JSON.stringify({ account: MOST.account, pair: MOST.pair, device: MOST.device })],
  )
  return new Set(found.rows.flatMap(({ account }) => byDigest.get(account) ?? []))
}

/** Of a SHA-256 in base64url. */
const DIGEST_LETTERS = 43
/** Who tries what is nothing to keep in the clear: a password may have been typed in the address's place. */
const digest = (...parts: string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

async function take(limiter: RateLimiterPostgres, key: string): Promise<Stopped | null> {
  try {
    await limiter.consume(key)
    return null
  } catch (stopped) {
    // The library throws what it counted; what else it throws is the database's.
    if (!(stopped instanceof RateLimiterRes)) throw stopped
    return {
      seconds: secondsOf(stopped),
      first: stopped.consumedPoints === limiter.points + 1,
    }
  }
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.ceil(msBeforeNext / 1000)

/** Forgets what counts no more. @returns how many */
export async function forgetAttempts(pool: Pool): Promise<number> {
  // The library keeps times in milliseconds of the process's clock.
  const result = await pool.query(`delete from support_throttle where expire < $1`, [Date.now()])
  return result.rowCount ?? 0
}
