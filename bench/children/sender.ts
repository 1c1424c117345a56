/** The least that delivering costs: an undici loop that sends ready requests and reads the answers. */
import { request } from 'undici'
import { serve } from '../support/rpc.ts'
import type { Sendable } from './vendors.ts'

type Job = { url: string; requests: Sendable[]; concurrency: number }

const handlers = {
  /** @returns milliseconds that all of them took, and of each one from sending to the whole answer */
  async send({ url, requests, concurrency }: Job): Promise<{ ms: number; each: number[] }> {
    const each: number[] = []
    const rest = requests.values()
    const started = performance.now()
    const loop = async () => {
      for (const { path, method, headers, body } of rest) {
        const at = performance.now()
        const answer = await request(`${url}${path}`, { method: method as 'POST', headers, body })
        await answer.body.text()
        if (answer.statusCode >= 400) throw new Error(`the stand-in answered ${answer.statusCode}`)
        each.push(performance.now() - at)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, loop))
    return { ms: performance.now() - started, each }
  },
}
export type Sender = typeof handlers

serve(handlers)
