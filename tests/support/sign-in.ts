/** Signing in to the support console over HTTP, and what the audit then has. */
import type { Given } from '../../app/support/accounts.ts'
import type { ConsoleTools } from './console.ts'

type Typed = { email: string; password: string; code: string; to?: string }
export type SignInTools = {
  send(typed: Partial<Typed>, headers?: Record<string, string>, cookie?: string | null): Promise<Response>
  /** What is right. */
  typedBy(person: Given): Promise<Typed>
  /** What somebody did, the oldest first. */
  audit(actor: string): Promise<{ action: string; reason: string | null; address: string | null }[]>
}

export function signInTools(support: Pick<ConsoleTools, 'app' | 'ask' | 'freshCode'>): SignInTools {
  return {
    send: (typed, headers = {}, cookie = null) =>
      support.ask(cookie, '/support/sign-in', { method: 'POST', headers, body: new URLSearchParams(typed) }),
    typedBy: async person => ({
      email: person.email,
      password: person.password,
      code: await support.freshCode(person),
    }),
    async audit(actor) {
      const { rows } = await support.app.server.services.pool.query(
        `select action, reason, address from audit_entries where actor = $1 order by id`,
        [actor],
      )
      return rows
    },
  }
}
