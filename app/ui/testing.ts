/** Parts of pages drawn without a browser: what they write. */
import { AppProvider } from '@shopify/polaris'
import { createElement, type ReactElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { I18nextProvider } from 'react-i18next'
import { createStaticRouter, StaticRouterProvider } from 'react-router-dom/server.js'
import { textsIn } from './i18n.ts'
import en from './locales/en.json' with { type: 'json' }

/** @returns HTML, in English */
export function drawn(part: ReactElement): string {
  const framed = createElement(
    AppProvider,
    { i18n: {} },
    createElement(I18nextProvider, { i18n: textsIn('en', en) }, part),
  )
  const route = { id: 'page', path: '/', element: framed }
  const context = {
    ...{ basename: '/', loaderData: {}, actionData: null, errors: null, statusCode: 200 },
    ...{ loaderHeaders: {}, actionHeaders: {}, activeDeferreds: null },
    location: { pathname: '/', search: '', hash: '', state: null, key: 'default' },
    matches: [{ params: {}, pathname: '/', pathnameBase: '/', route }],
  }
  const router = createStaticRouter([route], context)
  return renderToStaticMarkup(createElement(StaticRouterProvider, { router, context, hydrate: false }))
}

/** What is read of it, with one space between any two. */
export const textOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
