/** The storefront's pages: home, collections, products, search and cart. */
import { type Response, Router } from 'express'
import { COLLECTIONS, collectionByHandle, findProducts, productByHandle, productsIn } from './catalogue.ts'
import { collectionObject, productObject, searchObject } from './liquid-objects.ts'
import type { Page, Pages } from './pages.ts'
import { guarded } from './routes.ts'
import { cartViewed, collectionViewed, productViewed, searchSubmitted } from './standard-events.ts'
import { keepCart, visitOf } from './visit.ts'

const NOT_FOUND: Page = { type: '404', title: 'Page not found', status: 404 }

export function pageRoutes(pages: Pages): Router {
  const routes = Router()
  const show = (response: Response, page: Page) => pages.send(response, page)

  routes.get(
    '/',
    guarded((_request, response) => show(response, { type: 'index', title: 'Lamps and candles' })),
  )
  routes.get('/collections', (_request, response) => {
    response.redirect(302, `${visitOf(response).place.root}/collections/${COLLECTIONS[0]?.handle}`)
  })
  routes.get(
    '/collections/:handle',
    guarded((request, response) => {
      const { place } = visitOf(response)
      const collection = collectionByHandle(request.params.handle ?? '')
      if (!collection) return show(response, NOT_FOUND)
      return show(response, {
        type: 'collection',
        title: collection.title,
        objects: { collection: collectionObject(collection, place) },
        events: [collectionViewed(collection, productsIn(collection), place.host)],
      })
    }),
  )
  routes.get(
    ['/products/:handle', '/collections/:collection/products/:handle'],
    guarded((request, response) => {
      const { place } = visitOf(response)
      const product = productByHandle(request.params.handle ?? '')
      if (!product) return show(response, NOT_FOUND)
      const { variants } = product
      const selected = variants.find(variant => String(variant.id) === request.query.variant) ?? null
      const shown = selected ?? variants.find(variant => variant.available) ?? variants[0]
      return show(response, {
        type: 'product',
        title: product.title,
        objects: { product: productObject(product, selected, place) },
        events: [productViewed({ product, variant: shown }, place.host)],
      })
    }),
  )
  routes.get(
    '/search',
    guarded((request, response) => {
      const { place } = visitOf(response)
      const terms = typeof request.query.q === 'string' ? request.query.q.trim() : ''
      const found = findProducts(terms)
      return show(response, {
        type: 'search',
        title: 'Search',
        objects: { search: searchObject(terms, found, place) },
        events: terms === '' ? [] : [searchSubmitted(terms, found, place.host)],
      })
    }),
  )
  routes.get(
    '/cart',
    guarded((request, response) => {
      const { cart, place } = visitOf(response)
      keepCart(response, cart)
      const problem = typeof request.query.problem === 'string' ? request.query.problem : null
      return show(response, {
        type: 'cart',
        title: 'Cart',
        objects: { problem },
        events: [cartViewed(cart, place.host)],
      })
    }),
  )
  return routes
}

export function notFound(pages: Pages): Router {
  const routes = Router()
  routes.use(guarded((_request, response) => pages.send(response, NOT_FOUND)))
  return routes
}
