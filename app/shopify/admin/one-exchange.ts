/**
 * A page's parts are loaded at the same time, each with the same session token. Where the shop has no session yet, each of them would
 * exchange it, and all but the last would have ended tokens; which of them is stored last is chance. So one exchanges, and the others wait
 * for what it stores.
 */
import type { SessionStorage } from './session-storage.ts'

/** An exchange that takes longer has failed, or the process that made it is gone; the next one tries by itself. */
const PATIENCE_MS = 5_000

/** @param patienceMs how long others wait for the one that exchanges */
export function oneExchange(sessions: SessionStorage, patienceMs = PATIENCE_MS): SessionStorage {
  const exchanging = new Map<string, { done: Promise<void>; end(): void }>()

  function begin(id: string): void {
    let end = () => {}
    const done = new Promise<void>(resolve => {
      const timer = setTimeout(resolve, patienceMs)
      end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    const own = { done, end }
    exchanging.set(id, own)
    void done.then(() => {
      if (exchanging.get(id) === own) exchanging.delete(id)
    })
  }

  return {
    ...sessions,
    async loadSession(id) {
      const session = await sessions.loadSession(id)
      if (session) return session
      const other = exchanging.get(id)
      if (other) {
        await other.done
        return sessions.loadSession(id)
      }
      begin(id)
      return undefined
    },
    async storeSession(session) {
      const stored = await sessions.storeSession(session)
      exchanging.get(session.id)?.end()
      return stored
    },
  }
}
