/** A benchmark's child process and its parent: calls by name over Node's own channel between processes. */
import { isMainThread } from 'node:worker_threads'

/** What a child can be asked. Inputs and results are plain data. */
export type Handlers = Record<string, (input: never) => unknown>

/** What every child can be asked besides. */
export type Usage = { rss: number; cpuMs: number }

export type Call = { id: number; name: string; input: unknown }
export type Answer = { id: number; result?: unknown; error?: string }

/** Sent by the child once it can be called, and by the parent to end it. */
export const READY = 'ready'
export const STOP = 'stop'

/**
 * Answers the parent's calls until it says stop or is gone; then closes and ends the process.
 * @param close what is open, if anything
 */
export function serve(handlers: Handlers, close: () => Promise<void> = async () => {}): void {
  if (!process.send || !isMainThread) throw new Error('this file is started by npm run bench')
  const own: Handlers = { ...handlers, usage: ({ collect }: { collect: boolean }) => usage(collect) }
  const end = async () => {
    await close().catch(error => console.error(error))
    process.exit(0)
  }
  process.on('message', async (message: Call | typeof STOP) => {
    if (message === STOP) return end()
    const answer = await answerTo(own, message)
    process.send?.(answer)
  })
  process.once('disconnect', end)
  process.send(READY)
}

async function answerTo(handlers: Handlers, { id, name, input }: Call): Promise<Answer> {
  try {
    const handler = handlers[name]
    if (!handler) throw new Error(`there is no ${name} here`)
    return { id, result: await handler(input as never) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** @param collect collects garbage first, where the process was started with --expose-gc */
function usage(collect: boolean): Usage {
  if (collect) globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  return { rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 }
}
