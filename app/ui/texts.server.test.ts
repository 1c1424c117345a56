import { expect, it } from 'vitest'
import { POLARIS_TEXTS } from './texts.server.ts'

it('a badge that is complete does not tell screen readers to complete it', () => {
  const said = Object.entries(POLARIS_TEXTS).map(([language, { Polaris }]) => [
    language,
    Polaris.Badge.PROGRESS_LABELS.complete,
  ])
  expect(Object.fromEntries(said)).toEqual({
    ...{ en: 'Complete', cs: 'Dokončeno', sk: 'Dokončeno', de: 'Abgeschlossen' },
    ...{ pl: 'Zakończono', 'pt-BR': 'Concluído' },
  })
})
