/** Real-world payloads, where a collection of them lies beside the repository. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from './json.ts'
import { assertStorable, translated } from './testing.ts'
import { TOPICS } from './translate.ts'

const CORPUS = join(import.meta.dirname, '../../../shared/payloads')
type Entry = { file: string; topic: string }
const entries: Entry[] = existsSync(CORPUS)
  ? JSON.parse(readFileSync(join(CORPUS, 'index.json'), 'utf8'))
  : []

/** Ids of the payload's own subject that no double holds, as written in the bytes. */
function unsafeIds(text: string): string[] {
  const own = /"(?:admin_graphql_api_id": "gid:\/\/shopify\/(?:Order|Customer|Product|Refund)\/)(\d{16,})"/g
  return [...text.matchAll(own)].map(([, id]) => id ?? '').filter(id => !Number.isSafeInteger(Number(id)))
}

describe.skipIf(entries.length === 0)('payloads beside the repository', () => {
  it.each(entries)('$file: something comes of it, or there is a reason why not', ({ file, topic }) => {
    const text = readFileSync(join(CORPUS, file), 'utf8')
    const { events, effects, ignored } = translated(topic, parseJson(text))

    events.forEach(assertStorable)
    expect(ignored === null).toBe(events.length + effects.length > 0)
    expect(ignored === null).toBe(TOPICS.includes(topic) && topic !== 'checkouts/delete')
  })

  it.each(entries.filter(({ topic }) => TOPICS.includes(topic)))('$file: ids survive exactly', entry => {
    const text = readFileSync(join(CORPUS, entry.file), 'utf8')
    const { events, effects } = translated(entry.topic, parseJson(text))
    const written = JSON.stringify({ events, effects })
    for (const id of unsafeIds(text)) expect(written).toContain(`"${id}"`)
  })
})
