/** The demo's stores: the one that it shows at a fixed address, and one of each new shop, from when somebody visits it. */
import type { AdminStandIn } from '../store/admin/contract.ts'
import type { Pixel } from '../store/pixel.ts'
import { type Storefront, type StorefrontOptions, startStorefront } from '../store/storefront.ts'

export type StoresOptions = Pick<StorefrontOptions, 'appUrl' | 'secret' | 'inboxUrl' | 'nextOrder'> & {
  /** Hears of each webhook before it is sent. */
  tells(topic: string, body: string, shop: string): void
  /** Knows what each shop's web pixel was set to. */
  admin: Pick<AdminStandIn, 'pixel'>
  pixel: Pick<Pixel, 'file' | 'needs'>
}
export type Stores = {
  /** The shop's own, which tells the app of its catalogue and its address. @param port 0: any free one */
  open(shop: string, port: number): Promise<Storefront>
  /**
   * The store of any shop, started by the first who asks. It tells nothing of itself: its port is another at the next start.
   * @returns its address
   */
  urlOf(shop: string): Promise<string>
  close(): Promise<void>
}

export function createStores({ admin, pixel, tells, ...shared }: StoresOptions): Stores {
  const started = new Map<string, Promise<Storefront>>()
  const start = (shop: string, own: Pick<StorefrontOptions, 'port' | 'announce'>) => {
    const store = startStorefront({
      ...shared,
      ...own,
      shop,
      tells: (topic, body) => tells(topic, body, shop),
      pixel: { ...pixel, settings: () => admin.pixel(shop)?.settings ?? null },
    })
    started.set(shop, store)
    return store
  }
  return {
    open: (shop, port) => start(shop, { port }),
    urlOf: async shop => (await (started.get(shop) ?? start(shop, { announce: false }))).url,
    async close() {
      const stores = await Promise.allSettled(started.values())
      await Promise.all(stores.map(store => store.status === 'fulfilled' && store.value.close()))
    },
  }
}
