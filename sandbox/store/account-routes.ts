/** Accounts without passwords: whoever knows an e-mail is signed in. This is a store to try things in. */
import { type Response, Router } from 'express'
import { totalOf } from './carts.ts'
import type { Checkout } from './checkouts.ts'
import type { Customer } from './customers.ts'
import { readFields } from './form-body.ts'
import type { Pages } from './pages.ts'
import { guarded } from './routes.ts'
import type { Memory } from './store.ts'
import { visitOf } from './visit.ts'

export function accountRoutes(memory: Memory, pages: Pages): Router {
  const routes = Router()
  const to = (response: Response, path: string) =>
    response.redirect(302, `${visitOf(response).place.root}${path}`)
  const showSignIn = (response: Response, problem: string | null) =>
    pages.send(response, { type: 'customers/login', title: 'Sign in', objects: { problem } })

  routes.get(
    '/account',
    guarded(async (_request, response) => {
      const customer = memory.customerOf(visitOf(response).browser)
      if (!customer) return to(response, '/account/login')
      const orders = memory.ordersOf(customer).map(orderObject)
      await pages.send(response, { type: 'customers/account', title: 'Account', objects: { orders } })
    }),
  )
  routes.get(
    ['/account/login', '/account/register'],
    guarded((_request, response) => showSignIn(response, null)),
  )
  routes.post(
    ['/account/login', '/account/register'],
    guarded(async (request, response) => {
      const { browser } = visitOf(response)
      const customer = customerNamed(memory, await readFields(request))
      if (!customer) return showSignIn(response, 'That is not an e-mail address.')
      browser.customerId = customer.id
      to(response, '/account')
    }),
  )
  // Shopify signs out by a plain link too.
  routes.all('/account/logout', (_request, response) => {
    visitOf(response).browser.customerId = null
    to(response, '/')
  })
  return routes
}

/** One of the examples by its id, else whoever the e-mail belongs to, made an account when there is none. */
function customerNamed(memory: Memory, fields: Record<string, unknown>): Customer | null {
  if (fields.customer !== undefined) return memory.customers.byId(Number(fields.customer))
  const names = { first: String(fields.first_name ?? ''), last: String(fields.last_name ?? '') }
  return memory.customers.known(String(fields.email ?? ''), names, true)
}

const orderObject = ({ order, cart, shipping, token }: Checkout) => ({
  name: order?.name,
  created_at: order?.createdAt,
  total_price: totalOf(cart) + shipping * 100,
  url: `/checkouts/${token}/thank-you`,
})
