import { AppProvider } from '@shopify/polaris'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { JsonText } from './json-text.tsx'

it('two texts of one label are regions of two names', () => {
  const markup = renderToStaticMarkup(
    createElement(
      AppProvider,
      { i18n: {} },
      createElement(JsonText, { label: 'Request', of: 'Alana, attempt 1', text: '{}' }),
      createElement(JsonText, { label: 'Request', of: 'Alana, attempt 2', text: '{}' }),
    ),
  )
  const names = [...markup.matchAll(/aria-label="([^"]+)"/g)].map(([, name]) => name)
  expect(names).toEqual(['Request: Alana, attempt 1', 'Request: Alana, attempt 2'])
})
