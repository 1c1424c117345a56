/** Reading a request's raw body within a limit: the bytes that the signature was made over. */

/** The body is larger than allowed; nothing more of it is read. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
}

/** @param limit in bytes @throws BodyTooLarge */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw new BodyTooLarge()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.byteLength
    if (size > limit) throw new BodyTooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}
