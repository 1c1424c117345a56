/** The console's texts are all used, and what is used is there. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../locales/en.json'
import { CONSOLE_TEXTS, consoleTexts, withVendors } from './texts.ts'

const APP = resolve(import.meta.dirname, '../..')
const PLURAL = /_(zero|one|two|few|many|other)$/

function pathsOf(value: object, path: string): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? [`${path}.${key.replace(PLURAL, '')}`] : pathsOf(inner, `${path}.${key}`),
  )
}

/** Keys as code names them: whole, or with what is put into them. */
function usedIn(text: string): string[] {
  return [...text.matchAll(/['"`](support\.(?:[\w.]|\$\{[^}]+\})+)['"`]/g)].map(match => match[1] ?? '')
}
const patternOf = (used: string) =>
  new RegExp(`^${used.replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '-?[\\w]+')}$`)

const sources = globSync(['ui/support/**/*.{ts,tsx}', 'ui/activity/*.{ts,tsx}', 'routes/support*.{ts,tsx}'], {
  cwd: APP,
})
  .filter(path => !path.includes('.test.'))
  .map(path => readFileSync(join(APP, path), 'utf8'))
const used = [...new Set(sources.flatMap(usedIn))]
const keys = [...new Set(pathsOf(CONSOLE_TEXTS, 'support'))]

describe('the texts of the console', () => {
  it('are found in code, whole and put together', () => {
    const put = `support.a.${'$'}{c.d}.e`
    expect(usedIn(`t('support.a.b') t(\`${put}\`) '/support/x'`)).toEqual(['support.a.b', put])
    expect(patternOf(put).test('support.a.x.e')).toBe(true)
    expect(patternOf(put).test('support.a.x.y.e')).toBe(false)
  })

  it('are there, where they are used', () => {
    expect(used.length).toBeGreaterThan(20)
    expect(used.filter(each => !keys.some(key => patternOf(each).test(key)))).toEqual([])
  })

  it('are used, where they are there', () => {
    const patterns = used.map(patternOf)
    // By `consoleTitle`, which names the area.
    const isTitle = (key: string) => /^support\.\w+\.title$/.test(key)
    expect(keys.filter(key => !isTitle(key) && !patterns.some(pattern => pattern.test(key)))).toEqual([])
  })

  it('say "vendor" of what a merchant calls a tool, those of the merchant\'s parts too', () => {
    const { t } = consoleTexts()
    expect(t('vendors.missing.title')).toBe('There is no such vendor')
    const own = JSON.stringify(CONSOLE_TEXTS)
    const merchants = JSON.stringify(withVendors(en)).replaceAll(/"\w+":|\{\{\w+\}\}/g, '')
    expect([own, merchants].flatMap(text => text.match(/.{0,30}\btools?\b.{0,30}/gi) ?? [])).toEqual([])
    expect(withVendors({ a: 'Tools of {{tool}}: a tool', b: ['toolbar'] })).toEqual({
      ...{ a: 'Vendors of {{tool}}: a vendor', b: ['toolbar'] },
    })
  })

  it('tell support of the merchant, whose the switch and the store are', () => {
    const { t } = consoleTexts()
    expect(t('vendors.why.off', { name: 'Alana' })).toBe(
      'Switched off: what happens is kept, and waits until the merchant switches Alana on (or “sluice vendor on”).',
    )
    expect(t('activity.empty.orderLaterHelp', { count: 2, number: 2, since: '' })).not.toContain('your')
  })

  it('are not "tool" in the command line either', () => {
    const commands = globSync('cli/**/*.ts', { cwd: APP }).filter(path => !path.includes('.test.'))
    const said = commands.flatMap(
      path => readFileSync(join(APP, path), 'utf8').match(/.*\btools?\b.*/gi) ?? [],
    )
    expect(said).toEqual([])
  })

  it('ask for a reason in one place, so that it is the same wherever something is done', () => {
    const fields = globSync('ui/support/**/*.tsx', { cwd: APP }).filter(path =>
      /maxLength=\{MOST_REASON\}/.test(readFileSync(join(APP, path), 'utf8')),
    )
    expect(fields).toEqual([join('ui', 'support', 'reason-field.tsx')])
  })

  it('say something', () => {
    expect(JSON.stringify(CONSOLE_TEXTS)).not.toMatch(/:""/)
  })
})
