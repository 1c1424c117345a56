import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { Unbroken } from './unbroken.tsx'

it.each([
  ['m…@example.com', 1],
  ['Customer 7 · m…@example.com · …21', 1],
  ['m…@example.com, j…@example.org.', 2],
  ['…21', 0],
])('masked addresses of “%s” are whole, and its words are as they were', (text, count) => {
  const markup = renderToStaticMarkup(createElement(Unbroken, { text }))
  expect(markup.split('<span').length - 1).toBe(count)
  expect(markup.replace(/<[^>]+>/g, '')).toBe(text)
})
