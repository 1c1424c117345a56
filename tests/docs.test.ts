/**
 * The documents name what exists: every path, every npm script, every setting, row and table. A document that
 * drifts from the code fails here, with the sentence that is wrong.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANE_STATES } from '../app/delivery/lane.ts'
import { DEAD_REASONS, HELD_REASONS } from '../app/delivery/outcome.ts'
import { VENDORS } from '../app/vendors/registry.ts'
import { fieldsOf } from '../app/vendors/settings.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].filter(path =>
  existsSync(join(ROOT, path)),
)
const SCRIPTS: Record<string, unknown> = JSON.parse(read('package.json')).scripts
/** Folders that are made by running something: `build/`, `.data/`. */
const MADE = read('.gitignore')
  .split('\n')
  .filter(line => line.endsWith('/'))

const FENCE = /^ *```[^\n]*\n.*?^ *```/gms
const IN_ROOM = /(?:app|bench|docs|extensions|prisma|public|sandbox|scripts|tests)\/[\w./*<>-]*/
const FILE_AT_ROOT = /^\.?[\w-]+(?:\.[\w-]+)*\.(?:cjs|mjs|js|json|md|toml|ts|tsx|yaml|yml)$/
/** Files that every vendor's folder has; said of all of them at once. */
const IN_EVERY_VENDOR = new Set(['index.ts', 'setup.md', 'samples.ts'])

/** What stands in single backticks and looks like a path of the repository, and paths inside fenced blocks. */
function pathsIn(text: string): string[] {
  const fences = text.match(FENCE) ?? []
  const spans = [...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(match => match[1] ?? '')
  const whole = spans.filter(span => new RegExp(`^${IN_ROOM.source}$`).test(span) || FILE_AT_ROOT.test(span))
  const inBlocks = [...spans.filter(span => span.includes(' ')), ...fences].flatMap(block =>
    [...block.matchAll(new RegExp(`(?<![\\w./:@-])${IN_ROOM.source}`, 'g'))].map(match =>
      match[0].replace(/\.$/, ''),
    ),
  )
  return [...new Set([...whole, ...inBlocks])].filter(path => !IN_EVERY_VENDOR.has(path))
}

/** `*` and `<name>` stand for any one name. */
function exists(path: string): boolean {
  if (MADE.some(folder => `${path}/`.startsWith(folder))) return true
  const pattern = path.replace(/<[\w-]+>/g, '*')
  return pattern.includes('*') ? globSync(pattern, { cwd: ROOT }).length > 0 : existsSync(join(ROOT, pattern))
}

/** Names of scripts run by `npm run …`, `npm test`, `npm start`. */
function scriptsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(
    match => match[1] ?? match[2] ?? '',
  )
}

/** Targets of links to other files of the repository. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)]
    .map(match => match[1] ?? '')
    .filter(target => !/^[a-z]+:/.test(target))
}

describe('what a document names is found in its text', () => {
  it('a path in backticks, a file at the root, a path in a block and in a command', () => {
    const text = '`app/x.ts` `server.ts` `node scripts/y.ts z`\n```\nbash  (docs/q.md) other\n```\n'
    expect(pathsIn(text).sort()).toEqual(['app/x.ts', 'docs/q.md', 'scripts/y.ts', 'server.ts'])
  })

  it('but neither routes, addresses, packages, values nor plain words', () => {
    const text =
      '`/app/orders` `https://a.example/app/x.ts` `@prisma/app/x` `orders/create` `17:ecomail` app/x.ts'
    expect(pathsIn(text)).toEqual([])
  })

  it('scripts and links', () => {
    expect(scriptsIn('`npm run a:b -- c`, npm test, npm install, npm start')).toEqual([
      'a:b',
      'test',
      'start',
    ])
    expect(linksIn('[a](b.md) [c](../d.md#e) [f](https://example.com) [g](#h)')).toEqual(['b.md', '../d.md'])
  })

  it('and a path that does not exist is told from one that does', () => {
    expect(exists('app/config.ts')).toBe(true)
    expect(exists('app/vendors/<name>/index.ts')).toBe(true)
    expect(exists('bench/results/x.json')).toBe(true)
    expect(exists('app/nowhere.ts')).toBe(false)
    expect(exists('app/nowhere/*.ts')).toBe(false)
  })
})

describe.each(DOCUMENTS)('%s', path => {
  const text = read(path)

  it('names only paths that exist', () => {
    expect(pathsIn(text).filter(named => !exists(named))).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    expect(scriptsIn(text).filter(name => !Object.hasOwn(SCRIPTS, name))).toEqual([])
  })

  it('links only to files that exist', () => {
    expect(linksIn(text).filter(target => !existsSync(resolve(ROOT, dirname(path), target)))).toEqual([])
  })
})

it('the schema listed the states of a lane without "paused", and named another file', () => {
  const said = `/// In the order of how bad it is: ${LANE_STATES.join(', ')} (app/insights/lane-stands.ts)`
  expect(
    read('prisma/schema.prisma')
      .split('\n')
      .map(line => line.trim()),
  ).toContain(said)
})

/** The text with one blank at each side of a table's cells, however they are aligned. */
function cells(text: string): string {
  return text.replace(/ {2,}/g, ' ')
}

describe('docs/architecture.md', () => {
  const text = cells(read('docs/architecture.md'))
  const tables = [...read('prisma/schema.prisma').matchAll(/@@map\("(\w+)"\)/g)].map(match => match[1])

  it('names every table', () => {
    expect(tables.filter(table => !text.includes(`| \`${table}\` |`))).toEqual([])
  })

  it('names every room', () => {
    const rooms = globSync('app/*/', { cwd: ROOT }).map(room => `${room.replace(/\/$/, '')}/`)
    expect(rooms.filter(room => !text.includes(`| \`${room}\` |`))).toEqual([])
  })
})

describe('docs/architecture.md, of chores', () => {
  const text = cells(read('docs/architecture.md'))
  const chores = [...read('app/runtime/chores.ts').matchAll(/^ +name: '([\w-]+)',$/gm)].map(match => match[1])

  it('names every one', () => {
    expect(chores).toContain('sweep')
    expect(chores.filter(chore => !text.includes(`| \`${chore}\` |`))).toEqual([])
  })
})

describe('docs/delivery.md', () => {
  const text = read('docs/delivery.md')

  it('names every reason why a delivery is held or dead', () => {
    const reasons = [...Object.keys(HELD_REASONS), ...Object.keys(DEAD_REASONS)]
    expect(reasons.filter(reason => !text.includes(`\`${reason}\``))).toEqual([])
  })
})

describe('README.md', () => {
  const text = read('README.md')
  const settings = ['app/config.ts', 'app/config-alerts.ts', 'app/config-support.ts'].flatMap(path =>
    [...read(path).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(match => match[1]),
  )

  it('has every setting in its table', () => {
    expect(settings).toContain('DATABASE_URL')
    const rows = text.split('\n').filter(line => line.startsWith('| `'))
    expect(settings.filter(name => !rows.some(row => row.includes(`\`${name}\``)))).toEqual([])
  })
})

describe('docs/vendors.md', () => {
  const text = cells(read('docs/vendors.md'))

  describe.each(VENDORS.map(vendor => [vendor.name, vendor] as const))('%s', (name, vendor) => {
    const section = text.split(/^## /m).find(part => part.startsWith(`${name}\n`)) ?? ''

    it('has every setting, and no other, in the table of its section', () => {
      const [, table = ''] = section.split('| setting | meaning |')
      const [body = ''] = table.split('\n\n')
      const first = body.split('\n').map(line => line.split('|')[1] ?? '')
      const named = first.flatMap(cell => [...cell.matchAll(/`(\w+)`/g)].map(match => match[1]))
      expect(named.sort()).toEqual(
        fieldsOf(vendor)
          .map(field => field.name)
          .sort(),
      )
    })

    it('has every row in the table of what goes where, in italics when it is optional', () => {
      const column = VENDORS.indexOf(vendor) + 2
      const lines = text.split('\n').filter(line => line.startsWith('| `'))
      const cell = (type: string) =>
        lines
          .find(line => line.startsWith(`| \`${type}\` |`))
          ?.split('|')
          [column]?.trim() ?? ''
      const wrong = Object.entries(vendor.rows).filter(([type, row]) => {
        const said = cell(type)
        return said === '' || said === '–' || /^[*_]/.test(said) === row.byDefault
      })
      expect(wrong.map(([type]) => type)).toEqual([])
    })
  })
})
