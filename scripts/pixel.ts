/**
 * `node scripts/pixel.ts`: the web pixel as Shopify's CLI bundles it on a deploy (esbuild: one classic script, ES6,
 * minified), for the sandbox store and the tests. What shops run is built by Shopify's CLI from the same sources.
 */
import { globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const ROOT = resolve(import.meta.dirname, '..')
const ENTRY = 'extensions/pixel/src/index.ts'
export const PIXEL_FILE = join(ROOT, 'extensions/pixel/dist/pixel.js')
/** Bytes after gzip. */
export const PIXEL_MOST = 2560

/** Sizes in bytes. */
export type Built = { code: string; bytes: number; gzip: number }

/** Always the same for the same sources. */
export async function buildPixel(): Promise<Built> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: 'esbuild',
      target: 'es2015',
      lib: { entry: join(ROOT, ENTRY), formats: ['iife'], name: 'pixel' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (chunk === undefined) throw new Error(`${ENTRY} was not built.`)
  const { code } = chunk
  return { code, bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).byteLength }
}

/** Builds it when its sources are newer than the build. @returns the path of the built script */
export async function ensurePixel(): Promise<string> {
  const builtAt = statSync(PIXEL_FILE, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = globSync(['extensions/pixel/src/*.ts', 'scripts/pixel.ts'], { cwd: ROOT })
  if (sources.some(file => statSync(join(ROOT, file)).mtimeMs > builtAt)) {
    const { code } = await buildPixel()
    mkdirSync(dirname(PIXEL_FILE), { recursive: true })
    writeFileSync(PIXEL_FILE, code)
  }
  return PIXEL_FILE
}

export const pixelSize = ({ bytes, gzip }: Built): string =>
  `${ENTRY}: ${bytes} bytes, ${gzip} after gzip (at most ${PIXEL_MOST})`

if (import.meta.main) {
  await ensurePixel()
  console.log(pixelSize(await buildPixel()))
}
