import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { Columns } from './columns.tsx'

const drawn = (...children: (string | false)[]) =>
  renderToStaticMarkup(createElement(Columns, { widths: ['twoThirds', 'oneThird'], children }))

it('no third of a page is empty where there is nothing beside what it is about', () => {
  expect(drawn('form', 'guide')).toContain('minmax(0, 2fr) minmax(0, 1fr)')
  expect(drawn('form', false)).not.toContain('minmax(0, 2fr)')
})
