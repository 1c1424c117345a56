/** The mailbox of the demo: what its mail server was sent, as a list and one by one. */
import { readFileSync } from 'node:fs'
import { Router } from 'express'
import { escaped } from '../html.ts'
import { type ReadMail, readMail } from './read.ts'
import type { Mail } from './smtp.ts'

const STYLE = `${readFileSync(new URL('../vendors/page/base.css', import.meta.url), 'utf8')}
  main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere; }
  h1 { font-size: 1.4rem; margin-bottom: 1rem; }
  li, pre { padding: 0.75rem 1rem; background: var(--card); border: 1px solid var(--line); }
  ol { list-style: none; padding: 0; }
  a { color: var(--accent); }
  p { color: var(--quiet); }
  pre { margin-top: 1rem; white-space: pre-wrap; font: inherit; }`

/** @param mails oldest first, those that are yet to come included @param base where it is shown: "/mailbox" */
export function mailboxPage(mails: readonly Mail[], base: string): Router {
  const pages = Router()
  pages.get('/', (_request, response) => {
    const items = mails.map((mail, at) => listed(readMail(mail), `${base}/${at + 1}`)).reverse()
    const empty = '<p>No mail has come yet. Alerts are looked for once a minute; reload the page.</p>'
    response.type('html').send(page('Mailbox', items.length > 0 ? `<ol>${items.join('')}</ol>` : empty))
  })
  pages.get('/:number', (request, response) => {
    const mail = mails[Number(request.params.number) - 1]
    if (mail) response.type('html').send(whole(readMail(mail), base))
    else
      response
        .status(404)
        .type('html')
        .send(page('No such mail', backTo(base)))
  })
  return pages
}

const backTo = (base: string) => `<p><a href="${base}">Mailbox</a></p>`

const listed = ({ to, subject, date }: ReadMail, href: string) =>
  `<li><a href="${href}">${escaped(subject)}</a><p>to ${escaped(to.join(', '))}, ${escaped(date)}</p></li>`

const whole = ({ from, to, subject, date, text }: ReadMail, base: string) =>
  page(
    subject,
    `<p>from ${escaped(from)} to ${escaped(to.join(', '))}, ${escaped(date)}</p><pre>${escaped(text)}</pre>${backTo(base)}`,
  )

const page = (title: string, content: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main><h1>${escaped(title)}</h1>${content}</main></body>
</html>`
