import { expect, it } from 'vitest'
import { areaOf } from './areas.ts'

it.each([
  ['/app', 'home.title'],
  ['/app/vendors', 'vendors.title'],
  ['/app/vendors/alana/preview', 'vendors.title'],
  ['/app/activity/replays', 'activity.replays.title'],
  ['/app/activity/01930000-0000-7000-8000-00000000ffff', 'activity.title'],
  ['/app/nowhere', 'home.title'],
])('%s is of %s', (path, title) => expect(areaOf(path)).toBe(title))
