/**
 * Says in the browser's console what the embed does, in debug mode only: a shopper's page never loads it. It listens in
 * on the embed's requests, and wraps `fetch` for it, which the embed itself never does.
 */
import type { Facts } from '../embed/facts.ts'

type Batch = { events: { type: string }[] }

// biome-ignore lint/suspicious/noConsole: this is what debug mode is for
const say = (...words: unknown[]) => console.log('Sluice', ...words)

const facts: Facts = JSON.parse(document.getElementById('sluice-facts')?.textContent ?? '{}')
say('facts of this page', facts)

const sayConsent = () => {
  const { customerPrivacy } = Shopify
  const undecided = customerPrivacy.currentVisitorConsent().analytics === ''
  if (customerPrivacy.analyticsProcessingAllowed())
    say('analytics allowed, marketing', customerPrivacy.marketingAllowed() ? 'allowed' : 'not allowed')
  else
    say(undecided ? 'no choice yet: events are held on this page' : 'analytics refused: nothing is collected')
}
Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error =>
  error ? say('the Customer Privacy API cannot be loaded: nothing is collected', error) : sayConsent(),
)
addEventListener('visitorConsentCollected', sayConsent, true)

const send = window.fetch
window.fetch = async (...request) => {
  const [address, options] = request
  const answer = send(...request)
  if (address === facts.path) {
    const { events }: Batch = JSON.parse(String(options?.body))
    for (const event of events) say(event.type, event)
    answer.then(
      async taken => say(`answer ${taken.status}`, await taken.clone().text()),
      error => say('not sent, kept for later', error),
    )
  }
  if (address === facts.attributesUrl) say('cart attributes', options?.body)
  return answer
}
