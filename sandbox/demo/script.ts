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

/** @returns whether every line was taken (2xx) @throws naming the line that cannot be read */
export async function playScript(store: Store, script: string): Promise<boolean> {
  let good = true
  for (const [index, text] of script.split('\n').entries()) {
    if (text.trim() === '' || text.startsWith('#')) continue
    const line = readLine(text, index + 1)
    const response =
      'webhook' in line
        ? await store.webhook(line.webhook)
        : await store.proxy(line.storefront, line.customerId)
    console.log(`${response.ok ? '✓' : '✗'} line ${index + 1}: ${response.status} ${await response.text()}`)
    good &&= response.ok
  }
  return good
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
