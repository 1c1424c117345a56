/** A vendor's `setup.md`, read into parts that a page can draw. Only what those files use of Markdown is understood. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export type Span = { text: string; kind: 'plain' | 'bold' | 'italic' | 'code' }
export type GuideTable = { head: Span[][]; rows: Span[][][] }
export type GuideItem = { spans: Span[]; items: Span[][]; tables: GuideTable[] }
export type GuidePart =
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'text'; spans: Span[] }
  | { kind: 'list'; ordered: boolean; items: GuideItem[] }
  | ({ kind: 'table' } & GuideTable)

const VENDORS = resolve(import.meta.dirname, '../vendors')
const known = new Map<string, GuidePart[]>()

/** @param vendor an id of the registry @param language English stands in for one that is missing @returns none without a guide */
export function setupGuide(vendor: string, language: string): GuidePart[] {
  const key = `${vendor} ${language}`
  const before = known.get(key)
  if (before) return before
  const own = resolve(VENDORS, vendor, `setup.${language}.md`)
  const path = existsSync(own) ? own : resolve(VENDORS, vendor, 'setup.md')
  const guide = existsSync(path) ? guideIn(readFileSync(path, 'utf8')) : []
  known.set(key, guide)
  return guide
}

const ITEM = /^(\s*)(?:(\d+)\.|-)\s+(.*)$/

/** The parts of a text in Markdown. Its title is left out: the page has one. */
export function guideIn(markdown: string): GuidePart[] {
  const parts: GuidePart[] = []
  let table: string[] = []
  let open: string[] | null = null
  let list: Extract<GuidePart, { kind: 'list' }> | null = null
  const closers: (() => void)[] = []
  const close = () => {
    for (const each of closers.splice(0)) each()
    open = null
    if (table.length > 0) {
      const item = /^\s/.test(table[0] ?? '') ? list?.items.at(-1) : undefined
      if (item) item.tables.push(tableIn(table))
      else parts.push({ kind: 'table', ...tableIn(table) })
    }
    table = []
  }
  for (const line of markdown.split('\n')) {
    const heading = /^(#+)\s+(.*)$/.exec(line)
    const item = ITEM.exec(line)
    if (/^\s*\|/.test(line)) {
      table.push(line)
    } else if (line.trim() === '') {
      close()
    } else if (heading?.[1] && heading[2] !== undefined) {
      close()
      list = null
      if (heading[1].length > 1)
        parts.push({ kind: 'heading', level: heading[1].length, spans: spansIn(heading[2]) })
    } else if (item) {
      close()
      const words = [item[3] ?? '']
      const spans: Span[] = []
      open = words
      closers.push(() => void spans.push(...spansIn(words.join(' '))))
      const last = list?.items.at(-1)
      if (item[1] && last) last.items.push(spans)
      else {
        const ordered = item[2] !== undefined
        if (!list || list.ordered !== ordered) {
          list = { kind: 'list', ordered, items: [] }
          parts.push(list)
        }
        list.items.push({ spans, items: [], tables: [] })
      }
    } else if (open) {
      ;(open as string[]).push(line.trim())
    } else {
      list = null
      const words = [line.trim()]
      const part: GuidePart = { kind: 'text', spans: [] }
      parts.push(part)
      open = words
      closers.push(() => void part.spans.push(...spansIn(words.join(' '))))
    }
  }
  close()
  return parts
}

function tableIn(lines: readonly string[]): GuideTable {
  const cells = (line: string) =>
    line
      .trim()
      .slice(1, -1)
      .split('|')
      .map(cell => spansIn(cell.trim()))
  const [head = '', , ...rows] = lines
  return { head: cells(head), rows: rows.map(cells) }
}

/** Bold, italic and code; they do not stand inside each other. */
export function spansIn(text: string): Span[] {
  const spans: Span[] = []
  for (const [, bold, code, italic, plain] of text.matchAll(
    /\*\*(.+?)\*\*|`(.+?)`|(?<!\w)_(.+?)_(?!\w)|((?:(?!\*\*.|`|(?<!\w)_).)+|.)/gs,
  )) {
    if (bold !== undefined) spans.push({ text: bold, kind: 'bold' })
    else if (code !== undefined) spans.push({ text: code, kind: 'code' })
    else if (italic !== undefined) spans.push({ text: italic, kind: 'italic' })
    else if (plain !== undefined) spans.push({ text: plain, kind: 'plain' })
  }
  return spans
}
