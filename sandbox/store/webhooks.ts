/** The webhooks the sandbox store sends: one after the other, in the order in which things happened. */
import type { Store } from './shopify.ts'

/** `status` is null when the app could not be reached. */
export type SentWebhook = { topic: string; payload: unknown; status: number | null }

export type Webhooks = {
  emit(topic: string, payload: unknown): void
  /** All that were answered or failed, oldest first. */
  sent: readonly SentWebhook[]
  /** Resolves when everything emitted so far has been answered or has failed. */
  settled(): Promise<void>
}

const TIMEOUT_MS = 5_000

/** Shopify would repeat a webhook that failed; the stand-in notes the failure and goes on. */
export function createWebhooks(store: Store): Webhooks {
  const sent: SentWebhook[] = []
  let last = Promise.resolve()
  return {
    sent,
    emit(topic, payload) {
      // Written now: what it tells of may change before its turn.
      const body = JSON.stringify(payload)
      const triggeredAt = new Date().toISOString()
      last = last.then(async () => {
        const status = await deliver(store, { topic, payload: body, triggeredAt })
        sent.push({ topic, payload: JSON.parse(body), status })
      })
    },
    settled: () => last,
  }
}

async function deliver(store: Store, webhook: Parameters<Store['webhook']>[0]): Promise<number | null> {
  try {
    const late = new Promise<never>((_, fail) => setTimeout(fail, TIMEOUT_MS, new Error('timeout')).unref())
    const response = await Promise.race([store.webhook(webhook), late])
    await response.arrayBuffer()
    return response.status
  } catch {
    return null
  }
}
