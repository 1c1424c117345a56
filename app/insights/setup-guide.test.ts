import { describe, expect, it } from 'vitest'
import { VENDORS } from '../vendors/registry.ts'
import { guideIn, setupGuide, spansIn } from './setup-guide.ts'

const plain = (text: string) => ({ text, kind: 'plain' as const })

describe('a guide', () => {
  it('has paragraphs, headings and lists with lists in them', () => {
    expect(
      guideIn('# Title\n\nOne\ntwo.\n\n1. First\n   goes on.\n   - inner\n2. Second\n\n## More'),
    ).toEqual([
      { kind: 'text', spans: [plain('One two.')] },
      {
        kind: 'list',
        ordered: true,
        items: [
          { spans: [plain('First goes on.')], items: [[plain('inner')]], tables: [] },
          { spans: [plain('Second')], items: [], tables: [] },
        ],
      },
      { kind: 'heading', level: 2, spans: [plain('More')] },
    ])
  })

  it('has tables, of its own and in a step', () => {
    const table = { head: [[plain('a')], [plain('b')]], rows: [[[plain('c')], [plain('d')]]] }
    expect(guideIn('| a | b |\n|---|---|\n| c | d |')).toEqual([{ kind: 'table', ...table }])
    expect(guideIn('1. Step\n\n   | a | b |\n   |---|---|\n   | c | d |\n\n2. Next')).toEqual([
      {
        kind: 'list',
        ordered: true,
        items: [
          { spans: [plain('Step')], items: [], tables: [table] },
          { spans: [plain('Next')], items: [], tables: [] },
        ],
      },
    ])
  })

  it('marks what is bold, italic or code, and no underscore inside a word', () => {
    expect(spansIn('Press **Test**, keep _product id_ or `ak_`; order_id stays')).toEqual([
      plain('Press '),
      { text: 'Test', kind: 'bold' },
      plain(', keep '),
      { text: 'product id', kind: 'italic' },
      plain(' or '),
      { text: 'ak_', kind: 'code' },
      plain('; order_id stays'),
    ])
  })

  it.each(VENDORS.map(({ id }) => id))('of %s has steps, and no marks left over', id => {
    const guide = setupGuide(id, 'en')
    expect(guide.some(part => part.kind === 'list' && part.ordered)).toBe(true)
    expect(JSON.stringify(guide)).not.toMatch(/\*\*|\|/)
  })

  it('is none where the vendor has none', () => {
    expect(setupGuide('nobody', 'en')).toEqual([])
  })
})
