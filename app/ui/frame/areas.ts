/** What is known of a merchant's page by its address alone: the area that it belongs to. */
const AREAS = {
  '/app/vendors': 'vendors.title',
  '/app/activity/replays': 'activity.replays.title',
  '/app/activity': 'activity.title',
  '/app/accuracy': 'accuracy.title',
  '/app/settings': 'settings.title',
  '/app/support': 'deeds.title',
  '/app': 'home.title',
} as const

type Area = keyof typeof AREAS

/** @returns the key of its title, of the most particular area; what is in none belongs to the first page */
export function areaOf(path: string): (typeof AREAS)[Area] {
  const found = (Object.keys(AREAS) as Area[]).find(area => path === area || path.startsWith(`${area}/`))
  return AREAS[found ?? '/app']
}
