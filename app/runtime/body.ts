/** Reading a request's raw body within a limit: the bytes that the signature was made over. */
import type { IncomingMessage } from 'node:http'

/** The body is larger than allowed; nothing more of it is read. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
}

/** The sender went away before the body was complete. */
export class CutOff extends Error {
  override name = 'CutOff'
}

/** @param limit in bytes @throws BodyTooLarge, CutOff */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((done, failed) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return failed(new BodyTooLarge())
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.byteLength
      if (size > limit) {
        request.removeAllListeners('data')
        return failed(new BodyTooLarge())
      }
      parts.push(part)
    })
    request.on('end', () => done(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)))
    request.on('close', () => {
      if (!request.complete) failed(new CutOff())
    })
    request.on('error', () => failed(new CutOff()))
  })
}
