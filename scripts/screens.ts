/**
 * `npm run screens`: pictures of every screen of the merchant's admin, at a desk's and a phone's width, under docs/screens. Clock,
 * numbers and events of the shop behind them are the same each time, so that a picture changes only when its screen does.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Frame } from 'playwright-core'
import type { Texts } from '../app/ui/i18n.ts'
import { pathOf, SCREENS, type Screen } from '../tests/support/screens.ts'
import { type Show, startShow } from '../tests/support/show.ts'
import { ensureBuild } from './build.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'docs/screens')
const WIDTHS = [1280, 390] as const
/** All pictures together; more would weigh on everybody who clones the repository. */
const MOST_BYTES = 5 * 2 ** 20
const LOCALE = 'en'

ensureBuild()
mkdirSync(FOLDER, { recursive: true })
const texts: Texts = JSON.parse(readFileSync(join(ROOT, `app/ui/locales/${LOCALE}.json`), 'utf8'))
const show = await startShow()
let bytes = 0
let changed = 0
try {
  for (const screen of SCREENS) {
    for (const width of WIDTHS) {
      const picture = await take(show, screen, width)
      const file = join(FOLDER, fileOf(screen, width))
      bytes += picture.length
      if (existsSync(file) && readFileSync(file).equals(picture)) continue
      writeFileSync(file, picture)
      changed++
      console.log(`${fileOf(screen, width)}  ${Math.round(picture.length / 1024)} kB`)
    }
  }
} finally {
  await show.close()
}
removeOthers()
writeFileSync(join(FOLDER, 'README.md'), index())
console.log(
  `${SCREENS.length} screens, ${changed} pictures changed, ${(bytes / 2 ** 20).toFixed(1)} MB in all`,
)
if (bytes > MOST_BYTES) {
  console.error(`The pictures are larger than ${MOST_BYTES / 2 ** 20} MB together.`)
  process.exitCode = 1
}

function fileOf({ name }: Screen, width: number): string {
  return `${name}-${width}.png`
}

async function take({ open, ids }: Show, screen: Screen, width: number): Promise<Buffer> {
  const opened = await open({
    path: pathOf(screen, ids),
    width,
    locale: LOCALE,
    ...(screen.isNew && { isNew: true }),
  })
  try {
    await screen.prepare?.(opened.app, texts)
    await evenOut(opened.frame)
    return await opened.page.screenshot({ animations: 'disabled', caret: 'hide' })
  } finally {
    await opened.close()
  }
}

/** Ids are made at random behind the time they begin with, stand-ins listen on any free port, and numbers are counted by the true time. */
async function evenOut(frame: Frame): Promise<void> {
  await frame.evaluate(async () => {
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const port = /(127\.0\.0\.1):\d+/g
    const id = /\b([0-9a-f]{8}-[0-9a-f]{4}-7)[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
    for (let node = nodes.nextNode(); node; node = nodes.nextNode())
      if (node.nodeValue)
        node.nodeValue = node.nodeValue.replaceAll(id, '$1000-8000-000000000000').replaceAll(port, '$1')
    for (const node of document.querySelectorAll('[data-counted]'))
      node.textContent = (node.textContent ?? '').replace(/\d{1,2}:\d{2}/, '17:30')
    await document.fonts.ready
  })
}

/** Pictures of screens that are not in the list any more. */
function removeOthers(): void {
  const ours = new Set(SCREENS.flatMap(screen => WIDTHS.map(width => fileOf(screen, width))))
  for (const file of globSync('*.png', { cwd: FOLDER })) if (!ours.has(file)) rmSync(join(FOLDER, file))
}

function index(): string {
  const parts = SCREENS.map(
    screen => `## ${screen.caption}

<img src="${fileOf(screen, 1280)}" width="720" alt="${screen.caption}, at a desk"> <img src="${fileOf(screen, 390)}" width="220" alt="${screen.caption}, on a phone">
`,
  )
  return `# The screens of the merchant's admin

Made by \`npm run screens\`, in the stand-in admin of the demo: a week of orders, a tool whose key stopped working, and a shop that has just
installed Sluice. Each at a width of 1280 and of 390 pixels.

${parts.join('\n')}`
}
