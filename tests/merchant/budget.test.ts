/** How much script a page of the admin has a browser load: what all pages share (docs/admin.md), and each page's own. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { adminRoutesOf, serverBuild } from '../support/admin-routes.ts'

const CLIENT = resolve(import.meta.dirname, '../../build/client')
const FRAME = 'routes/app'
const KB = 1024
/** After gzip. React, Remix, i18next, and of Polaris what every page uses, what says that something went wrong among it. */
const MOST_SHARED = 220 * KB
/** What one page adds to that. */
const MOST_OWN = 30 * KB

const build = await serverBuild()
const { entry, routes } = build.assets
const sizes = new Map<string, number>()
function gzipOf(file: string): number {
  const size = sizes.get(file) ?? gzipSync(readFileSync(join(CLIENT, file))).length
  sizes.set(file, size)
  return size
}
const filesOf = (id: string) => {
  const route = routes[id]
  return route ? [route.module, ...(route.imports ?? [])] : []
}
const pages = adminRoutesOf(build).filter(({ id, isPage }) => id !== FRAME && isPage)
const inAll = pages
  .map(({ id }) => filesOf(id))
  .reduce((common, files) => common.filter(file => files.includes(file)))
const shared = new Set([entry.module, ...entry.imports, ...filesOf('root'), ...filesOf(FRAME), ...inAll])
const sumOf = (files: Iterable<string>) => [...files].reduce((sum, file) => sum + gzipOf(file), 0)
const shown = (bytes: number) => `${(bytes / KB).toFixed(1)} kB`

describe('the script of the admin, after gzip', () => {
  it('that all pages share stays within its budget', () => {
    process.stdout.write(`all pages: ${shown(sumOf(shared))}\n`)
    expect(sumOf(shared)).toBeLessThanOrEqual(MOST_SHARED)
  })

  it.each(pages.map(({ id }) => id))('of %s stays within its budget', id => {
    const own = new Set(filesOf(id).filter(file => !shared.has(file)))
    process.stdout.write(`${id}: ${shown(sumOf(own))} in ${own.size} files\n`)
    expect(own.size).toBeGreaterThan(0)
    expect(sumOf(own)).toBeLessThanOrEqual(MOST_OWN)
  })
})
