/**
 * Playing a script: JSON lines, each `{"webhook": {"topic", "payload", …}}` or
 * `{"storefront": {batch}, "customerId": "…"}`, in order. Empty lines and lines that begin with # are passed over.
 */
import { z } from 'zod'
import type { Store } from '../store/shopify.ts'

const lineSchema = z.union([
  z.object({
    webhook: z.object({
      topic: z.string(),
      payload: z.unknown(),
      webhookId: z.string().optional(),
      triggeredAt: z.string().optional(),
    }),
  }),
  z.object({
    storefront: z.unknown().refine(value => value !== undefined),
    customerId: z.string().optional(),
  }),
])

/**
 * All lines are read before the first is sent.
 * @returns whether every line was taken (2xx) @throws naming the line that cannot be read
 */
export async function playScript(store: Store, script: string): Promise<boolean> {
  const lines = readScript(script)
  let good = true
  for (const { number, line } of lines) {
    const response =
      'webhook' in line
        ? await store.webhook(line.webhook)
        : await store.proxy(line.storefront, line.customerId)
    console.log(`${response.ok ? '✓' : '✗'} line ${number}: ${response.status} ${await response.text()}`)
    good &&= response.ok
  }
  return good
}

/** @returns the lines that say something, with their numbers from 1 @throws naming the line that cannot be read */
export function readScript(script: string) {
  return script
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
    .map(({ text, number }) => ({ number, line: readLine(text, number) }))
}

function readLine(text: string, number: number) {
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch {
    throw new Error(
      `Line ${number} of the script is neither a webhook nor a storefront batch; see the README for both forms.`,
    )
  }
}
