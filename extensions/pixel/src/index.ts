/** The web pixel: what Shopify's CLI bundles, and Shopify runs in a worker beside each page of the shop and its checkout. */
import { register } from '@shopify/web-pixels-extension'
import { startPixel } from './pixel.ts'

register(startPixel)
