import { createElement } from 'react'
import { expect, it } from 'vitest'
import { drawn, textOf } from '../testing.ts'
import { ZoneContext } from '../times.ts'
import { ZoneNote } from './zone.tsx'

const noteIn = (value: string | null) =>
  textOf(drawn(createElement(ZoneContext.Provider, { value }, createElement(ZoneNote))))

it('times are said to be in the shop’s zone where it is known', () => {
  expect(noteIn('America/Los_Angeles')).toContain('America/Los Angeles')
})

it.each([[null], ['Mars/Olympus_Mons']])(
  'times are not said to be in the zone %s, which the browser does not know: each is in UTC',
  zone => {
    expect(noteIn(zone)).toBe('')
  },
)
