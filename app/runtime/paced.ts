/** A body that is made as the browser takes it. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/**
 * Remix reads an answer's body as fast as it is made, and to its end when the browser has gone (`writeReadableStreamToWritable` of
 * @remix-run/node looks neither at what `write` returns nor at `close`). This one waits meanwhile, and ends.
 * @param response to which what this returns is written, and nothing else; compressed or not
 * @returns the same, whose source is cancelled once the browser has gone
 */
export function pacedBy(
  response: ServerResponse,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // Whether to wait is said by `write` alone: where the answer is compressed, `writableNeedDrain` is of the socket, and `drain` is not.
  let isFull = false
  const write = response.write
  response.write = ((...args: Parameters<typeof write>) => {
    isFull = !write.apply(response, args)
    return !isFull
  }) as typeof write
  async function drained(): Promise<void> {
    try {
      await once(response, 'drain', { signal: gone.signal })
    } catch (error) {
      if (!gone.signal.aborted) throw error
    }
  }
  const reader = body.getReader()
  async function stopped() {
    await reader.cancel()
    return { done: true, value: undefined } as const
  }
  return new ReadableStream(
    {
      async pull(controller) {
        if (isFull) await drained()
        const { done, value } = gone.signal.aborted ? await stopped() : await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
