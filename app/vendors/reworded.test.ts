import { expect, it } from 'vitest'
import { SKIP_REASONS } from './reasons.ts'
import { asWordedNow } from './reworded.ts'

/** Each sentence with which a reason was ever kept. When one is worded otherwise, the new one is added here; the old one stays. */
const EVER_KEPT = [
  'This kind of event is switched off for this tool.',
  'The visitor did not allow the purposes this tool needs.',
  'No e-mail address is known for this person.',
  'The tool needs a known customer, and this event has none.',
  'More than one person has used this browser: of what happens in it, only what names its customer is sent.',
  'The theme and the web pixel have both told of this: it is sent once.',
  'The person asked for what is known of them to be erased.',
  'The person does not accept marketing, so the tool is not told of them.',
  'It is not known whether the person accepts marketing, so the tool is not told of them.',
  'The tool does not know this person, and creating contacts is switched off.',
  'The tool does not accept this person as a contact.',
  'Test orders are not sent unless that is switched on.',
  'This notice does not contain the whole order; the order update that follows it does.',
  "Shopify's own notice of this checkout tells the same, and names the person if Shopify knows one: it decides what is sent.",
  'It was left to a newer state of the same order or cart.',
  'The tool already has exactly this.',
  'A field that the tool requires is missing.',
  'The product identifier chosen for this tool is not known for this product.',
  'No visitor id is known, and the fallback is switched off.',
  'It waited longer than this shop wants events to be sent late. Replay it to send it all the same.',
  'The tool was disconnected while this waited for it.',
  'The event is larger than the tool accepts.',
  'The order this belongs to is not known to Sluice (it was made before the app was installed).',
  'A newer state of the same order or cart was sent instead.',
  'The person does not accept marketing, so they are not added as a contact.',
  'It is not known whether the person accepts marketing, so they are not added as a contact.',
  'This kind of event is switched off for this vendor.',
  'The visitor did not allow the purposes this vendor needs.',
  'The vendor needs a known customer, and this event has none.',
  'The vendor does not know this person, and creating contacts is switched off.',
  'The vendor does not accept this person as a contact.',
  "Shopify's own notice of this checkout is sent instead: it names the person.",
  'The vendor already has exactly this.',
  'A field that the vendor requires is missing.',
  'The product identifier chosen for this vendor is not known for this product.',
  'The vendor was disconnected while this waited for it.',
  'The event is larger than the vendor accepts.',
  'The tool was stopped when this test was sent, and a test is not kept for later. Send a new one once it runs.',
]

const BEFORE = 'A newer state of the same order or cart was sent instead.'

it.each([
  [BEFORE, SKIP_REASONS.superseded],
  [`${BEFORE} (order 1)`, `${SKIP_REASONS.superseded} (order 1)`],
  [SKIP_REASONS.missing_field, SKIP_REASONS.missing_field],
  [`${SKIP_REASONS.missing_field} (email)`, `${SKIP_REASONS.missing_field} (email)`],
  ['constructor', 'constructor'],
  ['', ''],
  [null, null],
])('%j is told as %j', (kept, told) => {
  expect(asWordedNow(kept)).toBe(told)
})

it('a reason that was worded otherwise was told in the words of before, which have no translation', () => {
  const today = new Set<string>(Object.values(SKIP_REASONS))
  expect(EVER_KEPT).toEqual(expect.arrayContaining([...today]))
  expect(EVER_KEPT.filter(sentence => !today.has(asWordedNow(sentence)))).toEqual([])
})
