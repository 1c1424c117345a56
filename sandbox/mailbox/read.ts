/** What a person reads of a mail of one part, as the app sends them: RFC 5322, its words by RFC 2047, its text by RFC 2045. */
import type { Mail } from './smtp.ts'

export type ReadMail = { from: string; to: string[]; subject: string; date: string; text: string }

export function readMail({ from, to, data }: Mail): ReadMail {
  const [head = '', ...paragraphs] = data.split('\r\n\r\n')
  const unfolded = head.replace(/\r\n(?=[ \t])/g, '')
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(unfolded)?.[1] ?? ''
  const text = decoded(paragraphs.join('\r\n\r\n'), header('content-transfer-encoding'))
  return {
    from,
    to,
    subject: words(header('subject')),
    date: header('date'),
    text: text.replaceAll('\r\n', '\n'),
  }
}

function decoded(body: string, encoding: string): string {
  if (/^base64/i.test(encoding)) return Buffer.from(body, 'base64').toString()
  return /^quoted-printable/i.test(encoding) ? quotedPrintable(body.replace(/=\r\n/g, '')) : body
}

/** Space between encoded words is no part of the text. */
const words = (value: string) =>
  value
    .replace(/\?=[ \t]+=\?/g, '?==?')
    .replace(/=\?[^?]+\?([qb])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : quotedPrintable(text.replaceAll('_', ' ')),
    )

const quotedPrintable = (text: string) =>
  text.replace(/(?:=[0-9a-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString())
