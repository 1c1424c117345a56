/** Bodies of requests as the storefront's addresses take them: JSON, an encoded form, or form data. */
import type { Request } from 'express'

export type Fields = Record<string, unknown>

/** @returns no fields when there is no body, or it is none of these */
export async function readFields(request: Request): Promise<Fields> {
  const raw = new Uint8Array(await rawBody(request))
  const type = request.headers['content-type'] ?? ''
  if (raw.length === 0) return {}
  if (/json/.test(type)) return fieldsOfJson(Buffer.from(raw).toString('utf8'))
  if (/form/.test(type)) {
    const form = await new Response(raw, { headers: { 'content-type': type } }).formData()
    return nested([...form].map(([name, value]) => [name, String(value)]))
  }
  return {}
}

export async function rawBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function fieldsOfJson(text: string): Fields {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** `updates[]`, `attributes[gift]`: brackets make lists and records. Deeper names are not met in carts. */
function nested(entries: readonly (readonly [string, string])[]): Fields {
  const fields: Fields = {}
  for (const [name, value] of entries) {
    const [, outer = name, inner] = /^([^[]+)\[([^\]]*)\]$/.exec(name) ?? []
    if (inner === undefined) fields[name] = value
    else if (inner === '') fields[outer] = [...((fields[outer] as string[] | undefined) ?? []), value]
    else fields[outer] = { ...(fields[outer] as Fields | undefined), [inner]: value }
  }
  return fields
}
