/** The admin's routes as the build lists them: what is added to the admin is found by who goes through all of it. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ServerBuild } from '@remix-run/node'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'

const FRAME = 'routes/app'
const CONSOLE = 'routes/support'

/** `path` as it is written, "/app/vendors/:vendor"; `params` are the names in it. */
export type AdminRoute = {
  id: string
  path: string
  params: string[]
  isIndex: boolean
  hasLoader: boolean
  hasAction: boolean
  /** It is shown; the others only answer. */
  isPage: boolean
  /** It answers what nothing else does: that there is no such page. */
  isMissing: boolean
}

export async function serverBuild(): Promise<ServerBuild> {
  return import(pathToFileURL(resolve(import.meta.dirname, '../../build/server/index.js')).href)
}

/** The frame of all pages and the pages in it. */
export function adminRoutesOf(build: ServerBuild): AdminRoute[] {
  return routesOf(build, chain => chain.includes(FRAME))
}

/** The support console's: its frame, the pages in it, and those outside it where one signs in and out. */
export function consoleRoutesOf(build: ServerBuild): AdminRoute[] {
  return routesOf(build, chain => chain.at(-1)?.startsWith(CONSOLE) === true)
}

/** @param wanted of a route by its id and those of the routes around it, outermost first */
function routesOf({ routes }: ServerBuild, wanted: (chain: string[]) => boolean): AdminRoute[] {
  const chain = (id: string | undefined): string[] => {
    const route = id === undefined ? undefined : routes[id]
    return route ? [...chain(route.parentId), route.id] : []
  }
  return Object.values(routes).flatMap(route => {
    if (route === undefined || !wanted(chain(route.id))) return []
    const path = `/${chain(route.id)
      .flatMap(each => routes[each]?.path || [])
      .join('/')}`
    const params = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
    const { loader, action, default: component } = route.module
    return [
      {
        id: route.id,
        path,
        params,
        isIndex: route.index === true,
        hasLoader: Boolean(loader),
        hasAction: Boolean(action),
        isPage: Boolean(component) && !path.endsWith('*'),
        isMissing: path.endsWith('*'),
      },
    ]
  })
}

/** Every address of a route. @param values of each parameter @throws naming a parameter that has none */
export function addressesOf(
  { id, path, params }: AdminRoute,
  values: Readonly<Record<string, readonly string[]>>,
): string[] {
  return params.reduce(
    (paths, name) => {
      const known = values[name]
      if (!known) throw new Error(`${id} has the parameter "${name}": say which values to try it with`)
      return paths.flatMap(each => known.map(value => each.replace(`:${name}`, value)))
    },
    [path.replace('*', 'no-such-page')],
  )
}

/** The address at which a route's own loader or action answers, without its page around it. */
export function dataAddress({ id, isIndex }: Pick<AdminRoute, 'id' | 'isIndex'>, path: string): string {
  const [pathname, query] = path.split('?')
  const params = new URLSearchParams(query)
  params.set('_data', id)
  return `${pathname}?${isIndex ? 'index&' : ''}${params}`
}

export type Asking = { apiKey: string; apiSecret: string; shop: string; form?: Record<string, string> }

/** Asks as App Bridge does, with a session token that has just been signed; a form is posted. */
export async function askAsMerchant(url: string, { form, ...signed }: Asking): Promise<Response> {
  return fetch(url, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${await sessionToken(signed)}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}
