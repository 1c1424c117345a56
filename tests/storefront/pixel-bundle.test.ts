/** The web pixel as one script: small, and registered with Shopify. */
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { BUNDLES, buildBundle, sizeOf } from '../../scripts/storefront.ts'

describe('the script of the web pixel', () => {
  const bundle =
    BUNDLES.find(({ name }) => name === 'web pixel') ?? expect.fail('The web pixel is not built.')

  it('is small, and registers itself', async () => {
    const built = await buildBundle(bundle)
    process.stdout.write(`${sizeOf(built, bundle)}\n`)
    expect(built.gzip).toBeLessThanOrEqual(bundle.most)
    const registered: unknown[] = []
    runInNewContext(built.code, { shopify: { extend: (...given: unknown[]) => registered.push(...given) } })
    expect(registered).toEqual(['WebPixel::Render', expect.any(Function)])
  })
})
