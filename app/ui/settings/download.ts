/**
 * Fetches an export page by page, in the browser. App Bridge puts a session token on each request, which a plain link of a frame
 * would not have, and each lasts a minute, so no single request may take long. Pages of JSON are members of one gzip file (RFC 1952,
 * 2.2); those of a table are parts of one text, which the browser has unpacked.
 */

import type { Separator } from '../../runtime/merchant-settings.ts'

const ADDRESS = '/app/settings/export'
/** Of one page, a moment apart. */
const TRIES = 3
const PAUSE_MS = 1_000

/** `part`: of the period, from 0 to 1. */
export type Progress = { count: number; part: number }
/** `separator`: of a table's cells; none: lines of JSON. */
type Asked = { since: string; until: string; separator?: Separator }
type Fetched = { file: Blob; count: number }

/** @throws when a page cannot be had, or the signal is given: nothing of it is left then */
export async function fetchExport(
  asked: Asked,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Fetched> {
  // Blobs are the browser's to keep, on disk where they are many: nothing of them is in the page's memory.
  const pages: Blob[] = []
  let count = 0
  let after: string | null = null
  do {
    const page: Page = await fetchPage(asked, after, signal)
    pages.push(page.file)
    count += page.count
    after = page.next
    onProgress({ count, part: page.part })
  } while (after !== null)
  return { file: new Blob(pages, { type: asked.separator ? 'text/csv' : 'application/gzip' }), count }
}

type Page = Fetched & { next: string | null; part: number }

async function fetchPage(asked: Asked, after: string | null, signal: AbortSignal): Promise<Page> {
  const search = new URLSearchParams({ ...asked, ...(after !== null && { after }) })
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(`${ADDRESS}?${search}`, { signal })
      if (!response.ok) throw new Error(`answered ${response.status}`)
      const { headers } = response
      return {
        file: await response.blob(),
        count: Number(headers.get('x-sluice-count')),
        part: Number(headers.get('x-sluice-part')),
        next: headers.get('x-sluice-next'),
      }
    } catch (error) {
      if (signal.aborted || tries === TRIES) throw error
      await new Promise(done => setTimeout(done, PAUSE_MS))
    }
  }
}

/** Hands the browser a file to save. */
export function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
