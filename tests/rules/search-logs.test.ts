import { describe, expect, it } from 'vitest'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/credentials.ts'
import { searchLines } from '../support/search-logs.ts'

describe('the search through log lines finds', () => {
  it.each([
    ['a credential', `{"msg":"sent with ${DEMO_CREDENTIALS.alana.apiKey}"}`],
    ['an e-mail address', '{"customer":"mara@example.com"}'],
    ['an e-mail address', '{"url":"/subscribers/mara%40example.com/delete"}'],
    ['a bearer token', '{"headers":"Bearer abcdefghijkl"}'],
    ['a sealed secret', '{"secrets":"v1.k1.AbCdEfGhIjKlMnOpQrStUvWx"}'],
    ['a database password', '{"url":"postgresql://sluice:hunter2@127.0.0.1:5432/sluice"}'],
    ['a sealing key', `{"keys":"k1:${'A'.repeat(43)}="}`],
  ])('%s in %s', (what, line) => {
    expect(searchLines([line]).map(finding => finding.what)).toContain(what)
  })

  it('nothing in an ordinary line', () => {
    expect(
      searchLines([
        '{"level":"info","time":"2026-11-20T12:00:00.000Z","shop":"test-shop.myshopify.com","topic":"orders/create","webhook":"8f1c9a52-0000-4000-8000-000000000001","msg":"webhook"}',
      ]),
    ).toEqual([])
  })
})
