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

/** What is known of a page by its address alone: the area that it belongs to, whose texts have a title. */
export function areaOf(path: string): PageName | 'sessions' {
  if (path === '/support/sessions') return 'sessions'
  const names = Object.keys(PAGES) as PageName[]
  return names.find(name => name !== 'shops' && path.startsWith(PAGES[name].url)) ?? 'shops'
}
