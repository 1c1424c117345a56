import { expect, it } from 'vitest'
import { inWords } from './around.tsx'

it.each([
  ['en', '1 minute', '30 seconds'],
  ['cs', '1 minutu', '30 sekund'],
  ['sk', '1 minútu', '30 sekúnd'],
  ['de', '1 Minute', '30 Sekunden'],
  ['pl', '1 minutę', '30 sekund'],
  ['pt-BR', '1 minuto', '30 segundos'],
])('in %s a limit is of so many requests in %s', (language, minute, seconds) => {
  expect([inWords(language, 60), inWords(language, 30)]).toEqual([minute, seconds])
})
