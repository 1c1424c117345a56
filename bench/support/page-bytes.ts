/** What the embed adds to what a page's visitor downloads. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Figure } from './bench.ts'

const SCRIPT = resolve(import.meta.dirname, '../../extensions/storefront/assets/sluice.js')
const FACTS = /<script type="application\/json" id="sluice-facts">([\s\S]*?)<\/script>/

/** @param on the page's address with the embed @param off and without it @throws when the page has no facts */
export async function pageBytes(on: string, off: string): Promise<Figure[]> {
  const html = { on: await textOf(on), off: await textOf(off) }
  const [, facts] = FACTS.exec(html.on) ?? []
  if (facts === undefined) throw new Error('the page has no facts of the embed')
  return [
    { name: 'script, after gzip', value: gzipped(readFileSync(SCRIPT)), unit: 'B' },
    { name: 'facts', value: Buffer.byteLength(facts), unit: 'B' },
    { name: 'page, after gzip, on - off', value: gzipped(html.on) - gzipped(html.off), unit: 'B' },
  ]
}

const textOf = async (url: string) => (await fetch(url)).text()
const gzipped = (content: string | Buffer) => gzipSync(content, { level: 9 }).byteLength
