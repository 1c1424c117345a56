/** The console's pages that the navigation leads to, in its order. Each name is an area of the texts with a title. */
export type PageName = 'shops' | 'fleet' | 'audit' | 'accounts' | 'keys'
type Page = {
  url: string
  /** Pages that belong to it. */
  under?: string[]
  adminsOnly?: boolean
}

export const PAGES: Readonly<Record<PageName, Page>> = {
  shops: { url: '/support', under: ['/support/shops'] },
  fleet: { url: '/support/fleet', under: ['/support/fleet/'] },
  audit: { url: '/support/audit' },
  accounts: { url: '/support/accounts', adminsOnly: true },
  keys: { url: '/support/keys', adminsOnly: true },
}
