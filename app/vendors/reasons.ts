/**
 * Why a delivery was not sent: a closed list, each with the sentence a merchant reads. A skip is a decision,
 * not a failure.
 */
export const SKIP_REASONS = {
  mapping_off: 'This kind of event is switched off for this tool.',
  no_consent: 'The visitor did not allow the purposes this tool needs.',
  no_email: 'No e-mail address is known for this person.',
  no_person: 'The tool needs a known customer, and this event has none.',
  shared_visitor:
    'More than one person has used this browser: of what happens in it, only what names its customer is sent.',
  counted_once: 'The theme and the web pixel have both told of this: it is sent once.',
  erased: 'The person asked for what is known of them to be erased.',
  no_marketing_consent: 'The person does not accept marketing, so the tool is not told of them.',
  marketing_unknown: 'It is not known whether the person accepts marketing, so the tool is not told of them.',
  contact_missing: 'The tool does not know this person, and creating contacts is switched off.',
  contact_refused: 'The tool does not accept this person as a contact.',
  test_stopped:
    'The tool was stopped when this test was sent, and a test is not kept for later. Send a new one once it runs.',
  test_order: 'Test orders are not sent unless that is switched on.',
  carried_by_order_update:
    'This notice does not contain the whole order; the order update that follows it does.',
  told_by_webhook:
    "Shopify's own notice of this checkout tells the same, and names the person if Shopify knows one: it decides what is sent.",
  superseded: 'It was left to a newer state of the same order or cart.',
  unchanged: 'The tool already has exactly this.',
  missing_field: 'A field that the tool requires is missing.',
  no_product_identifier: 'The product identifier chosen for this tool is not known for this product.',
  no_visitor: 'No visitor id is known, and the fallback is switched off.',
  expired: 'It waited longer than this shop wants events to be sent late. Replay it to send it all the same.',
  disconnected: 'The tool was disconnected while this waited for it.',
  too_large: 'The event is larger than the tool accepts.',
  order_unknown:
    'The order this belongs to is not known to Sluice (it was made before the app was installed).',
} as const
export type SkipReason = keyof typeof SKIP_REASONS
