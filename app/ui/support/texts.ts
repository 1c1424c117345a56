/**
 * The texts of the support console, which is in English. Parts of the merchants' pages are shown in it, so it has their texts as
 * well. An area's file becomes `support.<area>`.
 */
import type { i18n } from 'i18next'
import { textsIn, wordedBy } from '../i18n.ts'
import en from '../locales/en.json'
import { supportWords, vendorWords } from '../vendor-words.ts'
import accounts from './texts/accounts.json'
import audit from './texts/audit.json'
import fleet from './texts/fleet.json'
import frame from './texts/frame.json'
import keys from './texts/keys.json'
import reason from './texts/reason.json'
import sessions from './texts/sessions.json'
import shop from './texts/shop.json'
import shops from './texts/shops.json'
import signIn from './texts/sign-in.json'
import state from './texts/state.json'
import vendor from './texts/vendor.json'

export const CONSOLE_TEXTS = {
  frame,
  fleet,
  signIn,
  accounts,
  audit,
  keys,
  reason,
  sessions,
  shop,
  shops,
  state,
  vendor,
}
export type ConsoleTexts = typeof CONSOLE_TEXTS

/** Areas whose texts have a `title`. */
type Area = {
  [K in keyof ConsoleTexts]: ConsoleTexts[K] extends { title: string } ? K : never
}[keyof ConsoleTexts]

/** The merchants' texts in the console's words. */
export function withVendors<T>(texts: T): T {
  return JSON.parse(
    JSON.stringify(texts, (_, value: unknown) => (typeof value === 'string' ? vendorWords(value) : value)),
  )
}

const inTheShop = (text: string) => text.replace('your store', 'the shop')

/** Where the merchants' texts speak to the merchant, of what support's pages do not offer, the console has its own. */
const MERCHANTS = withVendors({
  ...en,
  activity: {
    ...en.activity,
    empty: {
      ...en.activity.empty,
      orderLaterHelp_one: inTheShop(en.activity.empty.orderLaterHelp_one),
      orderLaterHelp_other: inTheShop(en.activity.empty.orderLaterHelp_other),
    },
  },
  frame: {
    ...en.frame,
    unanswered: {
      ...en.frame.unanswered,
      failed:
        'Something went wrong on our side. Try again in a minute; if it happens again, look at the logs.',
    },
  },
  vendors: {
    ...en.vendors,
    why: {
      ...en.vendors.why,
      off: 'Switched off: what happens is kept, and waits until the merchant switches {{name}} on (or “sluice vendor on”).',
    },
  },
})

export const consoleTexts = (): i18n =>
  wordedBy(textsIn('en', { ...MERCHANTS, support: CONSOLE_TEXTS }), supportWords)

/** @returns a page's `meta`: the area's name, with what the page is about before it */
export function consoleTitle(area: Area, about?: string | null): { title: string }[] {
  const { title } = CONSOLE_TEXTS[area]
  return [{ title: [about, title, CONSOLE_TEXTS.frame.name].filter(Boolean).join(' · ') }]
}
