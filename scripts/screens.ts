/**
 * `npm run screens`: pictures of every screen of the merchant's admin and of the support console, at a desk's and a phone's width,
 * under docs/screens. Clock, numbers and events of the shop behind them are the same each time, so that a picture changes only when
 * its screen does. `npm run screens -- console event` takes those whose names begin with one of these.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Frame, Page } from 'playwright-core'
import type { Texts } from '../app/ui/i18n.ts'
import { WEEK_ENDS } from '../sandbox/demo/week.ts'
import { CONSOLE_SCREENS, type ConsoleScreen, consolePathOf } from '../tests/support/console-screens.ts'
import type { ConsoleShow } from '../tests/support/console-show.ts'
import { pathOf, SCREENS, type Screen } from '../tests/support/screens.ts'
import { type Show, startShow } from '../tests/support/show.ts'
import { leave } from '../tests/support/tabs.ts'
import { ensureBuild } from './build.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'docs/screens')
const WIDTHS = [1280, 390] as const
/** All pictures together; more would weigh on everybody who clones the repository. */
const MOST_BYTES = 8 * 2 ** 20
const LOCALE = 'en'
const ALL = [...SCREENS, ...CONSOLE_SCREENS]
const asked = process.argv.slice(2)
const wanted = ({ name }: { name: string }) => asked.length === 0 || asked.some(each => name.startsWith(each))

ensureBuild()
mkdirSync(FOLDER, { recursive: true })
const texts: Texts = JSON.parse(readFileSync(join(ROOT, `app/ui/locales/${LOCALE}.json`), 'utf8'))
let changed = 0
const show = await startShow()
try {
  for (const screen of SCREENS.filter(wanted))
    for (const width of WIDTHS) keep(screen, width, await take(show, screen, width))
  if (CONSOLE_SCREENS.some(wanted)) await takeConsole(show)
} finally {
  await show.close()
}
removeOthers()
writeFileSync(join(FOLDER, 'README.md'), index())
const bytes = globSync('*.png', { cwd: FOLDER })
  .map(file => readFileSync(join(FOLDER, file)).length)
  .reduce((sum, each) => sum + each, 0)
console.log(`${ALL.length} screens, ${changed} pictures changed, ${(bytes / 2 ** 20).toFixed(1)} MB in all`)
if (bytes > MOST_BYTES) {
  console.error(`The pictures are larger than ${MOST_BYTES / 2 ** 20} MB together.`)
  process.exitCode = 1
}

function fileOf({ name }: { name: string }, width: number): string {
  return `${name}-${width}.png`
}

function keep(screen: { name: string }, width: number, picture: Buffer): void {
  const name = fileOf(screen, width)
  const file = join(FOLDER, name)
  if (existsSync(file) && readFileSync(file).equals(picture)) return
  writeFileSync(file, picture)
  changed++
  console.log(`${name}  ${Math.round(picture.length / 1024)} kB`)
}

async function take({ open, ids }: Show, screen: Screen, width: number): Promise<Buffer> {
  const opened = await open({
    path: pathOf(screen, ids),
    width,
    locale: LOCALE,
    ...(screen.isNew && { isNew: true }),
    ...(screen.stands && { stands: screen.stands }),
  })
  try {
    await screen.prepare?.(opened.app, texts)
    return await picture(opened.page, opened.frame)
  } finally {
    await opened.close()
  }
}

async function takeConsole(show: Show): Promise<void> {
  const support = await show.console()
  try {
    for (const screen of CONSOLE_SCREENS.filter(wanted))
      for (const width of WIDTHS) keep(screen, width, await takeOfConsole(show, support, screen, width))
  } finally {
    await support.close()
  }
}

async function takeOfConsole(
  show: Show,
  support: ConsoleShow,
  screen: ConsoleScreen,
  width: number,
): Promise<Buffer> {
  const path = consolePathOf(screen, { ...show.ids, ...support.ids })
  const page = await support.open({ path, width, isNobody: screen.isNobody })
  try {
    await screen.prepare?.(page)
    return await picture(page, page.mainFrame())
  } finally {
    await leave(page)
  }
}

async function picture(page: Page, frame: Frame): Promise<Buffer> {
  await evenOut(frame)
  return page.screenshot({ animations: 'disabled', caret: 'hide' })
}

/**
 * Ids are made at random behind the time they begin with, stand-ins listen on any free port, and what the database dates by its own
 * clock is after the week's end.
 */
async function evenOut(frame: Frame): Promise<void> {
  await frame.evaluate(async end => {
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const port = /(127\.0\.0\.1):\d+/g
    const id = /\b([0-9a-f]{8}-[0-9a-f]{4}-7)[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
    const later = /\b[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{2}:\d{2}:\d{2} UTC/g
    for (let node = nodes.nextNode(); node; node = nodes.nextNode())
      if (node.nodeValue)
        node.nodeValue = node.nodeValue
          .replaceAll(id, '$1000-8000-000000000000')
          .replaceAll(port, '$1')
          .replaceAll(later, time =>
            Date.parse(time) > Date.parse(end) ? 'Nov 20, 2026, 17:30:00 UTC' : time,
          )
    await document.fonts.ready
  }, WEEK_ENDS)
}

/** Pictures of screens that are not in the list any more. */
function removeOthers(): void {
  const ours = new Set(ALL.flatMap(screen => WIDTHS.map(width => fileOf(screen, width))))
  for (const file of globSync('*.png', { cwd: FOLDER })) if (!ours.has(file)) rmSync(join(FOLDER, file))
}

function index(): string {
  const partOf = (screen: { name: string; caption: string }) => `### ${screen.caption}

<img src="${fileOf(screen, 1280)}" width="720" alt="${screen.caption}, at a desk"> <img src="${fileOf(screen, 390)}" width="220" alt="${screen.caption}, on a phone">
`
  return `# The screens

Made by \`npm run screens\`, each at a width of 1280 and of 390 pixels.

## The merchant's admin

In the stand-in admin of the demo: a week of orders, a tool whose key stopped working, another that support holds or that is switched off, and a shop that has just installed Sluice.

${SCREENS.map(partOf).join('\n')}
## The support console

Beside that shop 120 others, in a vendor's outage.

${CONSOLE_SCREENS.map(partOf).join('\n')}`
}
