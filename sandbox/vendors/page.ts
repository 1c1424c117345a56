/** The inbox page: markup, style and script joined into one document that needs nothing else. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The document, and a Content-Security-Policy that allows exactly its own style, script and data. */
export function inboxPage(): { html: string; policy: string } {
  const style = `${read('base.css')}\n${read('inbox.css')}`
  const script = read('inbox.js')
  // Replacing by function: a "$&" in the script must stay as it is.
  const html = read('inbox.html')
    .replace('/* style */', () => style)
    .replace('/* script */', () => script)
  const policy = `default-src 'none'; connect-src 'self'; img-src data:; style-src ${hash(style)}; script-src ${hash(script)}`
  return { html, policy }
}
