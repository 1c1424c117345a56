/**
 * Shopify's Cart API (https://shopify.dev/docs/api/ajax/reference/cart), with and without `.js`; and the other
 * way in which Shopify's own actions change a cart, here `/actions/lines-…`.
 */
import { type Request, type Response, Router } from 'express'
import { cartJson, lineJson } from './cart-json.ts'
import { addLines, CartError, setQuantity, updateCart, type Wanted } from './carts.ts'
import { type Fields, readFields } from './form-body.ts'
import type { Memory } from './store.ts'
import { keepCart, type Visit, visitOf } from './visit.ts'

/** Changes the draft, and says what the answer is once the change is made. */
type Change = (visit: Visit, fields: Fields) => { apply(draft: Visit['cart']): void; answer?(): unknown }

export function cartRoutes(memory: Memory): Router {
  const routes = Router()

  const answerChange =
    (change: Change) =>
    async (request: Request, response: Response): Promise<void> => {
      const visit = visitOf(response)
      const { cart, place, browser } = visit
      const fields = await readFields(request)
      try {
        const { apply, answer } = change(visit, fields)
        const events = memory.changeCart(cart, place.host, apply)
        browser.pending.push(...events)
        keepCart(response, cart)
        if (wantsJson(request)) response.json(answer ? answer() : cartJson(cart, place.host))
        else response.redirect(302, `${place.root}${'checkout' in fields ? '/checkout' : '/cart'}`)
      } catch (error) {
        if (!(error instanceof CartError)) throw error
        refuse(request, response, error)
      }
    }

  routes.get(['/cart.js', '/cart.json'], (_request, response) => {
    const { cart, place } = visitOf(response)
    response.set('cache-control', 'no-store').json(cartJson(cart, place.host))
  })
  on('add', ({ cart, place }, fields) => {
    const many = Array.isArray(fields.items) ? (fields.items as Wanted[]) : null
    const wanted = many ?? [{ id: fields.id, quantity: fields.quantity, properties: fields.properties }]
    const keys: string[] = []
    return {
      apply: draft => void keys.push(...addLines(draft, wanted).map(line => line.key)),
      answer() {
        const added = cart.lines.filter(line => keys.includes(line.key))
        const items = added.map(line => lineJson(line, place.host))
        return many ? { items } : items[0]
      },
    }
  })
  on('change', (_visit, fields) => ({
    apply: draft =>
      setQuantity(draft, 'line' in fields ? { line: fields.line } : { id: fields.id }, fields.quantity),
  }))
  on('update', (_visit, fields) => ({ apply: draft => updateCart(draft, fields) }))
  on('clear', () => ({
    apply: draft => {
      draft.lines = []
    },
  }))
  return routes

  function on(name: string, change: Change): void {
    const handler = answerChange(change)
    routes.post(
      [`/cart/${name}`, `/cart/${name}.js`, `/actions/lines-${name}`],
      (request, response, next) => {
        handler(request, response).catch(next)
      },
    )
  }
}

/** Themes ask for JSON by the address or by the header Accept. */
const wantsJson = (request: Request) =>
  request.path.endsWith('.js') || /json|javascript/.test(request.headers.accept ?? '')

function refuse(request: Request, response: Response, { status, title, message }: CartError): void {
  const { root } = visitOf(response).place
  if (wantsJson(request)) response.status(status).json({ status, message: title, description: message })
  else response.redirect(302, `${root}/cart?problem=${encodeURIComponent(message)}`)
}
