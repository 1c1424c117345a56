import '@remix-run/node'
import type { Services } from './runtime/services.ts'

declare module '@remix-run/node' {
  /** What the server gives to every loader and action. */
  interface AppLoadContext {
    services: Pick<Services, 'checkWrite' | 'embedded' | 'merchant' | 'support' | 'log'>
    /** What scripts within the page must carry in the support console; undefined: it is another page. */
    nonce: string | undefined
    /** Of a long answer's body: it is made as the browser takes it (app/runtime/paced.ts). */
    paced(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  }
}
