import { expect, it } from 'vitest'
import { settingsOf } from './shop-settings-form.ts'

const saved = { retentionDays: null, language: null, alerts: { emails: [], webhook: null, kinds: [] } }
const emailsOf = (emails: string) =>
  settingsOf(
    {
      ...{ retentionDays: '90', language: null, emails, kinds: ['attention'] },
      ...{ webhook: '', webhookSecret: '', webhookOff: false },
    },
    saved,
    { platformDays: 90, mail: true },
  )

it('names a whole line that is no address, not its first word', () => {
  expect(emailsOf('a@example.com\r\nnot an address')).toEqual({
    problems: { emails: { problem: 'email_wrong', what: 'not an address' } },
  })
})

it('takes addresses by lines and commas, each once', () => {
  expect(emailsOf(' a@example.com \r\nb@example.com, a@example.com,\n')).toMatchObject({
    settings: { alerts: { emails: ['a@example.com', 'b@example.com'] } },
  })
})
