/**
 * What the pixel keeps in the storefront's localStorage, only with consent: the visitor, which the theme's script
 * keeps there as well, and events not yet taken.
 */
import type { BrowserLocalStorage } from '@shopify/web-pixels-extension'
import { joined, type Waiting } from './waiting.ts'

const VISITOR = 'sluice'
const WAITING = 'sluice:p'
const THIRTEEN_MONTHS = 396 * 24 * 60 * 60 * 1000

/**
 * `v` visitor id, `t` since when, `c` last signed-in customer, `e` when the theme's script last ran; times in Unix ms.
 */
export type Visitor = { v: string; t: number; c?: string | null; e?: number }

export function openStore(storage: BrowserLocalStorage, mayCollect: () => boolean) {
  const read = async (key: string) => JSON.parse((await storage.getItem(key)) as string)

  /** The visitor may have withdrawn while something was read. */
  const write = async (key: string, value: unknown) => {
    if (mayCollect()) await storage.setItem(key, JSON.stringify(value))
  }

  /** Undefined when there is none, or it cannot be read. */
  const readVisitor = async (): Promise<Visitor | undefined> => {
    try {
      const visitor = await read(VISITOR)
      // Other scripts of the shop can write here, too.
      if (/^[\w.-]{1,200}$/.test(visitor.v)) return visitor
    } catch {}
  }

  const forget = () => Promise.all([VISITOR, WAITING].map(key => storage.removeItem(key)))

  return {
    forget,

    /**
     * Begins anew after 13 months, and for another customer than before: two people share this browser.
     * @param customer id of the customer who is signed in
     * @returns undefined when nothing can be stored: who is known on one page only is no visitor
     */
    async recogniseVisitor(customer: string | null): Promise<Visitor | undefined> {
      let known = await readVisitor()
      const c = customer ?? known?.c
      if (!known || !(Date.now() - known.t <= THIRTEEN_MONTHS) || (known.c && known.c !== c)) {
        if (known) await forget()
        known = { v: crypto.randomUUID(), t: Date.now(), e: known?.e }
      } else if (known.c === c) return known
      await write(VISITOR, { ...known, c })
      return readVisitor()
    },

    async readWaiting(): Promise<Waiting[]> {
      try {
        return joined(await read(WAITING))
      } catch {
        return []
      }
    },

    writeWaiting: (waiting: Waiting[]) => write(WAITING, waiting),
  }
}
