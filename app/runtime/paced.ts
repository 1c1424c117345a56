/** A body that is made as the browser takes it. */
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
  // It may have gone before: `close` is not told again.
  let isGone = response.closed || response.destroyed
  let full: PromiseWithResolvers<void> | null = null
  function goOn() {
    full?.resolve()
    full = null
  }
  // Once for the whole answer: where it is compressed, this listens to another stream, from which `off` does not take it away.
  response.on('drain', goOn)
  response.once('close', () => {
    isGone = true
    goOn()
  })
  // Whether to wait is said by `write` alone: where the answer is compressed, `writableNeedDrain` is of the socket, and `drain` is not.
  const write = response.write
  response.write = ((...args: Parameters<typeof write>) => {
    const isTaken = write.apply(response, args)
    if (!isTaken) full ??= Promise.withResolvers()
    return isTaken
  }) as typeof write
  const reader = body.getReader()
  async function stopped() {
    await reader.cancel()
    return { done: true, value: undefined } as const
  }
  return new ReadableStream(
    {
      async pull(controller) {
        if (!isGone) await full?.promise
        const { done, value } = isGone ? await stopped() : await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
