/** Every language says everything that vendors and deliveries say in English, and nothing else. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { DEAD_REASONS, HELD_REASONS } from '../delivery/outcome.ts'
import { LANGUAGES } from '../ui/languages.ts'
import { sayer } from '../ui/say.ts'
import { supportWords, vendorWords, vendorWordsAround } from '../ui/vendor-words.ts'
import { PURPOSE_CHOICES } from '../vendors/purposes.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { VENDORS } from '../vendors/registry.ts'
import { fieldsOf } from '../vendors/settings.ts'
import { sayingsIn } from './sayings.ts'
import { setupGuide } from './setup-guide.ts'

const APP = resolve(import.meta.dirname, '..')
const OTHERS = LANGUAGES.filter(language => language !== 'en')
const FOLDERS = ['vendors', ...VENDORS.map(({ id }) => `vendors/${id}`)]
const FILLED = /\{\{(\w+)\}\}/g
const FILLED_IN = /\{\{\w+\}\}/
const filledIn = (text: string) => [...text.matchAll(FILLED)].map(([, name]) => name).sort()
const textsOf = (folder: string, language: string): Record<string, string> =>
  JSON.parse(readFileSync(resolve(APP, folder, `texts/${language}.json`), 'utf8'))

const sources = (folder: string) =>
  globSync(`${folder}/*.ts`, { cwd: APP }).filter(
    path => !/(\.test|testing|samples[\w-]*|conformance[\w-]*)\.ts$/.test(path),
  )
/** Where what a folder's texts translate is said in English. */
const saidBy = (folder: string) =>
  folder === 'vendors'
    ? [...FOLDERS.flatMap(sources), ...sources('delivery'), 'delivery/gate/circuits.ts', 'insights/pauses.ts']
    : sources(folder)

/** Every text in a file's code, with {{x}} for what is filled in. */
function literalsIn(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(resolve(APP, path), 'utf8'), ts.ScriptTarget.Latest)
  const name = /^const NAME = '(.+)'$/m.exec(file.text)?.[1]
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const text = textOf(node)
    if (text !== null) found.push(name ? text.replaceAll('{{NAME}}', name) : text)
    // Both halves of a sentence that is written in two lines are one.
    if (text === null || !ts.isBinaryExpression(node)) ts.forEachChild(node, visit)
  }
  visit(file)
  return found

  function textOf(node: ts.Node): string | null {
    if (ts.isStringLiteralLike(node)) return node.text
    if (ts.isBinaryExpression(node)) {
      const [left, right] = [textOf(node.left), textOf(node.right)]
      return left === null || right === null ? null : left + right
    }
    if (!ts.isTemplateExpression(node)) return null
    const filled = ({ expression, literal }: ts.TemplateSpan) =>
      `${expression.getText(file) === 'NAME' ? '{{NAME}}' : '{{x}}'}${literal.text}`
    return node.head.text + node.templateSpans.map(filled).join('')
  }
}

/** A text of the code as a pattern of what it may become; null: it says too little to tell. */
function patternOf(text: string): RegExp | null {
  const parts = text.split(FILLED_IN)
  if (parts.length < 2 || parts.join('').length < 10) return null
  return new RegExp(`^${parts.map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+?')}$`, 's')
}

describe.each(FOLDERS)('the texts of %s', folder => {
  const english = Object.keys(textsOf(folder, 'cs'))

  it.each(OTHERS)('are the same in %s, none empty, with the same values filled in', language => {
    const texts = textsOf(folder, language)
    expect(Object.keys(texts)).toEqual(english)
    for (const [key, text] of Object.entries(texts)) {
      expect([key, text.trim()]).not.toEqual([key, ''])
      expect([key, filledIn(text)]).toEqual([key, filledIn(key)])
    }
  })

  it('are all in use', () => {
    const said = saidBy(folder).flatMap(literalsIn)
    const has = (part: string) => said.some(text => text.includes(part))
    // A sentence may be put together of two texts, such as "asked to wait" and "until".
    const isPut = (part: string) =>
      [...part.matchAll(/ /g)].some(({ index }) => has(part.slice(0, index)) && has(part.slice(index + 1)))
    const partsOf = (key: string) => key.split(FILLED_IN).map(part => part.replace(/^[\s:.]+|[\s.]+$/g, ''))
    const patterns = said.map(patternOf).filter(pattern => pattern !== null)
    const isSaid = (key: string) =>
      partsOf(key).every(part => has(part) || isPut(part)) || patterns.some(pattern => pattern.test(key))
    expect(english.filter(key => !isSaid(key))).toEqual([])
  })

  it('are of this folder alone', () => {
    const elsewhere = FOLDERS.filter(other => other !== folder).flatMap(other =>
      Object.keys(textsOf(other, 'cs')),
    )
    expect(english.filter(key => elsewhere.includes(key))).toEqual([])
  })
})

describe('in Czech', () => {
  const say = sayer(sayingsIn('cs'))
  const own = new Set(Object.values(sayingsIn('cs')))
  const unsaid = (texts: readonly string[]) => texts.filter(text => say(text) === text && !own.has(text))
  /** Names of events and requests at a vendor are the same in every language. */
  const isName = (text: string) => text === 'search' || /^[a-z]+([-_][a-z]+)+$/.test(text)

  it.each(VENDORS.map(vendor => [vendor.name, vendor] as const))('the form of %s is told', (_, vendor) => {
    const fields = fieldsOf(vendor).filter(({ name }) => name !== 'rows')
    const texts = fields.flatMap(({ label, help = '', where = '', names = {} }) => [
      label,
      help,
      where,
      ...Object.values(names),
    ])
    const becomes = Object.values(vendor.rows).map(row => row.becomes)
    expect(unsaid([...texts.filter(Boolean), ...becomes.filter(text => !isName(text))])).toEqual([])
    const choices = fields.filter(({ kind }) => kind === 'choice')
    for (const { name, options, names = {} } of choices)
      expect([name, Object.keys(names).sort()]).toEqual([name, [...options].sort()])
  })

  it('why something was not sent, is held or failed is told', () => {
    expect(
      unsaid([SKIP_REASONS, HELD_REASONS, DEAD_REASONS].flatMap(reasons => Object.values(reasons))),
    ).toEqual([])
  })

  it('purposes, of which a reason names those that are missing, are told', () => {
    expect(unsaid(PURPOSE_CHOICES.flatMap(choice => choice.split('+')))).toEqual([])
  })

  it.each([
    'vendors/answers.ts',
    'delivery/test-connection.ts',
    ...VENDORS.flatMap(({ id }) => sources(`vendors/${id}`)),
  ])('every sentence of %s is told', path => {
    const sentences = literalsIn(path).filter(
      text => /^[A-Z{“].* .*\.$/s.test(text) && !text.includes('{{x}} {{x}}'),
    )
    const filled = sentences.map(text => text.replaceAll('{{x}}', 'x'))
    expect(unsaid(filled)).toEqual([])
  })
})

describe('in the words of support', () => {
  const sentences = FOLDERS.flatMap(folder => Object.keys(textsOf(folder, 'cs')))
  /** What a vendor says; other places are filled by us. */
  const QUOTED = { said: ': no field “tool”. See: Tools', words: 'unknown product "Garden tool set"' }
  const filled = (text: string) =>
    text.replaceAll(FILLED, (place, name: string) =>
      name === 'said' || name === 'words' ? QUOTED[name] : place,
    )

  it("our sentences say vendor, and a vendor's own words in them stay", () => {
    const wrong = sentences.filter(text => vendorWordsAround(filled(text)) !== filled(vendorWords(text)))
    expect(wrong).toEqual([])
  })

  it('support is not told to do what is the merchant’s: its pages offer nothing of it', () => {
    const settings = VENDORS.flatMap(fieldsOf).flatMap(({ label, help, where, names }) => [
      ...[label, help, where],
      ...Object.values(names ?? {}),
    ])
    const told = sentences.filter(text => !settings.includes(text)).map(text => supportWords(filled(text)))
    expect(told.length).toBeGreaterThan(50)
    const TO_DO = /\byours?\b|(^|[.)] )(Check|Correct|Enter|Give|Make|Paste|Raise|Send|Switch|Take)\b/i
    expect(told.filter(text => TO_DO.test(text))).toEqual([])
    expect(supportWords(HELD_REASONS.off)).toBe(
      'This vendor is switched off for the shop. What waits is sent once the merchant switches it on (or “sluice vendor on”).',
    )
    expect(supportWords('Voucherify refused the keys (HTTP 401). Check them, and the region.')).toBe(
      'Voucherify refused the keys (HTTP 401). The merchant has to check them, and the region.',
    )
  })

  it('the name of a field after them stays', () => {
    const field = ' (tool_id of tool)'
    const wrong = sentences.filter(text => vendorWordsAround(text + field) !== vendorWords(text) + field)
    expect(wrong).toEqual([])
  })
})

describe.each(VENDORS.map(({ id }) => id))('the guide of %s', id => {
  const shape = (language: string) =>
    setupGuide(id, language).map(part => (part.kind === 'list' ? ['list', part.items.length] : part.kind))

  it.each(OTHERS)('has the same parts in %s', language => {
    expect(shape(language)).toEqual(shape('en'))
    expect(setupGuide(id, language)).not.toEqual(setupGuide(id, 'en'))
  })
})
