/**
 * What the pages of the support console ask for. Each begins with `enter`, which says who asks; whatever is done is done in that
 * name.
 */
import { redirect } from '@remix-run/node'
import { z } from 'zod'
import { type Database, isUnavailable, withTransaction } from '../db/database.ts'
import type { Engine } from '../delivery/engine.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type Actor, writeAudit } from '../support/audit.ts'
import { readDevice } from '../support/device.ts'
import type { OidcConfig } from '../support/oidc.ts'
import { atLeast, type Role } from '../support/roles.ts'
import { endSession, readSession } from '../support/sessions.ts'
import { signIn } from '../support/sign-in.ts'
import { createThrottle, type UsedUp } from '../support/throttle.ts'
import { text } from '../ui/text.server.ts'
import { networkOfAddress } from './address.ts'
import { createSupportAccounts, type SupportAccounts } from './support-accounts.ts'
import { createSupportAudit, type SupportAudit } from './support-audit.ts'
import { createSupportFleet, type SupportFleet } from './support-fleet.ts'
import { createSupportKeys, type SupportKeys } from './support-keys.ts'
import { createSupportOidc, type SupportOidc } from './support-oidc.ts'
import {
  browserOf,
  consoleCookies,
  cookieOf,
  ownPath,
  refuseOthers,
  signInAddress,
} from './support-request.ts'
import { createSupportShop, type SupportShop } from './support-shop.ts'
import { createSupportShops, type SupportShops } from './support-shops.ts'

/** Who asks. `by` is the same for the audit; `session` names the browser's, and signs nobody in. */
export type Staff = { id: number; email: string; role: Role; by: Actor; session: string }

/** Why nobody was signed in. `wait`: for so many seconds, `by` what was used up. */
export type NotSignedIn =
  | { kind: 'incomplete' }
  | { kind: 'wrong' }
  | { kind: 'wait'; seconds: number; by: UsedUp }

export type Support = {
  /**
   * @param least the role that the page needs
   * @throws Response: a redirect to sign in for nobody and for a session that is over, 403 for a lesser role and for what another
   * site's page sent, 503 when the database cannot be asked
   */
  enter(request: Request, least?: Role): Promise<Staff>
  /** Whether there is a session, was one until it ended, or neither, for the page where one signs in. */
  sessionOf(request: Request): Promise<'live' | 'ended' | 'none'>
  /**
   * @returns a redirect to where somebody was going, with its cookies, or why not
   * @throws Response 403 where there is single sign-on
   */
  signIn(request: Request): Promise<Response | NotSignedIn>
  /** @returns a redirect, also where nobody was signed in */
  signOut(request: Request): Promise<Response>
  accounts: SupportAccounts
  audit: SupportAudit
  keys: SupportKeys
  /** Single sign-on; null: there is none, and support signs in with passwords. */
  oidc: SupportOidc | null
  shops: SupportShops
  /** One shop, by its domain. */
  shop: SupportShop
  fleet: SupportFleet
}

export type SupportContext = {
  database: Database
  sealer: Sealer
  /** Of the keys that seal and unseal: the first seals. */
  keyIds: readonly string[]
  appUrl: string
  trustedProxies: number
  /** From when on what waits is late. */
  lateAfterMinutes: number
  oidc: OidcConfig | null
  log: Log
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
  ask: Engine['ask']
}

/** A form to sign in is small: more is not read from somebody whom nobody knows. */
const MOST_BYTES = 8_192
const typed = text.min(1).max(1_000)
const formSchema = z.object({ email: typed, password: typed, code: typed, to: z.string().optional() })

export function createSupport(context: SupportContext): Support {
  const { sealer, appUrl, trustedProxies } = context
  const { pool } = context.database
  const cookies = consoleCookies(appUrl)
  const throttle = createThrottle(pool)

  /** Who sent the request, whatever it asks for. */
  async function staffOf(request: Request): Promise<Staff | null> {
    const token = await cookieOf(request, cookies.session)
    const account = token === null ? null : await readSession(pool, token)
    if (!account) return null
    const { address } = browserOf(request, trustedProxies)
    return { ...account, by: { actor: account.email, role: account.role, address } }
  }

  return {
    async enter(request, least = 'viewer') {
      refuseOthers(request, appUrl)
      const staff = await staffOf(request).catch(away)
      if (!staff) throw redirect(signInAddress(request))
      if (!atLeast(staff.role, least)) throw new Response(null, { status: 403 })
      return staff
    },
    async sessionOf(request) {
      if (await staffOf(request).catch(away)) return 'live'
      return (await cookieOf(request, cookies.session)) === null ? 'none' : 'ended'
    },
    async signIn(request) {
      refuseOthers(request, appUrl)
      if (context.oidc) throw new Response(null, { status: 403 })
      const { success, data } = formSchema.safeParse(Object.fromEntries(await smallForm(request)))
      if (!success) return { kind: 'incomplete' }
      const { to = null, ...given } = data
      const browser = browserOf(request, trustedProxies)
      const device = readDevice(sealer, await cookieOf(request, cookies.device))
      const network = networkOfAddress(browser.address)
      const attempt = { ...given, browser, device, network }
      const done = await signIn({ pool, sealer, throttle }, attempt).catch(away)
      if (done.kind !== 'in') return done
      const headers = new Headers()
      headers.append('set-cookie', await cookies.session.serialize(done.token))
      headers.append('set-cookie', await cookies.device.serialize(done.device))
      return redirect(ownPath(to), { headers })
    },
    async signOut(request) {
      refuseOthers(request, appUrl)
      const staff = await staffOf(request).catch(away)
      if (staff)
        await withTransaction(pool, async client => {
          await endSession(client, staff.id, staff.session)
          await writeAudit(client, staff.by, [{ action: 'sign_out' }])
        }).catch(away)
      const gone = await cookies.session.serialize('', { maxAge: 0 })
      return redirect('/support/sign-in', { headers: { 'set-cookie': gone } })
    },
    accounts: createSupportAccounts({ pool, sealer }),
    audit: createSupportAudit({ pool }),
    shops: createSupportShops({ pool }),
    shop: createSupportShop(context),
    fleet: createSupportFleet({ pool, log: context.log, ask: context.ask }),
    keys: createSupportKeys({ pool, sealer, keyIds: context.keyIds }),
    oidc: context.oidc && createSupportOidc({ ...context, oidc: context.oidc, pool, cookies, throttle }),
  }
}

/** @throws Response 413 for a form that is large, or does not say how large it is */
async function smallForm(request: Request): Promise<FormData> {
  const length = request.headers.get('content-length')
  if (length === null || Number(length) > MOST_BYTES) throw new Response(null, { status: 413 })
  return request.formData()
}

/** @throws Response 503 when the database cannot be asked */
function away(error: unknown): never {
  throw isUnavailable(error) ? new Response(null, { status: 503 }) : error
}
