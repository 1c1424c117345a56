import { describe, expect, it } from 'vitest'
import { languageOf } from './languages.ts'

describe('the language of a page', () => {
  it.each([
    [['cs'], 'cs'],
    [['pt-PT'], 'pt-BR'],
    [['pt_BR'], 'pt-BR'],
    [['de-AT;q=0.9'], 'de'],
    [[null, 'fr', 'sk-SK'], 'sk'],
    [['', undefined], 'en'],
    [['<script>'], 'en'],
    [[], 'en'],
  ])('of %j is %s', (wanted, language) => {
    expect(languageOf(wanted)).toBe(language)
  })
})
