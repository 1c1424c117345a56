/**
 * `npm run storefront`: builds the scripts that run in shops' storefronts from storefront/. What Shopify's CLI
 * uploads as it is (an asset of the theme app extension) is committed; a test compares it with a fresh build.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { minify } from 'terser'
import { build } from 'vite'

const ROOT = resolve(import.meta.dirname, '..')

/** `most`: bytes after gzip that pass, so that a script never grows unseen. */
export type Bundle = { name: string; entry: string; output: string; most: number }

export const BUNDLES: readonly Bundle[] = [
  {
    name: 'theme app extension',
    entry: 'storefront/embed/main.ts',
    output: 'extensions/storefront/assets/sluice.js',
    most: 2048,
  },
  {
    name: 'debug mode of the theme app extension',
    entry: 'storefront/debug/main.ts',
    output: 'extensions/storefront/assets/sluice-debug.js',
    most: 1024,
  },
]

/**
 * Has Chromium compile all functions while it reads the script, instead of each when it is first called: most of them are
 * called on every page (https://v8.dev/blog/explicit-compile-hints). To other browsers it is a comment.
 */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad'

/** Sizes in bytes. */
export type Built = { code: string; bytes: number; gzip: number }

/** Always the same for the same sources. */
export async function buildBundle({ entry }: Bundle): Promise<Built> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2020',
      modulePreload: false,
      lib: { entry: join(ROOT, entry), formats: ['es'] },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (chunk === undefined) throw new Error(`${entry} was not built.`)
  // Properties keep their names: they are the wire's, the page's and the browser's.
  const { code = '' } = await minify(chunk.code, {
    module: true,
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true, hoist_funs: true, conditionals: false },
    format: { comments: false },
  })
  const script = `${COMPILE_HINT}\n(()=>{${code.trimEnd()}})()`
  return { code: script, bytes: Buffer.byteLength(script), gzip: gzipSync(script, { level: 9 }).byteLength }
}

export const sizeOf = ({ bytes, gzip }: Built, { output, most }: Bundle) =>
  `${output}: ${bytes} bytes, ${gzip} after gzip (at most ${most})`

if (import.meta.main) {
  for (const bundle of BUNDLES) {
    const built = await buildBundle(bundle)
    writeFileSync(join(ROOT, bundle.output), built.code)
    console.log(sizeOf(built, bundle))
  }
}
